"""tf.summary.FileWriter: makes Event messages of summaries, graphs and run metadata, and writes them."""
import os
import time

from graphflow.framework.export import export
from graphflow.framework.graph import Graph
from graphflow.platform import gfile, tf_logging
from graphflow.summary import plugin_asset
from graphflow.summary.writer.event_file_writer import EventFileWriter


class SummaryToEventTransformer:
    """Makes events of what it is given, and hands them to `event_writer.add_event`.

    Args:
      event_writer: an EventFileWriter, or what has its methods.
      graph: a Graph (or a GraphDef) to write first.
      graph_def: a GraphDef to write instead; deprecated.

    Raises: TypeError if `graph` is no graph.
    """

    def __init__(self, event_writer, graph=None, graph_def=None):
        self.event_writer = event_writer
        self._run_tags = set()          # of run metadata
        self._described_tags = set()    # of summaries whose metadata are in the file already
        if graph is not None or graph_def is not None:
            self.add_graph(graph=graph, graph_def=graph_def)
            from graphflow.train import meta_graph
            if graph_def is None:
                graph_def = graph.as_graph_def(add_shapes=True) if isinstance(graph, Graph) else graph
            self.add_meta_graph(meta_graph.create_meta_graph_def(graph_def=graph_def))

    def add_summary(self, summary, global_step=None):
        """Writes a Summary.

        Args:
          summary: a Summary message, or the bytes of one as a summary op's value holds them. Metadata of a tag are
            written once.
          global_step: the step it belongs to, an integer.
        """
        from tensorboard.compat.proto import event_pb2, summary_pb2
        if isinstance(summary, bytes):
            summary = summary_pb2.Summary.FromString(summary)
        for value in summary.value:
            if value.HasField('metadata'):
                if value.tag in self._described_tags:
                    value.ClearField('metadata')
                self._described_tags.add(value.tag)
        self._add_event(event_pb2.Event(summary=summary), global_step)

    def add_session_log(self, session_log, global_step=None):
        """Writes a SessionLog message, which tells that a session starts, stops or has saved."""
        from tensorboard.compat.proto import event_pb2
        self._add_event(event_pb2.Event(session_log=session_log), global_step)

    def add_graph(self, graph, global_step=None, graph_def=None):
        """Writes a Graph, for TensorBoard to draw.

        Args:
          graph: a Graph; a GraphDef too.
          global_step: the step it belongs to.
          graph_def: a GraphDef, if `graph` is None; deprecated.

        Raises: TypeError if it is no graph, ValueError if both are given.
        """
        if graph is not None and graph_def is not None:
            raise ValueError('Please pass only graph, or graph_def (deprecated), but not both.')
        if isinstance(graph, Graph):
            self._write_plugin_assets(graph)
            found = graph.as_graph_def(add_shapes=True)
        else:
            found = graph if graph is not None else graph_def
            if type(found).__name__ != 'GraphDef':
                raise TypeError('The passed graph must be an instance of `Graph` or the deprecated `GraphDef`')
            tf_logging.warning('Passing a `GraphDef` to the SummaryWriter is deprecated. Pass a `Graph` object '
                               'instead, such as `sess.graph`.')
        from tensorboard.compat.proto import event_pb2
        self._add_event(event_pb2.Event(graph_def=found.SerializeToString()), global_step)

    def _write_plugin_assets(self, graph):
        for asset in plugin_asset.get_all_plugin_assets(graph):
            folder = os.path.join(self.event_writer.get_logdir(), 'plugins', asset.plugin_name)
            gfile.MakeDirs(folder)
            for name, content in asset.assets().items():
                with gfile.GFile(os.path.join(folder, name), 'w') as file:
                    file.write(content)

    def add_meta_graph(self, meta_graph_def, global_step=None):
        """Writes a MetaGraphDef message. Raises: TypeError if it is none."""
        from tensorboard.compat.proto import event_pb2, meta_graph_pb2
        if not isinstance(meta_graph_def, meta_graph_pb2.MetaGraphDef):
            raise TypeError(f'meta_graph_def must be type MetaGraphDef, saw type: {type(meta_graph_def)}')
        self._add_event(event_pb2.Event(meta_graph_def=meta_graph_def.SerializeToString()), global_step)

    def add_run_metadata(self, run_metadata, tag, global_step=None):
        """Writes what `Session.run` told about one run, for TensorBoard to colour the graph with.

        Args:
          run_metadata: a RunMetadata message.
          tag: a name for the run, which no other has.
          global_step: the step it belongs to.

        Raises: ValueError if there is such a tag already.
        """
        if tag in self._run_tags:
            raise ValueError('The provided tag was already used for this event type')
        self._run_tags.add(tag)
        from tensorboard.compat.proto import event_pb2
        tagged = event_pb2.TaggedRunMetadata(tag=tag, run_metadata=run_metadata.SerializeToString())
        self._add_event(event_pb2.Event(tagged_run_metadata=tagged), global_step)

    def _add_event(self, event, step):
        event.wall_time = time.time()
        if step is not None:
            event.step = int(step)
        self.event_writer.add_event(event)


@export('summary.FileWriter')
class FileWriter(SummaryToEventTransformer):
    """Writes summaries and graphs to an event file in a directory, where TensorBoard finds them. A context manager.

    Args:
      logdir: the directory, made if it is not there.
      graph: a Graph to write first.
      max_queue: how many events may wait to be written before `add_...` waits too.
      flush_secs: how often, in seconds, what was written is handed to the operating system.
      graph_def: deprecated: a GraphDef in place of `graph`.
      filename_suffix: the end of the file's name.
      session: accepted for compatibility: events are written by Python, not by ops that the session runs.

    Raises: TypeError if `graph` is no graph; OpError if the directory cannot be made.
    """

    def __init__(self, logdir, graph=None, max_queue=10, flush_secs=120, graph_def=None, filename_suffix=None,
                 session=None):
        self._closed = False
        super().__init__(EventFileWriter(logdir, max_queue, flush_secs, filename_suffix), graph, graph_def)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def get_logdir(self):
        """The directory."""
        return self.event_writer.get_logdir()

    def add_event(self, event):
        """Writes an Event message. With a closed writer, nothing is written, and a warning logged."""
        self._warn_if_closed()
        self.event_writer.add_event(event)

    def _add_event(self, event, step):
        self._warn_if_closed()
        super()._add_event(event, step)

    def _warn_if_closed(self):
        if self._closed:
            tf_logging.warning('Attempting to use a closed FileWriter. The operation will be a noop unless the '
                               'FileWriter is explicitly reopened.')

    def flush(self):
        """Returns when all that was added is in the file."""
        self.event_writer.flush()

    def close(self):
        """Writes what is left and closes the file."""
        self.event_writer.close()
        self._closed = True

    def reopen(self):
        """Goes on after `close`, in a new file. Nothing happens if it is open."""
        self.event_writer.reopen()
        self._closed = False
