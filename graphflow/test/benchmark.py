"""tf.test.Benchmark: times how long a session takes to run something."""
import time

import numpy as np

from graphflow.framework.export import export


@export('test.benchmark_config')
def benchmark_config():
    """A ConfigProto for benchmarks."""
    from tensorboard.compat.proto import config_pb2
    return config_pb2.ConfigProto()


@export('test.Benchmark')
class Benchmark:
    """Base class of benchmarks: methods whose names start with `benchmark` call `run_op_benchmark`."""

    def report_benchmark(self, iters=None, cpu_time=None, wall_time=None, throughput=None, extras=None, name=None,
                         metrics=None):
        """Prints what was measured."""
        values = {'iters': iters, 'cpu_time': cpu_time, 'wall_time': wall_time, 'throughput': throughput,
                  'extras': extras, 'metrics': metrics}
        shown = ' '.join(f'{key}: {value}' for key, value in values.items() if value is not None)
        print(f'{name or type(self).__name__}: {shown}')

    def evaluate(self, tensors):
        """The values of `tensors` in the default session."""
        from graphflow.framework import defaults
        return defaults.get_default_session().run(tensors)

    def run_op_benchmark(self, sess, op_or_tensor, feed_dict=None, burn_iters=2, min_iters=10, store_trace=False,
                         store_memory_usage=True, name=None, extras=None, mbs=0):
        """Runs `op_or_tensor` at least `min_iters` times after `burn_iters` runs that do not count.

        Args:
          sess: a Session.
          op_or_tensor: what to fetch.
          feed_dict: what to feed.
          mbs: how many megabytes one run handles, for the throughput.

        Returns: a dict with `iters`, `wall_time` (the median, in seconds), `throughput` and `extras`.
        """
        for _ in range(burn_iters):
            sess.run(op_or_tensor, feed_dict)
        times = []
        for _ in range(min_iters):
            start = time.perf_counter()
            sess.run(op_or_tensor, feed_dict)
            times.append(time.perf_counter() - start)
        median = float(np.median(times))
        extras = {**(extras or {}), 'wall_time_mean': float(np.mean(times)), 'wall_time_stdev': float(np.std(times)),
                  'wall_time_min': min(times), 'wall_time_max': max(times)}
        report = {'iters': min_iters, 'wall_time': median, 'throughput': mbs / median if median else 0.,
                  'extras': extras}
        self.report_benchmark(name=name, **report)
        return report
