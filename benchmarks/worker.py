"""One engine in one process: says how long its import took, then measures a workload a line of standard input."""
import importlib
import json
import os
import resource
import sys
import time

os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')


def main():
    engine = sys.argv[1]
    start = time.perf_counter()
    tf = importlib.import_module(engine)
    say(import_s=time.perf_counter() - start, version=tf.__version__)
    if hasattr(tf, 'logging'):
        tf.logging.set_verbosity(tf.logging.ERROR)
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import workloads
    built = {}
    for line in sys.stdin:
        name, seconds = json.loads(line)
        first = None
        if name not in built:
            with tf.Graph().as_default():
                tf.set_random_seed(1)
                step = built[name] = workloads.WORKLOADS[name](tf)
            start = time.perf_counter()
            step()
            first = time.perf_counter() - start
        say(step_s=measure(built[name], seconds), first_s=first,
            peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def measure(step, seconds):
    """The median seconds of one step, over at least five steps and at least `seconds`."""
    times, end = [], time.perf_counter() + seconds
    while len(times) < 5 or time.perf_counter() < end:
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return sorted(times)[len(times) // 2]


def say(**values):
    print(json.dumps(values), flush=True)


main()
