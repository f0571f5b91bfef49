"""The confusion matrix of a classifier."""
from graphflow.framework import convert, dtypes
from graphflow.framework.export import PUBLIC, export
from graphflow.framework.scopes import name_scope
from graphflow.framework.sparse_tensor import SparseTensor
from graphflow.ops import cast, concat, control_flow, fill, math, reduce
from graphflow.ops.losses import remove_squeezable_dimensions


@export('confusion_matrix', 'math.confusion_matrix')
def confusion_matrix(labels, predictions, num_classes=None, dtype=dtypes.int32, name=None, weights=None):
    """How often each class was taken for each: element [i, j] counts the examples of class i predicted to be j.

    Args:
      labels: integers [n], the true classes, from 0.
      predictions: integers [n].
      num_classes: the number of classes; by default the greatest that occurs, + 1.
      dtype: DType of the result.
      name: name of the nodes' scope.
      weights: numbers [n] by which the examples count; 1 by default.

    Returns: a tensor [num_classes, num_classes].

    Raises: ValueError if the shapes do not fit; InvalidArgumentError when run with classes out of range.
    """
    with name_scope(name, 'confusion_matrix', (predictions, labels, num_classes, weights)):
        labels, predictions = remove_squeezable_dimensions(
            convert.to_tensor(labels, name='labels'), convert.to_tensor(predictions, name='predictions'))
        predictions = cast.cast(predictions, dtypes.int64)
        labels = cast.cast(labels, dtypes.int64)
        labels = _checked(PUBLIC['assert_non_negative'], labels, message='`labels` contains negative values')
        predictions = _checked(PUBLIC['assert_non_negative'], predictions,
                               message='`predictions` contains negative values')
        if num_classes is None:
            num_classes = math.maximum(reduce.reduce_max(predictions), reduce.reduce_max(labels)) + 1
        else:
            limit = cast.cast(num_classes, dtypes.int64)
            labels = _checked(PUBLIC['assert_less'], labels, limit, message='`labels` out of bound')
            predictions = _checked(PUBLIC['assert_less'], predictions, limit, message='`predictions` out of bound')
        if weights is not None:
            weights = convert.to_tensor(weights, name='weights')
            predictions.get_shape().assert_is_compatible_with(weights.get_shape())
            weights = cast.cast(weights, dtype)
        shape = concat.stack([num_classes, num_classes])
        cells = concat.stack([labels, predictions], axis=1)
        counts = fill.ones_like(predictions, dtype) if weights is None else weights
        counted = SparseTensor(cells, counts, cast.cast(shape, dtypes.int64))
        return PUBLIC['sparse_add'](fill.zeros(cast.cast(shape, dtypes.int32), dtype), counted)


def _checked(assertion, x, *args, message):
    return control_flow.with_dependencies([assertion(x, *args, message=message)], x)
