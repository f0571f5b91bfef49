"""One peer and one workload in one process: reports the first step, then measures when a line of input says
how long.

    python worker.py PEER WORKLOAD
"""
import importlib
import json
import os
import resource
import sys
import time

os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[0] = HERE


def main():
    peer, workload = sys.argv[1:]
    channel = os.fdopen(os.dup(1), 'w')     # what libraries print goes elsewhere
    os.dup2(2, 1)

    def say(**values):
        channel.write(json.dumps(values) + '\n')
        channel.flush()

    start = time.perf_counter()
    module = importlib.import_module('peers.' + peer)
    imported = time.perf_counter() - start
    build = module.WORKLOADS.get(workload)
    if build is None:
        return say(missing=True)
    step = build()
    start = time.perf_counter()
    step()
    say(version=module.VERSION, import_s=imported, first_s=time.perf_counter() - start)
    for line in sys.stdin:
        step_s = measure(step, json.loads(line))
        say(step_s=step_s, peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def measure(step, seconds):
    """The median seconds of one step over `seconds`, at least three steps, or one that takes longer than
    all."""
    times, end = [], time.perf_counter() + seconds
    while not times or time.perf_counter() < end or (len(times) < 3 and times[0] < seconds):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return sorted(times)[len(times) // 2]


main()
