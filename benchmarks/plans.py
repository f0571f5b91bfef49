"""How long a session takes to make a plan, by the number of nodes: it should grow as they do.

    python plans.py MODULE NODES        (a process of its own for each measurement)
"""
import json
import subprocess
import sys
import time

NODES = 500, 1000, 2000, 4000


def measure(peer, python, rounds):
    """Rows (label, text) for the peer: seconds to build the graph, and to plan it."""
    from engine import environment, median
    rows = []
    for nodes in NODES:
        turns = []
        for _ in range(rounds + 1):     # the first one compiles kernels
            out = subprocess.run([python, __file__, peer, str(nodes)], env=environment(peer), check=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
            turns.append(json.loads(out.splitlines()[-1]))
        build, plan, step = (median([t[k] for t in turns[1:]]) for k in ('build', 'plan', 'step'))
        rows.append(('%d nodes' % nodes, 'build %.0f ms, plan %.0f ms (%.0f us a node), then %.2f ms a run'
                     % (build * 1e3, plan * 1e3, plan / nodes * 1e6, step * 1e3)))
    return rows


def main(module, nodes):
    import importlib
    tf = importlib.import_module('tensorflow.compat.v1' if module == 'tensorflow2' else module)
    if module == 'tensorflow2':
        tf.disable_v2_behavior()
    with tf.Session() as session:       # loads the kernels, and starts what a first run starts
        session.run(tf.tanh(tf.matmul(tf.placeholder_with_default([[1.0]], [1, 1]), [[1.0]]) + [1.0]))
    start = time.perf_counter()
    x = h = tf.placeholder(tf.float32, [1, 8])
    w, b = tf.fill([8, 8], 0.1), tf.fill([8], 0.1)
    while len(tf.get_default_graph().get_operations()) < nodes:
        h = tf.tanh(tf.matmul(h, w) + b)
    build = time.perf_counter() - start
    session = tf.Session()
    times = []
    for _ in range(12):
        start = time.perf_counter()
        session.run(h, {x: [[1.0] * 8]})
        times.append(time.perf_counter() - start)
    step = sorted(times[1:])[5]
    print(json.dumps(dict(build=build, plan=times[0] - step, step=step)))


if __name__ == '__main__':
    main(sys.argv[1], int(sys.argv[2]))
