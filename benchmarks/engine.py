"""Worker processes, one a peer."""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
_bytecode = tempfile.mkdtemp(prefix='graphflow-benchmark-')     # so that the checkout stays clean


def environment(peer, **more):
    """The environment variables for a process of that peer."""
    variables = {k: v for k, v in os.environ.items() if k not in ('PYTHONPATH', 'PYTHONDONTWRITEBYTECODE')}
    if peer == 'graphflow':
        variables['PYTHONPATH'] = os.path.dirname(HERE)
    return dict(variables, PYTHONPYCACHEPREFIX=_bytecode, TF_CPP_MIN_LOG_LEVEL='3', **more)


class Worker:
    """A process that has made the first step of a workload. None of its own where the peer lacks the
    workload."""

    def __init__(self, peer, python, workload, show_errors=False):
        self.process = subprocess.Popen(
            [python, os.path.join(HERE, 'worker.py'), peer, workload], env=environment(peer),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, universal_newlines=True,
            stderr=None if show_errors else subprocess.DEVNULL)
        self.peer, self.workload = peer, workload
        self.started = self._read()

    def _read(self):
        line = self.process.stdout.readline()
        if not line:
            print('%s failed at %s (--errors shows why)' % (self.peer, self.workload), file=sys.stderr)
            return {'missing': True}
        return json.loads(line)

    def measure(self, seconds):
        """The median seconds of a step and the peak of the process's memory in MB."""
        self.process.stdin.write(json.dumps(seconds) + '\n')
        self.process.stdin.flush()
        return self._read()

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def measure(workload, pythons, rounds, seconds, show_errors=False):
    """Measures one workload in all peers, A B A B.

    Args:
        workload: its name.
        pythons: {peer: python}.
        rounds: how often each peer's turn comes.
        seconds: how long it then steps.

    Returns:
        {peer: dict(version, import_s, first_s, step_s, ratio, peak_mb)}: medians over the rounds; `ratio` is
        how much longer than graphflow's the peer's steps take, in the median of the rounds' ratios.
    """
    workers = {peer: Worker(peer, python, workload, show_errors) for peer, python in pythons.items()}
    present = {peer: w for peer, w in workers.items() if 'missing' not in w.started}
    turns = [{peer: w.measure(seconds) for peer, w in present.items()} for _ in range(rounds)]
    for worker in workers.values():
        worker.end()
    results = {}
    for peer, worker in present.items():
        own = [turn[peer]['step_s'] for turn in turns]
        peak = max(turn[peer]['peak_mb'] for turn in turns)
        results[peer] = dict(worker.started, step_s=median(own), peak_mb=peak)
        if 'graphflow' in present:
            results[peer]['ratio'] = median([a / turn['graphflow']['step_s'] for a, turn in zip(own, turns)])
    return results


def median(values):
    return sorted(values)[len(values) // 2]
