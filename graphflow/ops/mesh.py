"""Coordinate grids."""
from graphflow.framework import convert
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.scopes import name_scope
from graphflow.ops import array, concat, fill


@export('meshgrid')
def meshgrid(*args, **kwargs):
    """The coordinates of a grid: N tensors of rank N, the i-th of which varies along one dimension as args[i] does.

    Args:
      *args: N tensors of rank 1.
      indexing: 'xy' (the default: the first two dimensions are exchanged, as for images) or 'ij'.
      name: name of the scope.

    Returns: a list of N Tensors.

    Raises: TypeError for other keyword arguments, ValueError for another `indexing`.
    """
    indexing, name = kwargs.pop('indexing', 'xy'), kwargs.pop('name', 'meshgrid')
    if kwargs:
        raise TypeError(f"'{list(kwargs)[0]}' is an invalid keyword argument for this function")
    if indexing not in ('xy', 'ij'):
        raise ValueError("indexing parameter must be either 'xy' or 'ij'")
    with name_scope(name, 'meshgrid', args):
        count = len(args)
        columns = [array.reshape(concat.stack(x), (1,) * i + (-1,) + (1,) * (count - i - 1))
                   for i, x in enumerate(args)]
        sizes = [array.size(x) for x in args]
        dtype = convert.to_tensor(args[0]).dtype.base_dtype
        if indexing == 'xy' and count > 1:
            columns[0] = array.reshape(columns[0], (1, -1) + (1,) * (count - 2))
            columns[1] = array.reshape(columns[1], (-1, 1) + (1,) * (count - 2))
            sizes[0], sizes[1] = sizes[1], sizes[0]
        ones = fill.ones(sizes, dtype)
        return [apply('Mul', x, ones, name='mul') for x in columns]
