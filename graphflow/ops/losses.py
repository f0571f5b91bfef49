"""tf.losses: losses with weights, reduced to a number and collected."""
from graphflow.framework import convert, dtypes
from graphflow.framework.apply import apply
from graphflow.framework.export import PUBLIC, export
from graphflow.framework.graph import get_default_graph
from graphflow.framework.scopes import GraphKeys, add_to_collection, control_dependencies, get_collection, name_scope
from graphflow.ops import array, fill
from graphflow.ops.add_n import add_n
from graphflow.ops.cast import cast
from graphflow.ops.constant import constant
from graphflow.ops.reduce import reduce_sum
from graphflow.ops.softmax import (sigmoid_cross_entropy_with_logits, softmax_cross_entropy_with_logits_v2,
                                   sparse_softmax_cross_entropy_with_logits)
from graphflow.ops.weights_broadcast import assert_broadcastable, broadcast_weights
from graphflow.util.deprecation import deprecated_args, deprecated_argument_lookup


@export('losses.Reduction')
class Reduction:
    """How the weighted losses of single elements become one."""
    NONE = 'none'                                               # they do not
    SUM = 'weighted_sum'
    SUM_OVER_BATCH_SIZE = 'weighted_sum_over_batch_size'        # divided by the number of elements
    MEAN = 'weighted_mean'                                      # divided by the sum of the weights
    SUM_BY_NONZERO_WEIGHTS = 'weighted_sum_by_nonzero_weights'  # divided by the number of weights that are not zero
    SUM_OVER_NONZERO_WEIGHTS = SUM_BY_NONZERO_WEIGHTS

    @classmethod
    def all(cls):
        """All the reductions."""
        return (cls.NONE, cls.SUM, cls.MEAN, cls.SUM_OVER_BATCH_SIZE, cls.SUM_OVER_NONZERO_WEIGHTS,
                cls.SUM_BY_NONZERO_WEIGHTS)

    @classmethod
    def validate(cls, key):
        """Raises: ValueError if `key` is none of them."""
        if key not in cls.all():
            raise ValueError(f'Invalid Reduction Key {key}.')


@export('losses.add_loss')
def add_loss(loss, loss_collection=GraphKeys.LOSSES):
    """Adds the Tensor `loss` to the collection, unless that is None."""
    if loss_collection:
        add_to_collection(loss_collection, loss)


@export('losses.get_losses')
def get_losses(scope=None, loss_collection=GraphKeys.LOSSES):
    """The losses in the collection, those of names under `scope` if given."""
    return get_collection(loss_collection, scope)


@export('losses.get_regularization_losses')
def get_regularization_losses(scope=None):
    """The regularization losses of the graph, those of names under `scope` if given."""
    return get_collection(GraphKeys.REGULARIZATION_LOSSES, scope)


@export('losses.get_regularization_loss')
def get_regularization_loss(scope=None, name='total_regularization_loss'):
    """The sum of the regularization losses, a scalar."""
    losses = get_regularization_losses(scope)
    return add_n(losses, name=name) if losses else constant(0.0)


@export('losses.get_total_loss')
def get_total_loss(add_regularization_losses=True, name='total_loss', scope=None):
    """The sum of the collected losses. Raises: ValueError if there are none."""
    losses = get_losses(scope=scope)
    if add_regularization_losses:
        losses += get_regularization_losses(scope=scope)
    return add_n(losses, name=name)


def _safe_mean(losses, count):
    return apply('DivNoNan', reduce_sum(losses), count, name='value')


def _num_present(losses, weights, per_batch=False):
    """How many losses have a weight other than zero; with `per_batch`, in each example."""
    with name_scope(None, 'num_present', (losses, weights)) as scope:
        weights = cast(weights, dtypes.float32)
        present = apply('Select', apply('Equal', weights, 0.0), fill.zeros_like(weights), fill.ones_like(weights))
        present = broadcast_weights(present, losses)
        if per_batch:
            return reduce_sum(present, axis=fill.range(1, array.rank(present)), keepdims=True, name=scope)
        return reduce_sum(present, name=scope)


def _num_elements(losses):
    with name_scope(None, 'num_elements', [losses]) as scope:
        return cast(array.size(losses, name=scope), losses.dtype)


@export('losses.compute_weighted_loss')
def compute_weighted_loss(losses, weights=1.0, scope=None, loss_collection=GraphKeys.LOSSES,
                          reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):
    """The weighted losses, reduced.

    Args:
      losses: a Tensor of losses of single elements.
      weights: a number, or a Tensor that broadcasts to the losses without adding dimensions.
      scope: name of the scope of the nodes.
      loss_collection: the collection to add the result to, or None.
      reduction: one of `Reduction`.

    Returns: a scalar, or with `Reduction.NONE` a Tensor like `losses`, of their dtype.

    Raises: ValueError if weights are None or do not broadcast, or for another reduction.
    """
    Reduction.validate(reduction)
    with name_scope(scope, 'weighted_loss', (losses, weights)):
        get_default_graph()._last_loss_reduction = reduction
        with control_dependencies((assert_broadcastable(weights, losses),)):
            losses = convert.to_tensor(losses)
            dtype = losses.dtype
            losses = cast(losses, dtypes.float32)
            weights = cast(weights, dtypes.float32)
            loss = cast(_reduced(losses, weights, reduction), dtype)
            add_loss(loss, loss_collection)
            return loss


def _reduced(losses, weights, reduction):
    weighted = apply('Mul', losses, weights)
    if reduction == Reduction.NONE:
        return weighted
    loss = reduce_sum(weighted)
    if reduction == Reduction.MEAN:
        return _safe_mean(loss, reduce_sum(fill.ones_like(losses) * weights))
    if reduction == Reduction.SUM_BY_NONZERO_WEIGHTS:
        return _safe_mean(loss, _num_present(losses, weights))
    if reduction == Reduction.SUM_OVER_BATCH_SIZE:
        return _safe_mean(loss, _num_elements(losses))
    return loss


def _given(**arguments):
    for name, value in arguments.items():
        if value is None:
            raise ValueError(f'{name} must not be None.')


def _as_floats(predictions, labels):
    """Both as float32, of one shape."""
    predictions, labels = cast(predictions, dtypes.float32), cast(labels, dtypes.float32)
    predictions.get_shape().assert_is_compatible_with(labels.get_shape())
    return predictions, labels


@export('losses.absolute_difference')
def absolute_difference(labels, predictions, weights=1.0, scope=None, loss_collection=GraphKeys.LOSSES,
                        reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):
    """abs(predictions - labels), weighted and reduced.

    Args:
      labels: a Tensor like `predictions`.
      predictions: a Tensor; computed in float32.
      weights, scope, loss_collection, reduction: see `compute_weighted_loss`.

    Returns: a scalar, or with `Reduction.NONE` a Tensor of the shape of `labels`.

    Raises: ValueError if labels or predictions are None, or the shapes do not fit.
    """
    _given(labels=labels, predictions=predictions)
    with name_scope(scope, 'absolute_difference', (predictions, labels, weights)) as scope:
        predictions, labels = _as_floats(predictions, labels)
        losses = apply('Abs', apply('Sub', predictions, labels))
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction=reduction)


@export('losses.cosine_distance')
@deprecated_args(None, 'dim is deprecated, use axis instead', 'dim')
def cosine_distance(labels, predictions, axis=None, weights=1.0, scope=None, loss_collection=GraphKeys.LOSSES,
                    reduction=Reduction.SUM_BY_NONZERO_WEIGHTS, dim=None):
    """1 - sum(predictions * labels) along `axis`, of vectors already normalized; see `absolute_difference`."""
    axis = deprecated_argument_lookup('axis', axis, 'dim', dim)
    if axis is None:
        raise ValueError("You must specify 'axis'.")
    _given(labels=labels, predictions=predictions)
    with name_scope(scope, 'cosine_distance_loss', (predictions, labels, weights)) as scope:
        predictions, labels = _as_floats(predictions, labels)
        losses = 1 - reduce_sum(apply('Mul', predictions, labels), axis=(axis,), keepdims=True)
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction=reduction)


@export('losses.hinge_loss')
def hinge_loss(labels, logits, weights=1.0, scope=None, loss_collection=GraphKeys.LOSSES,
               reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):
    """max(0, 1 - y * logits), with y = 1 for labels 1 and -1 for labels 0; see `absolute_difference`."""
    _given(labels=labels, logits=logits)
    with name_scope(scope, 'hinge_loss', (logits, labels, weights)) as scope:
        logits, labels = _as_floats(logits, labels)
        ones = fill.ones_like(labels)
        signs = apply('Sub', 2 * labels, ones)
        losses = apply('Relu', apply('Sub', ones, apply('Mul', signs, logits)))
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction=reduction)


@export('losses.huber_loss')
def huber_loss(labels, predictions, weights=1.0, delta=1.0, scope=None, loss_collection=GraphKeys.LOSSES,
               reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):
    """error ** 2 / 2 for errors up to `delta`, beyond that linear (Huber, 1964); see `absolute_difference`."""
    _given(labels=labels, predictions=predictions)
    with name_scope(scope, 'huber_loss', (predictions, labels, weights)) as scope:
        predictions, labels = _as_floats(predictions, labels)
        error = apply('Abs', apply('Sub', predictions, labels))
        quadratic = apply('Minimum', error, delta)
        linear = apply('Sub', error, quadratic)
        half = convert.to_tensor(0.5, dtype=quadratic.dtype)
        losses = apply('Add', apply('Mul', half, apply('Mul', quadratic, quadratic)), apply('Mul', delta, linear))
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction=reduction)


@export('losses.log_loss')
def log_loss(labels, predictions, weights=1.0, epsilon=1e-7, scope=None, loss_collection=GraphKeys.LOSSES,
             reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):
    """-labels * log(predictions) - (1 - labels) * log(1 - predictions); see `absolute_difference`.

    `epsilon` is added to the arguments of the logarithms.
    """
    _given(labels=labels, predictions=predictions)
    with name_scope(scope, 'log_loss', (predictions, labels, weights)) as scope:
        predictions, labels = _as_floats(predictions, labels)
        losses = -apply('Mul', labels, apply('Log', predictions + epsilon)) - apply(
            'Mul', 1 - labels, apply('Log', 1 - predictions + epsilon))
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction=reduction)


@export('losses.mean_pairwise_squared_error')
def mean_pairwise_squared_error(labels, predictions, weights=1.0, scope=None, loss_collection=GraphKeys.LOSSES):
    """The mean, over pairs of elements of an example, of the squared error of their difference.

    Args:
      labels, predictions: Tensors of one shape with a first dimension of examples.
      weights: a number, or a Tensor with a weight an example.
      scope, loss_collection: see `compute_weighted_loss`.

    Returns: a scalar, the sum over the examples.
    """
    _given(labels=labels, predictions=predictions)
    with name_scope(scope, 'mean_pairwise_squared_error', (predictions, labels, weights)):
        weights, labels = cast(weights, dtypes.float32), cast(labels, dtypes.float32)
        with control_dependencies((assert_broadcastable(weights, labels),)):
            predictions = cast(predictions, dtypes.float32)
            predictions.get_shape().assert_is_compatible_with(labels.get_shape())
            error = apply('Sub', predictions, labels)
            axes = fill.range(1, array.rank(error))
            squares = reduce_sum(apply('Square', error), axis=axes, keepdims=True)
            count = _num_present(error, weights, per_batch=True)
            term1 = 2.0 * apply('DivNoNan', squares, apply('Maximum', count - 1, 0), name='value')
            sums = apply('Square', reduce_sum(error, axis=axes, keepdims=True))
            pairs = apply('Maximum', apply('Mul', count, count - 1), 0)
            term2 = 2.0 * apply('DivNoNan', sums, pairs, name='value')
            loss = reduce_sum(apply('Mul', term1 - term2, weights))
            mean = apply('Select', reduce_sum(count) > 0, loss, fill.zeros_like(loss), name='value')
            add_loss(mean, loss_collection)
            return mean


@export('losses.mean_squared_error')
def mean_squared_error(labels, predictions, weights=1.0, scope=None, loss_collection=GraphKeys.LOSSES,
                       reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):
    """(predictions - labels) ** 2, weighted and reduced; see `absolute_difference`."""
    _given(labels=labels, predictions=predictions)
    with name_scope(scope, 'mean_squared_error', (predictions, labels, weights)) as scope:
        predictions, labels = _as_floats(predictions, labels)
        losses = apply('SquaredDifference', predictions, labels)
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction=reduction)


@export('losses.sigmoid_cross_entropy')
def sigmoid_cross_entropy(multi_class_labels, logits, weights=1.0, label_smoothing=0, scope=None,
                          loss_collection=GraphKeys.LOSSES, reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):
    """`tf.nn.sigmoid_cross_entropy_with_logits`, weighted and reduced.

    Args:
      multi_class_labels: a Tensor like `logits`, of 0 and 1.
      logits: a Tensor of floats.
      label_smoothing: labels are moved this far towards 1/2.
      weights, scope, loss_collection, reduction: see `compute_weighted_loss`.

    Returns: a scalar, or with `Reduction.NONE` a Tensor like `logits`.
    """
    _given(multi_class_labels=multi_class_labels, logits=logits)
    with name_scope(scope, 'sigmoid_cross_entropy_loss', (logits, multi_class_labels, weights)) as scope:
        logits = convert.to_tensor(logits)
        labels = cast(multi_class_labels, logits.dtype)
        logits.get_shape().assert_is_compatible_with(labels.get_shape())
        if label_smoothing > 0:
            labels = labels * (1 - label_smoothing) + 0.5 * label_smoothing
        losses = sigmoid_cross_entropy_with_logits(labels=labels, logits=logits, name='xentropy')
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction=reduction)


@export('losses.softmax_cross_entropy')
def softmax_cross_entropy(onehot_labels, logits, weights=1.0, label_smoothing=0, scope=None,
                          loss_collection=GraphKeys.LOSSES, reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):
    """`tf.nn.softmax_cross_entropy_with_logits`, weighted and reduced.

    Args:
      onehot_labels: a Tensor like `logits`.
      logits: a Tensor of floats, the classes last.
      label_smoothing: labels are moved this far towards an equal share for each class.
      weights, scope, loss_collection, reduction: see `compute_weighted_loss`.

    Returns: a scalar, or with `Reduction.NONE` a Tensor of the shape of `logits` without the classes.
    """
    _given(onehot_labels=onehot_labels, logits=logits)
    with name_scope(scope, 'softmax_cross_entropy_loss', (logits, onehot_labels, weights)) as scope:
        logits = convert.to_tensor(logits)
        labels = cast(onehot_labels, logits.dtype)
        logits.get_shape().assert_is_compatible_with(labels.get_shape())
        if label_smoothing > 0:
            classes = cast(array.shape(labels)[-1], logits.dtype)
            share = label_smoothing / classes
            labels = labels * (1.0 - label_smoothing) + share
        labels = array.stop_gradient(labels, name='labels_stop_gradient')
        losses = softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits, name='xentropy')
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction=reduction)


@export('losses.sparse_softmax_cross_entropy')
def sparse_softmax_cross_entropy(labels, logits, weights=1.0, scope=None, loss_collection=GraphKeys.LOSSES,
                                 reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):
    """`tf.nn.sparse_softmax_cross_entropy_with_logits`, weighted and reduced.

    Args:
      labels: an int32 or int64 Tensor of the shape of `logits` without the classes; or that with a last dimension 1.
      logits: a Tensor of floats, the classes last.
      weights, scope, loss_collection, reduction: see `compute_weighted_loss`.

    Returns: a scalar, or with `Reduction.NONE` a Tensor of the shape of `labels`.
    """
    _given(labels=labels, logits=logits)
    with name_scope(scope, 'sparse_softmax_cross_entropy_loss', (logits, labels, weights)) as scope:
        labels, logits = remove_squeezable_dimensions(labels, logits, expected_rank_diff=1)
        weights = _squeezed_weights(weights, labels)
        losses = sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits, name='xentropy')
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction=reduction)


def remove_squeezable_dimensions(labels, predictions, expected_rank_diff=0, name=None):
    """(labels, predictions) with a last dimension 1 taken from the one whose rank is too great by one."""
    with name_scope(name, 'remove_squeezable_dimensions', [labels, predictions]):
        predictions, labels = convert.to_tensor(predictions), convert.to_tensor(labels)
        p_shape, l_shape = predictions.get_shape(), labels.get_shape()
        if p_shape.ndims is not None and l_shape.ndims is not None:
            difference = p_shape.ndims - l_shape.ndims
            if difference == expected_rank_diff + 1 and p_shape[-1].is_compatible_with(1):
                predictions = array.squeeze(predictions, [-1])
            elif difference == expected_rank_diff - 1 and l_shape[-1].is_compatible_with(1):
                labels = array.squeeze(labels, [-1])
            return labels, predictions
        difference = array.rank(predictions) - array.rank(labels)
        if p_shape.ndims is None or p_shape[-1].is_compatible_with(1):
            predictions = _squeezed_if(expected_rank_diff + 1, difference, predictions)
        if l_shape.ndims is None or l_shape[-1].is_compatible_with(1):
            labels = _squeezed_if(expected_rank_diff - 1, difference, labels)
        return labels, predictions


def _squeezed_if(wanted, difference, x):
    return PUBLIC['cond'](apply('Equal', wanted, difference), lambda: array.squeeze(x, [-1]), lambda: x)


def _squeezed_weights(weights, labels):
    """The weights without a last dimension 1 that the labels do not have."""
    weights = convert.to_tensor(weights)
    shape, labels_rank = weights.get_shape(), labels.get_shape().ndims
    if shape.ndims is not None and labels_rank is not None:
        return array.squeeze(weights, [-1]) if shape.ndims - labels_rank == 1 else weights
    if shape.ndims == 0:
        return weights
    difference = array.rank(weights) - array.rank(labels)
    if shape.ndims is None or shape[-1].is_compatible_with(1):
        weights = _squeezed_if(1, difference, weights)
    return weights
