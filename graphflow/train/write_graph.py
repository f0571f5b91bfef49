"""tf.train.write_graph: a graph as a file."""
import os

from graphflow.framework.export import export
from graphflow.framework.graph import Graph
from graphflow.platform import gfile
from graphflow.train.checkpoint_management import write_atomically


@export('train.write_graph', 'io.write_graph')
def write_graph(graph_or_graph_def, logdir, name, as_text=True):
    """Writes a graph to a file.

    Args:
      graph_or_graph_def: a Graph, or a message such as a GraphDef.
      logdir: the directory, which is made if it does not exist.
      name: the name of the file in it.
      as_text: whether to write the text form of protocol messages rather than the binary one.

    Returns: the path of the file.
    """
    is_graph = isinstance(graph_or_graph_def, Graph)
    message = graph_or_graph_def.as_graph_def() if is_graph else graph_or_graph_def
    if not hasattr(message, 'DESCRIPTOR'):
        raise AttributeError(f'{type(message).__name__!r} object has no attribute \'DESCRIPTOR\'')
    path = os.path.join(logdir, name)
    if as_text:
        from google.protobuf import text_format
        content = text_format.MessageToString(message).encode()
    else:
        content = message.SerializeToString(deterministic=True)
    if logdir:
        gfile.MakeDirs(logdir)
    write_atomically(path, content)
    return path
