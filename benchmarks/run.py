"""Measures graphflow beside TensorFlow 1.15 in one interleaved run, and prints a table of medians and ratios.

    python benchmarks/run.py --tensorflow PYTHON_THAT_HAS_TENSORFLOW_1.15 [--rounds 3] [--seconds 1] [workload ...]

Machines are noisy, so each round measures both engines right after each other, A B A B, and the ratio is the median of the
rounds' ratios. Without --tensorflow only graphflow is measured.
"""
import argparse
import json
import os
import subprocess
import sys

from workloads import WORKLOADS

HERE = os.path.dirname(os.path.abspath(__file__))


class Engine:
    """A worker process (worker.py) that has imported one engine."""

    def __init__(self, python, module):
        environment = dict(os.environ, PYTHONPATH=os.path.dirname(HERE) if module == 'graphflow' else '')
        self.process = subprocess.Popen([python, os.path.join(HERE, 'worker.py'), module], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
        self.started = self.read()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit('a worker died; run worker.py by hand to see why')
        return json.loads(line)

    def measure(self, workload, seconds):
        self.process.stdin.write(json.dumps([workload, seconds]) + '\n')
        self.process.stdin.flush()
        return self.read()


def median(values):
    return sorted(values)[len(values) // 2]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--tensorflow', help='a python that has TensorFlow 1.15')
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--seconds', type=float, default=1.0, help='how long each engine steps in each round')
    parser.add_argument('workload', nargs='*', default=list(WORKLOADS))
    options = parser.parse_args()
    engines = {'graphflow': Engine(sys.executable, 'graphflow')}
    if options.tensorflow:
        engines['tensorflow'] = Engine(options.tensorflow, 'tensorflow')
    print('import: ' + ', '.join(f'{name} {e.started["import_s"]:.2f} s' for name, e in engines.items()))
    print(f'{"workload":24}' + ''.join(f'{name + " ms":>16}{"first s":>9}' for name in engines) + f'{"ratio":>8}')
    for workload in options.workload:
        rounds = [{name: e.measure(workload, options.seconds) for name, e in engines.items()}
                  for _ in range(options.rounds)]
        cells = ''.join(f'{median([r[name]["step_s"] for r in rounds]) * 1e3:16.3f}{rounds[0][name]["first_s"]:9.2f}'
                        for name in engines)
        ratio = ''
        if len(engines) == 2:
            ratio = f'{median([r["tensorflow"]["step_s"] / r["graphflow"]["step_s"] for r in rounds]):8.2f}'
        print(f'{workload:24}{cells}{ratio}')


main()
