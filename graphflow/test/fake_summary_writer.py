"""A FileWriter for tests: it keeps what it is given."""
from graphflow.summary.writer import writer_cache
from graphflow.summary.writer.writer import FileWriter


class FakeSummaryWriter:
    """Keeps summaries, graphs and session logs; `install` makes `tf.summary.FileWriterCache` give such writers.

    Args:
      logdir: the directory that a FileWriter would write to.
      graph: the Graph that it would write.
    """

    @classmethod
    def install(cls):
        """Raises: ValueError if it is installed already."""
        if writer_cache.FileWriter is not FileWriter:
            raise ValueError('FakeSummaryWriter already installed.')
        writer_cache.FileWriter = cls
        writer_cache.FileWriterCache.clear()

    @classmethod
    def uninstall(cls):
        """Raises: ValueError if it is not installed."""
        if writer_cache.FileWriter is FileWriter:
            raise ValueError('FakeSummaryWriter not installed.')
        writer_cache.FileWriterCache.clear()
        writer_cache.FileWriter = FileWriter

    def __init__(self, logdir, graph=None):
        self._logdir, self._graph = logdir, graph
        self._summaries, self._added_graphs, self._added_meta_graphs = {}, [], []
        self._added_session_logs, self._added_run_metadata = [], {}

    @property
    def summaries(self):
        """A dict of steps to lists of Summary messages."""
        return self._summaries

    def assert_summaries(self, test_case, expected_logdir=None, expected_graph=None, expected_summaries=None,
                         expected_added_graphs=None, expected_added_meta_graphs=None, expected_session_logs=None):
        """Asserts, with a `unittest.TestCase`, what is not None of these.

        Args:
          expected_summaries: a dict of steps to dicts of tags to simple values.
          expected_added_graphs, expected_added_meta_graphs, expected_session_logs: lists.
        """
        if expected_logdir is not None:
            test_case.assertEqual(expected_logdir, self._logdir)
        if expected_graph is not None:
            test_case.assertTrue(expected_graph is self._graph)
        for step, expected in (expected_summaries or {}).items():
            test_case.assertTrue(step in self._summaries, f'Missing step {step} from {self._summaries.keys()}.')
            values = {v.tag: v.simple_value for s in self._summaries[step] for v in s.value if v.tag}
            test_case.assertEqual(expected, values)
        for expected, added in ((expected_added_graphs, self._added_graphs),
                                (expected_added_meta_graphs, self._added_meta_graphs),
                                (expected_session_logs, self._added_session_logs)):
            if expected is not None:
                test_case.assertEqual(expected, added)

    def add_summary(self, summ, current_global_step):
        """Keeps a Summary message, or the bytes of one."""
        if isinstance(summ, bytes):
            from tensorboard.compat.proto.summary_pb2 import Summary
            summ = Summary.FromString(summ)
        self._summaries.setdefault(current_global_step, []).append(summ)

    def add_graph(self, graph, global_step=None, graph_def=None):
        """Keeps a Graph. Raises: ValueError for a GraphDef or a step, which tests do not expect."""
        if global_step is not None and global_step < 0:
            raise ValueError(f'Invalid global_step {global_step}.')
        if graph_def is not None:
            raise ValueError(f'Unexpected graph_def {graph_def}.')
        self._added_graphs.append(graph)

    def add_meta_graph(self, meta_graph_def, global_step=None):
        """Keeps a MetaGraphDef."""
        if global_step is not None and global_step < 0:
            raise ValueError(f'Invalid global_step {global_step}.')
        self._added_meta_graphs.append(meta_graph_def)

    def add_session_log(self, session_log, global_step=None):
        """Keeps a SessionLog."""
        self._added_session_logs.append(session_log)

    def add_run_metadata(self, run_metadata, tag, global_step=None):
        """Keeps a RunMetadata by its tag."""
        self._added_run_metadata[tag] = run_metadata

    def flush(self):
        """Does nothing, as all that follow."""

    def reopen(self):
        pass

    def close(self):
        pass
