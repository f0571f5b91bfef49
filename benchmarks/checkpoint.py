"""Measures saving and restoring 1 GB of variables, beside TensorFlow 1.15, A B A B.

    python benchmarks/checkpoint.py [--tensorflow PY] [--megabytes 1000] [--rounds 3] [--folder DIR]

Prints the median seconds of a save, of a restore into a session without values (`fresh`) and of one over values that are
there (`over`), and how far the peak memory of the process lies above the memory it had with its variables.
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

VARIABLES = 20


def resident():
    """Megabytes of memory in use."""
    with open('/proc/self/statm') as f:
        return int(f.read().split()[1]) * resource.getpagesize() / 2**20


def peak():
    """The most that it ever was."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def work(library, folder, megabytes, what):
    """Does one of the three in this process, the second time timed, and prints its figures as JSON."""
    tf = __import__(library)
    rows = max(1, int(megabytes * 2**20 / 4 / 1024 / VARIABLES))
    for i in range(VARIABLES):
        tf.Variable(tf.fill([rows, 1024], float(i)), name='v%d' % i)
    saver, path = tf.train.Saver(), os.path.join(folder, 'model')
    with tf.Session() as session:
        if what != 'fresh':
            session.run(tf.global_variables_initializer())
        else:
            session.run(tf.constant(0.))        # loads the kernels

        def once():
            begin = time.perf_counter()
            if what == 'save':
                saver.save(session, path, write_meta_graph=False)
            else:
                saver.restore(session, path)
            return time.perf_counter() - begin
        before = resident() if what != 'fresh' else resident() + VARIABLES * rows / 256
        seconds = once()
        above = peak() - before
        if what != 'fresh':     # a session that has no values has them after the first time
            seconds = once()
    print(json.dumps({'seconds': seconds, 'above': above}))


def measure(python, library, folder, megabytes, what):
    environment = dict(os.environ, TF_CPP_MIN_LOG_LEVEL='3')
    if library == 'graphflow':
        environment['PYTHONPATH'] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    done = subprocess.run([python, os.path.abspath(__file__), '--work', library, folder, str(megabytes), what],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main():
    if sys.argv[1:2] == ['--work']:
        library, folder, megabytes, what = sys.argv[2:]
        return work(library, folder, float(megabytes), what)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--tensorflow', metavar='PY', help='a python that has TensorFlow 1.15')
    parser.add_argument('--megabytes', type=float, default=1000)
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--folder', help='where to write (default: the folder of temporary files)')
    options = parser.parse_args()
    engines = [('graphflow', sys.executable)] + ([('tensorflow', options.tensorflow)] if options.tensorflow else [])
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        print('%-6s' % '', *('%24s' % name for name, _ in engines))
        for what in 'save', 'fresh', 'over':
            found = {name: [] for name, _ in engines}
            for _ in range(options.rounds):
                for name, python in engines:
                    place = os.path.join(folder, name)
                    os.makedirs(place, exist_ok=True)
                    found[name].append(measure(python, name, place, options.megabytes, what))
            cells = ['%6.2f s %+6.0f MB' % (statistics.median(r['seconds'] for r in rounds), max(r['above'] for r in rounds))
                     for rounds in found.values()]
            print('%-6s' % what, *('%24s' % cell for cell in cells), flush=True)


if __name__ == '__main__':
    main()
