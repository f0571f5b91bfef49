"""tf.summary: ops whose value is a serialized Summary message, for `tf.summary.FileWriter` and TensorBoard.

The tag of a summary is the name of its node, so that two summaries of one name get two tags, `loss` and `loss_1`. With
`family`, the tag begins with it once more, which makes TensorBoard show all summaries of a family together.
"""
import contextlib
import re

from graphflow.framework import convert, dtypes, scopes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.graph import get_default_graph
from graphflow.framework.registry import not_differentiable, op
from graphflow.framework.scopes import GraphKeys
from graphflow.framework.shape_rules import scalar as scalar_shape
from graphflow.platform import compat, tf_logging

_NUMBERS = 'float,double,int32,uint8,int16,int8,int64,bfloat16,uint16,half,uint32,uint64'

op('ScalarSummary', 'tags:string, values:T -> summary:string', f'T:type{{{_NUMBERS}}}', shape=scalar_shape)
op('HistogramSummary', 'tag:string, values:T -> summary:string', f'T:type=float{{{_NUMBERS}}}', shape=scalar_shape)
op('ImageSummary', 'tag:string, tensor:T -> summary:string',
   'max_images:int>=1=3; T:type=float{uint8,float,half,double}; bad_color:tensor=uint8[255,0,0,255]',
   shape=scalar_shape)
op('AudioSummary', 'tag:string, tensor:float -> summary:string', 'sample_rate:float; max_outputs:int>=1=3',
   shape=scalar_shape)
op('AudioSummaryV2', 'tag:string, tensor:float, sample_rate:float -> summary:string', 'max_outputs:int>=1=3',
   shape=scalar_shape)
op('TensorSummary', 'tensor:T -> summary:string',
   "T:type; description:string=''; labels:list(string)=[]; display_name:string=''", shape=scalar_shape)
op('TensorSummaryV2', 'tag:string, tensor:T, serialized_summary_metadata:string -> summary:string', 'T:type',
   shape=scalar_shape)
op('MergeSummary', 'inputs:N*string -> summary:string', 'N:int>=1', shape=scalar_shape)
not_differentiable('ScalarSummary', 'HistogramSummary', 'ImageSummary', 'AudioSummary', 'AudioSummaryV2',
                   'TensorSummary', 'TensorSummaryV2', 'MergeSummary')

_ILLEGAL = re.compile(r'[^-/\w.]', re.ASCII)


def _clean(name):
    """`name` with what no node name can hold replaced by underscores."""
    if name is None:
        return None
    legal = _ILLEGAL.sub('_', name).lstrip('/')
    if legal != name:
        tf_logging.info('Summary name %s is illegal; using %s instead.', name, legal)
    return legal


@contextlib.contextmanager
def _scope(name, family, default_name, values):
    """The scope of a summary's nodes; gives (tag, name of the summary node)."""
    name, family = _clean(name), _clean(family)
    inner = name if family is None else f'{family}/{name}'
    with scopes.name_scope(inner, default_name, values) as scope:
        if not scope:
            raise ValueError("'' is not a valid node name")
        tag = scope.rstrip('/')
        yield (tag if family is None else f'{family}/{tag}'), scope


def _collect(summary, collections, default=(GraphKeys.SUMMARIES,)):
    for key in default if collections is None else collections:
        get_default_graph().add_to_collection(key, summary)
    return summary


@export('summary.scalar')
def scalar(name, tensor, collections=None, family=None):
    """A summary of one number, for a chart over steps.

    Args:
      name: a name for the node, which is the tag in TensorBoard too.
      tensor: a Tensor of one element, of a real numeric type.
      collections: the graph collections to add the summary to; ['summaries'] if None.
      family: if given, the first part of the tag.

    Returns: a scalar string Tensor, a serialized Summary message.
    """
    with _scope(name, family, None, [tensor]) as (tag, scope):
        return _collect(apply('ScalarSummary', tag, tensor, name=scope), collections)


@export('summary.histogram')
def histogram(name, values, collections=None, family=None):
    """A summary of how the elements of a tensor are distributed.

    Args:
      values: a Tensor of any shape, of a real numeric type.
      name, collections, family: as for `scalar`.

    Returns: a scalar string Tensor; running it raises InvalidArgumentError for a NaN or an infinity.
    """
    with _scope(name, family, 'HistogramSummary', [values]) as (tag, scope):
        return _collect(apply('HistogramSummary', tag, values, name=scope), collections)


@export('summary.image')
def image(name, tensor, max_outputs=3, collections=None, family=None):
    """A summary of pictures.

    Floats without negative ones are scaled so that the largest of a picture is 255; with negative ones they are scaled
    about 128 so that the one farthest from 0 is 255 or 1. A pixel that is not finite becomes red.

    Args:
      tensor: a Tensor [batch, height, width, channels] of uint8 or floats; 1 channel is grey, 3 are RGB, 4 are RGBA.
      max_outputs: how many pictures of a batch to show. Tags are name/image/0, name/image/1 and so on; name/image if
        it is 1.
      name, collections, family: as for `scalar`.

    Returns: a scalar string Tensor.
    """
    with _scope(name, family, None, [tensor]) as (tag, scope):
        return _collect(apply('ImageSummary', tag, tensor, max_images=max_outputs, name=scope), collections)


@export('summary.audio')
def audio(name, tensor, sample_rate, max_outputs=3, collections=None, family=None):
    """A summary of sounds.

    Args:
      tensor: a float32 Tensor [batch, frames, channels] or [batch, frames], from -1 to 1.
      sample_rate: a float32 scalar, in Hertz.
      max_outputs: how many sounds of a batch to keep.
      name, collections, family: as for `scalar`.

    Returns: a scalar string Tensor.
    """
    with _scope(name, family, None, [tensor]) as (tag, scope):
        sample_rate = convert.to_tensor(sample_rate, dtype=dtypes.float32, name='sample_rate')
        summary = apply('AudioSummaryV2', tag, tensor, sample_rate, max_outputs=max_outputs, name=scope)
        return _collect(summary, collections)


@export('summary.tensor_summary')
def tensor_summary(name, tensor, summary_description=None, collections=None, summary_metadata=None, family=None,
                   display_name=None):
    """A summary that holds a tensor as it is, with data that tell TensorBoard's plugins what to do with it.

    Args:
      tensor: a Tensor of any type and shape.
      summary_description: a text for users, in Markdown.
      summary_metadata: a SummaryMetadata message.
      display_name: a name for users.
      name, collections, family: as for `scalar`.

    Returns: a scalar string Tensor.
    """
    from tensorboard.compat.proto import summary_pb2
    metadata = summary_pb2.SummaryMetadata() if summary_metadata is None else summary_metadata
    if summary_description is not None:
        metadata.summary_description = summary_description
    if display_name is not None:
        metadata.display_name = display_name
    with _scope(name, family, None, [tensor]) as (tag, scope):
        return _collect(apply('TensorSummaryV2', tag, tensor, metadata.SerializeToString(), name=scope), collections)


@export('summary.text')
def text(name, tensor, collections=None):
    """A summary of text, which TensorBoard renders as Markdown, a 1-D or 2-D tensor as a table.

    Args:
      tensor: a string Tensor.
      name, collections: as for `scalar`.

    Returns: a scalar string Tensor.

    Raises: ValueError if `tensor` is not of strings.
    """
    if tensor.dtype != dtypes.string:
        raise ValueError(f'Expected tensor {tensor.name} to have dtype string, got {tensor.dtype}')
    from tensorboard.compat.proto import summary_pb2
    metadata = summary_pb2.SummaryMetadata(plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name='text'))
    return tensor_summary(name, tensor, collections=collections, summary_metadata=metadata)


@export('summary.merge')
def merge(inputs, collections=None, name=None):
    """One summary with the values of several.

    Args:
      inputs: a list of string Tensors, serialized Summary messages.
      collections: the graph collections to add it to; none if None.
      name: a name for the scope and the node.

    Returns: a scalar string Tensor; running it raises InvalidArgumentError if a tag occurs twice.
    """
    name = _clean(name)
    with scopes.name_scope(name, 'Merge', inputs):
        return _collect(apply('MergeSummary', inputs, name=name), collections, default=())


@export('summary.merge_all')
def merge_all(key=GraphKeys.SUMMARIES, scope=None, name=None):
    """`merge` of all summaries of the default graph.

    Args:
      key: the graph collection to take them from.
      scope: if given, only summaries whose names match this regular expression from their beginning.
      name: as for `merge`.

    Returns: a scalar string Tensor; None if there are no summaries.
    """
    summaries = get_default_graph().get_collection(key, scope=scope)
    return merge(summaries, name=name) if summaries else None


@export('summary.get_summary_description')
def get_summary_description(node_def):
    """The SummaryDescription message in the `description` of a TensorSummary's NodeDef, in JSON there.

    Raises: ValueError for a node of another op.
    """
    from google.protobuf import json_format
    from tensorboard.compat.proto import summary_pb2
    if node_def.op != 'TensorSummary':
        raise ValueError(f"Can't get_summary_description on {node_def.op}")
    return json_format.Parse(compat.as_str_any(node_def.attr['description'].s), summary_pb2.SummaryDescription())


@export('summary.all_v2_summary_ops')
def all_v2_summary_ops():
    """The ops of tf.contrib.summary in the default graph: [], as graphflow has none."""
    return []


@export('summary.initialize')
def initialize(graph=None, session=None):
    """Would initialize the writer of tf.contrib.summary. Raises: RuntimeError, as graphflow has no such writers."""
    raise RuntimeError('No default tf.contrib.summary.SummaryWriter found')


# TensorFlow 0.x: the tag is given apart from the name of the node. Still in tf.contrib.deprecated and logging_ops.

@export('contrib.deprecated.scalar_summary', 'python.ops.logging_ops.scalar_summary')
def scalar_summary(tags, values, collections=None, name=None):
    """A summary of numbers, one for each tag.

    Args:
      tags: a string Tensor.
      values: a Tensor of the shape of `tags`, of a real numeric type.
      collections: as for `scalar`.
      name: a name for the node.
    """
    with scopes.name_scope(name, 'ScalarSummary', [tags, values]) as scope:
        return _collect(apply('ScalarSummary', tags, values, name=scope), collections)


@export('contrib.deprecated.histogram_summary', 'python.ops.logging_ops.histogram_summary')
def histogram_summary(tag, values, collections=None, name=None):
    """Like `histogram`, for a `tag` that is a scalar string Tensor."""
    with scopes.name_scope(name, 'HistogramSummary', [tag, values]) as scope:
        return _collect(apply('HistogramSummary', tag, values, name=scope), collections)


@export('contrib.deprecated.image_summary', 'python.ops.logging_ops.image_summary')
def image_summary(tag, tensor, max_images=3, collections=None, name=None):
    """Like `image`, for a `tag` that is a scalar string Tensor."""
    with scopes.name_scope(name, 'ImageSummary', [tag, tensor]) as scope:
        return _collect(apply('ImageSummary', tag, tensor, max_images=max_images, name=scope), collections)


@export('contrib.deprecated.audio_summary', 'python.ops.logging_ops.audio_summary')
def audio_summary(tag, tensor, sample_rate, max_outputs=3, collections=None, name=None):
    """Like `audio`, for a `tag` that is a scalar string Tensor."""
    with scopes.name_scope(name, 'AudioSummary', [tag, tensor]) as scope:
        sample_rate = convert.to_tensor(sample_rate, dtype=dtypes.float32, name='sample_rate')
        summary = apply('AudioSummaryV2', tag, tensor, sample_rate, max_outputs=max_outputs, name=scope)
        return _collect(summary, collections)


@export('contrib.deprecated.merge_summary', 'python.ops.logging_ops.merge_summary')
def merge_summary(inputs, collections=None, name=None):
    """Like `merge`, without a scope."""
    with scopes.name_scope(name, 'MergeSummary', inputs):
        return _collect(apply('MergeSummary', inputs, name=name), collections, default=())


@export('contrib.deprecated.merge_all_summaries', 'python.ops.logging_ops.merge_all_summaries')
def merge_all_summaries(key=GraphKeys.SUMMARIES):
    """Like `merge_all`."""
    summaries = get_default_graph().get_collection(key)
    return merge_summary(summaries) if summaries else None
