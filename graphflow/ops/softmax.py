"""Softmax, and the losses that compare classes: softmax, sparse and sigmoid cross entropy, Poisson loss."""
import numpy as np

from graphflow.framework import constant_value, convert, dtypes, errors
from graphflow.framework.apply import apply
from graphflow.framework.export import PUBLIC, export
from graphflow.framework.registry import gradient, op
from graphflow.framework.scopes import control_dependencies, name_scope
from graphflow.framework.shape_rules import broadcast_shapes, merge_dims
from graphflow.framework.tensor import Tensor
from graphflow.framework.tensor_shape import TensorShape
from graphflow.ops import array, fill
from graphflow.ops.cast import cast
from graphflow.ops.concat import concat
from graphflow.ops.constant import constant
from graphflow.util.deprecation import deprecated, deprecated_args, deprecated_argument_lookup

_FLOATS = 'T:type{half,bfloat16,float,double}'
_HALVES = (dtypes.float16, dtypes.bfloat16)


def _of_vectors(c):
    return c.rank_at_least(0, 1)


op('Softmax', 'logits:T -> softmax:T', _FLOATS, shape=_of_vectors)
op('LogSoftmax', 'logits:T -> logsoftmax:T', _FLOATS, shape=_of_vectors)


@op('SoftmaxCrossEntropyWithLogits', 'features:T, labels:T -> loss:T, backprop:T', _FLOATS)
def _(c):
    features, labels = c.shape(0), c.shape(1)
    if features.ndims is None or labels.ndims is None:
        known = labels if features.ndims is None else features
        both = known if known.ndims is not None else TensorShape([None, None])
    else:
        both = broadcast_shapes(features, labels)
    if both.ndims != 2:
        raise ValueError(f'Shape must be broadcasted with rank 2, but is rank {both.ndims}')
    return [both[:1], both]


@op('SparseSoftmaxCrossEntropyWithLogits', 'features:T, labels:Tlabels -> loss:T, backprop:T',
    _FLOATS + '; Tlabels:type=int64{int32,int64}')
def _(c):
    rows, classes = c.rank(0, 2).as_list()
    rows = merge_dims(rows, c.rank(1, 1).as_list()[0])
    return [TensorShape([rows]), TensorShape([rows, classes])]


@gradient('Softmax')
def _(op, grad):
    # The derivative of output i by input j is y_i (1[i = j] - y_j).
    y = op.outputs[0]
    return (grad - apply('Sum', grad * y, -1, keep_dims=True)) * y


@gradient('LogSoftmax')
def _(op, grad):
    y = apply('Exp', op.outputs[0])
    return grad - apply('Sum', grad, -1, keep_dims=True) * y


def _times_rows(vector, matrix):
    """Each row of `matrix` times the number of `vector` that belongs to it."""
    return array.expand_dims(vector, -1) * matrix


def _is_zero(grad):
    """Whether the gradient is known to be zero, as that of an output nobody uses is."""
    if grad.op.type == 'ZerosLike':
        return True
    value = constant_value.constant_value(grad)
    return value is not None and not np.any(value)


@gradient('SoftmaxCrossEntropyWithLogits')
def _(op, grad_loss, grad_backprop):
    logits = op.inputs[0]
    grad = _times_rows(grad_loss, op.outputs[1])
    if grad_backprop is not None and not _is_zero(grad_backprop):
        softmax = apply('Softmax', logits)
        rows, columns = array.expand_dims(grad_backprop, 1), array.expand_dims(softmax, 2)
        dots = apply('BatchMatMulV2', rows, columns, name='MatMul')
        grad += (grad_backprop - array.squeeze(dots, axis=1)) * softmax
    return grad, _times_rows(grad_loss, -apply('LogSoftmax', logits))


@gradient('SparseSoftmaxCrossEntropyWithLogits')
def _(op, grad_loss, _):
    backprop = array.prevent_gradient(
        op.outputs[1], message='Currently there is no way to take the second derivative of '
        "sparse_softmax_cross_entropy_with_logits due to the fused implementation's interaction with tf.gradients()")
    return _times_rows(grad_loss, backprop), None


def _swap_axis(logits, axis, last, name=None):
    """`logits` with the dimensions `axis` and `last` exchanged."""
    order = concat([fill.range(axis), [last], fill.range(axis + 1, last), [axis]], 0)
    return array.transpose(logits, order, name='transpose' if name is None else name)


def _along(op_type, logits, axis, name):
    """The op `op_type`, which works along the last dimension, applied along `axis`."""
    logits = convert.to_tensor(logits)
    shape = logits.get_shape()
    if (not isinstance(axis, Tensor) and axis == -1) or axis == shape.ndims - 1:
        return apply(op_type, logits, name=name)
    value = constant_value.constant_value(axis) if isinstance(axis, Tensor) else axis
    if value is not None and not -shape.ndims <= value < shape.ndims:
        raise errors.InvalidArgumentError(
            None, None, f'Dimension ({value}) must be in the range [{-shape.ndims}, {shape.ndims}) where {shape.ndims} '
            'is the number of dimensions in the input.')
    rank = array.rank(logits)
    if isinstance(axis, Tensor):
        axis = apply('Select', axis < 0, axis + rank, axis)
    elif axis < 0:
        axis += rank
    rank = array.rank(logits)
    axis = axis % shape.ndims
    swapped = _swap_axis(logits, axis, apply('Sub', rank, 1))
    output = _swap_axis(apply(op_type, swapped), axis, apply('Sub', rank, 1), name=name)
    output.set_shape(shape)
    return output


_axis_not_dim = deprecated_args(None, 'dim is deprecated, use axis instead', 'dim')


@export('nn.softmax', 'math.softmax')
@_axis_not_dim
def softmax(logits, axis=None, name=None, dim=None):
    """exp(logits) / sum(exp(logits)) along one dimension.

    Args:
      logits: a Tensor of floats with at least one dimension.
      axis: the dimension along which the result sums to one, -1 (the last) by default.
      name: name of the (last) node.
      dim: the former name of `axis`.

    Returns: a Tensor like `logits`.

    Raises: InvalidArgumentError if there is no dimension `axis`.
    """
    axis = deprecated_argument_lookup('axis', axis, 'dim', dim)
    return _along('Softmax', logits, -1 if axis is None else axis, name)


@export('nn.log_softmax', 'math.log_softmax')
@_axis_not_dim
def log_softmax(logits, axis=None, name=None, dim=None):
    """logits - log(sum(exp(logits))) along one dimension; see `softmax`."""
    axis = deprecated_argument_lookup('axis', axis, 'dim', dim)
    return _along('LogSoftmax', logits, -1 if axis is None else axis, name)


def _check_arguments(name, sentinel, labels, logits):
    if sentinel is not None:
        raise ValueError(f'Only call `{name}` with named arguments (labels=..., logits=..., ...)')
    if labels is None or logits is None:
        raise ValueError('Both labels and logits must be provided.')


def _flat_rows(x):
    """`x` as a matrix with its last dimension; outer dimensions become one."""
    rank = array.rank(x)
    last = apply('Slice', array.shape(x), [apply('Sub', rank, 1)], [1])
    rows = array.reshape(x, concat([[-1], last], 0))
    dims = x.get_shape().as_list() if x.get_shape().ndims is not None else None
    if dims is not None and None not in dims[:-1]:
        rows.set_shape([int(np.prod(dims[:-1])), dims[-1]])
    return rows


def _move_to_end(x, axis, rank):
    return array.transpose(x, concat([fill.range(axis), fill.range(axis + 1, rank), [axis]], 0))


@export('nn.softmax_cross_entropy_with_logits_v2')
@_axis_not_dim
def softmax_cross_entropy_with_logits_v2(labels, logits, axis=None, name=None, dim=None):
    """-sum(labels * log(softmax(logits))) along one dimension; gradients flow to both.

    Args:
      labels: a Tensor of the shape of `logits`: along `axis` a probability distribution over classes.
      logits: a Tensor of floats, unscaled log probabilities.
      axis: the dimension of the classes, -1 (the last) by default.
      name: name of the scope of the nodes.
      dim: the former name of `axis`.

    Returns: a Tensor of the dtype of `logits` and its shape without `axis`.
    """
    axis = deprecated_argument_lookup('axis', axis, 'dim', dim)
    return _cross_entropy(labels, logits, -1 if axis is None else axis, name)


def _cross_entropy(labels, logits, axis, name):
    _check_arguments('softmax_cross_entropy_with_logits', None, labels, logits)
    with name_scope(name, 'softmax_cross_entropy_with_logits', [logits, labels]) as name:
        logits = convert.to_tensor(logits, name='logits')
        labels = convert.to_tensor(labels, name='labels')
        precise = cast(logits, dtypes.float32) if logits.dtype in _HALVES else logits
        labels = cast(labels, precise.dtype)
        rank = array.rank(precise)
        shape = logits.get_shape()
        if axis != -1:
            precise, labels = _move_to_end(precise, axis, rank), _move_to_end(labels, axis, rank)
        input_shape = array.shape(precise)
        cost, _ = apply('SoftmaxCrossEntropyWithLogits', _flat_rows(precise), _flat_rows(labels), name=name)
        cost = array.reshape(cost, apply('Slice', input_shape, [0], [apply('Sub', rank, 1)]))
        if shape.ndims is not None:
            dims = shape.as_list()
            del dims[axis]
            cost.set_shape(dims)
        return cast(cost, logits.dtype)


@export('nn.softmax_cross_entropy_with_logits')
@deprecated(None, '\nFuture major versions of TensorFlow will allow gradients to flow\ninto the labels input on '
            'backprop by default.\n\nSee `tf.nn.softmax_cross_entropy_with_logits_v2`.\n')
def softmax_cross_entropy_with_logits(_sentinel=None, labels=None, logits=None, dim=-1, name=None, axis=None):
    """`softmax_cross_entropy_with_logits_v2` through which no gradient flows to `labels`.

    Args:
      _sentinel: nothing: labels and logits are given by name.
      labels, logits: see there.
      dim: the dimension of the classes.
      name: name of the scope of the nodes.
      axis: another name of `dim`.

    Returns: a Tensor of the dtype of `logits` and its shape without `dim`.
    """
    dim = deprecated_argument_lookup('axis', axis, 'dim', dim if axis is None or dim != -1 else None)
    _check_arguments('softmax_cross_entropy_with_logits', _sentinel, labels, logits)
    with name_scope(name, 'softmax_cross_entropy_with_logits_sg', [logits, labels]) as name:
        labels = array.stop_gradient(labels, name='labels_stop_gradient')
        return _cross_entropy(labels, logits, dim, name)


@export('nn.sparse_softmax_cross_entropy_with_logits')
def sparse_softmax_cross_entropy_with_logits(_sentinel=None, labels=None, logits=None, name=None):
    """-log(softmax(logits)) of the class that `labels` names.

    Args:
      _sentinel: nothing: labels and logits are given by name.
      labels: an int32 or int64 Tensor of the shape of `logits` without its last dimension. When run, a class out of
        range raises InvalidArgumentError.
      logits: a Tensor of floats, unscaled log probabilities, with the classes as the last dimension.
      name: name of the scope of the nodes.

    Returns: a Tensor of the shape of `labels` and the dtype of `logits`.

    Raises: ValueError if logits are scalars or the shapes do not fit.
    """
    _check_arguments('sparse_softmax_cross_entropy_with_logits', _sentinel, labels, logits)
    with name_scope(name, 'SparseSoftmaxCrossEntropyWithLogits', [labels, logits]):
        labels, logits = convert.to_tensor(labels), convert.to_tensor(logits)
        precise = cast(logits, dtypes.float32) if logits.dtype in _HALVES else logits
        labels_shape, logits_shape = labels.get_shape(), logits.get_shape()
        dynamic_shape = array.shape(labels)
        known = labels_shape.is_fully_defined() and logits_shape[:-1].is_fully_defined()
        if logits_shape.ndims == 0:
            raise ValueError(f'Logits cannot be scalars - received shape {logits_shape}.')
        if None not in (logits_shape.ndims, labels_shape.ndims) and labels_shape.ndims != logits_shape.ndims - 1:
            raise ValueError(f'Rank mismatch: Rank of labels (received {labels_shape.ndims}) should equal rank of '
                             f'logits minus 1 (received {logits_shape.ndims}).')
        if known and labels_shape != logits_shape[:-1]:
            raise ValueError(f'Shape mismatch: The shape of labels (received {labels_shape}) should equal the shape of '
                             f'logits except for the last dimension (received {logits_shape}).')
        if logits_shape.ndims == 2:
            cost, _ = apply('SparseSoftmaxCrossEntropyWithLogits', precise, labels, name=name)
            return cast(cost, logits.dtype)
        checks = []
        if not known:
            checks.append(PUBLIC['assert_equal'](array.shape(labels), array.shape(logits)[:-1]))
        with control_dependencies(checks):
            classes = array.shape(logits)[array.rank(logits) - 1]
            precise = array.reshape(precise, [-1, classes])
            labels = array.reshape(labels, [-1])
            cost, _ = apply('SparseSoftmaxCrossEntropyWithLogits', precise, labels, name=name)
            cost = array.reshape(cost, dynamic_shape)
            cost.set_shape(labels_shape)
            return cast(cost, logits.dtype)


def _check_same_shape(labels, logits, names='logits and labels'):
    try:
        labels.get_shape().merge_with(logits.get_shape())
    except ValueError:
        raise ValueError(f'{names} must have the same shape ({logits.get_shape()} vs {labels.get_shape()})') from None


@export('nn.sigmoid_cross_entropy_with_logits')
def sigmoid_cross_entropy_with_logits(_sentinel=None, labels=None, logits=None, name=None):
    """-labels * log(sigmoid(logits)) - (1 - labels) * log(1 - sigmoid(logits)), elementwise.

    Computed as max(x, 0) - x * z + log(1 + exp(-abs(x))) for logits x and labels z, which does not overflow.

    Args:
      _sentinel: nothing: labels and logits are given by name.
      labels: a Tensor like `logits`, probabilities.
      logits: a Tensor of floats.
      name: name of the last node; 'logistic_loss' by default.

    Returns: a Tensor like `logits`.

    Raises: ValueError if the shapes differ.
    """
    _check_arguments('sigmoid_cross_entropy_with_logits', _sentinel, labels, logits)
    with name_scope(name, 'logistic_loss', [logits, labels]) as name:
        logits = convert.to_tensor(logits, name='logits')
        labels = convert.to_tensor(labels, name='labels')
        _check_same_shape(labels, logits)
        zeros = fill.zeros_like(logits, dtype=logits.dtype)
        positive = logits >= zeros
        relu = apply('Select', positive, logits, zeros)
        minus_abs = apply('Select', positive, -logits, logits)
        return apply('Add', relu - logits * labels, apply('Log1p', apply('Exp', minus_abs)), name=name)


@export('nn.weighted_cross_entropy_with_logits')
@deprecated_args(None, 'targets is deprecated, use labels instead', 'targets')
def weighted_cross_entropy_with_logits(labels=None, logits=None, pos_weight=None, name=None, targets=None):
    """`sigmoid_cross_entropy_with_logits` with the term of the positive labels multiplied by `pos_weight`.

    Args:
      labels: a Tensor like `logits`.
      logits: a Tensor of floats.
      pos_weight: a number or Tensor, the weight of positive examples.
      name: name of the last node; 'logistic_loss' by default.
      targets: the former name of `labels`.

    Returns: a Tensor like `logits`.

    Raises: ValueError if the shapes differ.
    """
    labels = deprecated_argument_lookup('labels', labels, 'targets', targets)
    with name_scope(name, 'logistic_loss', [logits, labels]) as name:
        logits = convert.to_tensor(logits, name='logits')
        labels = convert.to_tensor(labels, name='labels')
        _check_same_shape(labels, logits)
        weight = 1 + (pos_weight - 1) * labels
        return apply('Add', (1 - labels) * logits,
                     weight * (apply('Log1p', apply('Exp', -apply('Abs', logits))) + apply('Relu', -logits)), name=name)


@export('nn.log_poisson_loss')
def log_poisson_loss(targets, log_input, compute_full_loss=False, name=None):
    """exp(log_input) - log_input * targets: the negative log likelihood of `targets` under a Poisson distribution.

    Args:
      targets: a Tensor like `log_input`.
      log_input: a Tensor of floats, the logarithm of the predicted rate.
      compute_full_loss: whether to add Stirling's approximation of log(targets!), which depends on targets alone.
      name: name of the scope of the nodes.

    Returns: a Tensor like `log_input`.

    Raises: ValueError if the shapes differ.
    """
    with name_scope(name, 'log_poisson_loss', [log_input, targets]):
        log_input = convert.to_tensor(log_input, name='log_input')
        targets = convert.to_tensor(targets, name='targets')
        _check_same_shape(targets, log_input, 'log_input and targets')
        loss = apply('Exp', log_input) - log_input * targets
        if compute_full_loss:
            half = constant(0.5, dtype=targets.dtype)
            two_pi = constant(2 * np.pi, dtype=targets.dtype)
            stirling = (targets * apply('Log', targets)) - targets + half * apply('Log', two_pi * targets)
            zeros, ones = fill.zeros_like(targets, targets.dtype), fill.ones_like(targets, targets.dtype)
            small = apply('LogicalAnd', targets >= zeros, targets <= ones)
            loss += apply('Select', small, zeros, stirling)
        return loss
