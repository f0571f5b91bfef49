"""Functions over the rows of tensors: map_fn, foldl, foldr, scan, each a loop over TensorArrays."""
import contextlib

from graphflow.framework import convert, scopes, tensor_shape
from graphflow.framework.export import PUBLIC, export
from graphflow.framework.sparse_tensor import SparseTensor
from graphflow.ops import array
from graphflow.ops.constant import constant
from graphflow.ops.tensor_array import TensorArray
from graphflow.ops.while_loop import while_loop
from graphflow.util import nest


@export('map_fn')
def map_fn(fn, elems, dtype=None, parallel_iterations=None, back_prop=True, swap_memory=False, infer_shape=True,
           name=None):
    """`fn` of each row: the stack of fn(elems[0]), fn(elems[1]) ...

    Args:
      fn: a function of one row of `elems` (a structure like it).
      elems: a tensor, or a structure of tensors, with equally many rows.
      dtype: the DType, or structure of DTypes, of what `fn` returns, if it is not that of `elems`.
      parallel_iterations, back_prop, swap_memory: as for `while_loop`.
      infer_shape: whether all results have one shape.
      name: a name for the scope of the nodes.

    Returns: a structure of tensors [rows, ...].

    Raises: TypeError if `fn` is no function, ValueError if an element has no rows.
    """
    _check_function(fn)
    if isinstance(elems, SparseTensor):
        raise TypeError('To perform a map over the values of a sparse tensor use either SparseTensor(input.indices, '
                        'fn(input.values), input.dense_shape) or SparseTensor(input.indices, map_fn(fn, input.values), '
                        'input.dense_shape)')
    with _scope(name, 'map', elems):
        flat = _tensors(elems)
        dtypes = [e.dtype.base_dtype for e in flat] if dtype is None else nest.flatten(dtype)
        count = _count(flat)
        rows = [TensorArray(e.dtype, size=count, dynamic_size=False, infer_shape=True) for e in flat]
        rows = [ta.unstack(e) for ta, e in zip(rows, flat)]
        start = constant(0)
        results = [TensorArray(t, size=count, dynamic_size=False, infer_shape=infer_shape) for t in dtypes]
        like = elems if dtype is None else dtype

        def step(i, results):
            value = fn(_packed(elems, [ta.read(i) for ta in rows]))
            nest.assert_same_structure(like, value)
            results = [ta.write(i, v) for ta, v in zip(results, nest.flatten(value))]
            return i + 1, results
        _, results = while_loop(lambda i, _: i < count, step, (start, results), back_prop=back_prop,
                                parallel_iterations=parallel_iterations or 10, swap_memory=swap_memory,
                                maximum_iterations=count)
        return _packed(like, _stacked(results, flat))


@export('foldl')
def foldl(fn, elems, initializer=None, parallel_iterations=10, back_prop=True, swap_memory=False, name=None):
    """fn(... fn(fn(initializer, elems[0]), elems[1]) ..., elems[-1]).

    Args:
      fn: a function of the value so far and one row.
      elems: a tensor, or a structure of tensors, with equally many rows.
      initializer: the value to start from; the first row if None.
      parallel_iterations, back_prop, swap_memory: as for `while_loop`.
      name: a name for the scope of the nodes.

    Returns: what the last call of `fn` returns.

    Raises: TypeError if `fn` is no function.
    """
    _check_function(fn)
    with _scope(name, 'foldl', elems):
        elems, count, rows = _unstacked(elems)
        if initializer is None:
            value, start = nest.map_structure(lambda ta: ta.read(0), rows), constant(1)
        else:
            value, start = initializer, constant(0)

        def step(i, value):
            value = fn(value, nest.map_structure(lambda ta: ta.read(i), rows))
            return [i + 1, value]
        return while_loop(lambda i, _: i < count, step, [start, value], parallel_iterations=parallel_iterations,
                          back_prop=back_prop, swap_memory=swap_memory, maximum_iterations=count)[1]


@export('foldr')
def foldr(fn, elems, initializer=None, parallel_iterations=10, back_prop=True, swap_memory=False, name=None):
    """fn(... fn(fn(initializer, elems[-1]), elems[-2]) ..., elems[0]).

    Args, Returns, Raises: as for `foldl`.
    """
    _check_function(fn)
    with _scope(name, 'foldr', elems):
        elems, count, rows = _unstacked(elems)
        if initializer is None:
            start = count - 1
            value = nest.map_structure(lambda ta: ta.read(start), rows)
        else:
            start, value = count, initializer

        def step(i, value):
            i -= 1
            return [i, fn(value, nest.map_structure(lambda ta: ta.read(i), rows))]
        return while_loop(lambda i, _: i > 0, step, [start, value], parallel_iterations=parallel_iterations,
                          back_prop=back_prop, swap_memory=swap_memory, maximum_iterations=count)[1]


@export('scan')
def scan(fn, elems, initializer=None, parallel_iterations=10, back_prop=True, swap_memory=False, infer_shape=True,
         reverse=False, name=None):
    """The stack of the values that `foldl` goes through.

    Args:
      fn: a function of the value so far and one row.
      elems: a tensor, or a structure of tensors, with equally many rows.
      initializer: the value to start from; the first row, which is the first result too, if None.
      parallel_iterations, back_prop, swap_memory: as for `while_loop`.
      infer_shape: whether all values have one shape.
      reverse: whether to go from the last row to the first.
      name: a name for the scope of the nodes.

    Returns: a structure of tensors [rows, ...].

    Raises: TypeError if `fn` is no function.
    """
    _check_function(fn)
    with _scope(name, 'scan', elems):
        flat = _tensors(elems)
        count = _count(flat)
        rows = [TensorArray(e.dtype, size=count, dynamic_size=False, element_shape=e.shape[1:], infer_shape=True)
                for e in flat]
        rows = [ta.unstack(e) for ta, e in zip(rows, flat)]
        like = elems if initializer is None else initializer
        if initializer is None:
            values, done = [ta.read(count - 1 if reverse else 0) for ta in rows], 1
        else:
            values, done = [convert.to_tensor(v) for v in nest.flatten(initializer)], 0
        results = [TensorArray(v.dtype, size=count, element_shape=v.shape if infer_shape else None, dynamic_size=False,
                               infer_shape=infer_shape) for v in values]
        if initializer is None:
            results = [ta.write(count - 1 if reverse else 0, v) for ta, v in zip(results, values)]

        def step(i, values, results):
            value = fn(_packed(like, values), _packed(elems, [ta.read(i) for ta in rows]))
            nest.assert_same_structure(like, value)
            values = nest.flatten(value)
            results = [ta.write(i, v) for ta, v in zip(results, values)]
            return i - 1 if reverse else i + 1, values, results
        if reverse:
            start, goes_on = count - 1 - done, lambda i, *_: i >= 0
        else:
            start, goes_on = done, lambda i, *_: i < count
        results = while_loop(goes_on, step, (start, values, results), parallel_iterations=parallel_iterations,
                             back_prop=back_prop, swap_memory=swap_memory, maximum_iterations=count)[2]
        return _packed(like, _stacked(results, flat))


def _check_function(fn):
    if not callable(fn):
        raise TypeError('fn must be callable.')


@contextlib.contextmanager
def _scope(name, default_name, elems):
    """The name scope, in which variables are cached where they are used: a loop would read them in every round."""
    variable_scope = PUBLIC['get_variable_scope']()
    with scopes.name_scope(name, default_name, nest.flatten(elems)):
        cached = variable_scope.caching_device is None
        if cached:
            variable_scope.set_caching_device(lambda op: op.device)
        try:
            yield
        finally:
            if cached:
                variable_scope.set_caching_device(None)


def _tensors(elems):
    return [convert.to_tensor(e, name='elem') for e in nest.flatten(elems)]


def _packed(structure, flat):
    return nest.pack_sequence_as(structure, flat) if nest.is_nested(structure) else flat[0]


def _count(flat):
    """How many rows: an int if it is known, else a tensor."""
    shape = flat[0].shape
    if shape.ndims == 0:
        raise ValueError('elems must be a 1+ dimensional Tensor, not a scalar' if len(flat) == 1 else
                         'elements in elems must be 1+ dimensional Tensors, not scalars')
    static = None if shape.ndims is None else shape.as_list()[0]
    return static or array.shape(flat[0])[0]


def _unstacked(elems):
    """(the elems as tensors, how many rows they have, a TensorArray of the rows of each)."""
    flat = _tensors(elems)
    count = _count(flat)
    rows = [TensorArray(e.dtype, size=count, dynamic_size=False, infer_shape=True).unstack(e) for e in flat]
    return _packed(elems, flat), count, _packed(elems, rows)


def _stacked(results, elems):
    stacked = [ta.stack() for ta in results]
    rows = tensor_shape.Dimension(None)
    for e in elems:
        rows = rows.merge_with(e.shape.with_rank_at_least(1)[0])
    for tensor in stacked:
        tensor.set_shape(tensor_shape.TensorShape([rows]).concatenate(tensor.shape[1:]))
    return stacked
