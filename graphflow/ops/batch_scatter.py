"""batch_scatter_update: scatter_update of each row of a batch."""
from graphflow.framework import convert, scopes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.ops import array, concat, fill, state
from graphflow.util import deprecation


@export('batch_scatter_update')
@deprecation.deprecated('2018-11-29', 'Use the batch_scatter_update method of Variable instead.')
def _batch_scatter_update(ref, indices, updates, use_locking=True, name=None):
    """Replaces slices of a variable, other ones in each row of a batch.

    Args:
      ref: a Variable of shape batch shape + [n] + slice shape.
      indices: an integer tensor of shape batch shape + [k], values in [0, n).
      updates: a tensor of shape indices.shape + slice shape.
      use_locking: accepted; updates of one variable always follow each other.
      name: name of the scope.

    Returns: a reference to the variable that holds the new value once it is computed.

    Raises: ValueError if the rank of `indices` is not known.
    """
    return batch_scatter_update(ref, indices, updates, use_locking, name)


def batch_scatter_update(ref, indices, updates, use_locking=True, name=None):
    """tf.batch_scatter_update without the notice that it is deprecated."""
    with scopes.name_scope(name):
        indices = convert.to_tensor(indices, name='indices')
        shape = array.shape(indices)
        rank = indices.get_shape().ndims
        if rank is None:
            raise ValueError('batch_gather does not allow indices with unknown shape.')
        last = array.expand_dims(indices, axis=-1)
        coordinates = []
        for axis in range(rank - 1):        # the batch's own coordinates, as many as there are indices
            size = shape[axis]
            numbers = array.reshape(apply('Range', 0, size, 1), [1] * axis + [size] + [1] * (rank - axis))
            if numbers.dtype != last.dtype:
                numbers = apply('Cast', numbers, DstT=last.dtype)
            coordinates.append(numbers * fill.ones_like(last))
        return state.scatter_nd_update(ref, concat.concat(coordinates + [last], axis=-1), updates, use_locking)
