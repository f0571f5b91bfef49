"""tf.audio: sounds in WAV files."""
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import not_differentiable, op
from graphflow.framework.tensor_shape import TensorShape


@op('EncodeWav', 'audio:float, sample_rate:int32 -> contents:string')
def _(c):
    c.rank(0, 2)
    c.rank(1, 0)
    return []


@op('DecodeWav', 'contents:string -> audio:float, sample_rate:int32', 'desired_channels:int=-1; desired_samples:int=-1')
def _(c):
    c.rank(0, 0)
    wanted = [c.attr('desired_samples'), c.attr('desired_channels')]
    return [TensorShape([None if size == -1 else size for size in wanted]), TensorShape([])]


not_differentiable('EncodeWav', 'DecodeWav')


@export('audio.encode_wav')
def encode_wav(audio, sample_rate, name=None):
    """A WAV file of 16 bits a sample.

    Args:
      audio: a float32 Tensor [frames, channels], from -1 to 1; what is beyond is clipped.
      sample_rate: an int32 scalar, in Hertz.
      name: a name for the node.

    Returns: a scalar string Tensor.
    """
    return apply('EncodeWav', audio, sample_rate, name=name)


@export('audio.decode_wav')
def decode_wav(contents, desired_channels=-1, desired_samples=-1, name=None):
    """The sound in a WAV file of 16 bits a sample.

    Args:
      contents: a scalar string Tensor.
      desired_channels: how many channels to return, the last one repeated where there are too few; -1: all.
      desired_samples: how many frames to return, zeros where there are too few; -1: all.
      name: a name for the node.

    Returns: (audio, a float32 Tensor [frames, channels] from -1 to 1; sample_rate, an int32 scalar).
    """
    return apply('DecodeWav', contents, desired_channels=desired_channels, desired_samples=desired_samples, name=name)
