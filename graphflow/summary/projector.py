"""tf.contrib.tensorboard.plugins.projector: tells TensorBoard's projector which variables of a checkpoint to show."""
import os

from graphflow.framework.export import export
from graphflow.platform import gfile

_FILE = 'projector_config.pbtxt'


@export('contrib.tensorboard.plugins.projector.visualize_embeddings')
def visualize_embeddings(summary_writer, config):
    """Writes the file that tells TensorBoard's embedding projector what to show.

    Args:
      summary_writer: a FileWriter; the file is put into its directory.
      config: a ProjectorConfig message: names of variables, files with labels of their rows, sprites.

    Raises: ValueError if the writer has no directory.
    """
    from google.protobuf import text_format
    folder = summary_writer.get_logdir()
    if folder is None:
        raise ValueError('Summary writer must have a logdir')
    with gfile.GFile(os.path.join(folder, _FILE), 'w') as file:
        file.write(text_format.MessageToString(config))
