"""tf.train.summary_iterator: reads an event file."""
from graphflow.framework.export import export
from graphflow.io import tf_record
from graphflow.platform import compat


@export('train.summary_iterator')
def summary_iterator(path):
    """Yields the Event messages of an event file.

    Args:
      path: the file; not a directory.

    Raises: DataLossError at a damaged record; OpError if the file cannot be read.
    """
    from tensorboard.compat.proto import event_pb2
    for record in tf_record.records(compat.path_to_str(path)):
        yield event_pb2.Event.FromString(record)
