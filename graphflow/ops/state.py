"""Variable ops: nodes that own state, and those that read and change it through a reference."""
from graphflow.framework import convert
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import not_differentiable, op
from graphflow.framework.shape_rules import merge, scalar, unchanged
from graphflow.framework.tensor_shape import TensorShape, unknown_shape

NUMBERS = ('{float,double,int32,uint8,int16,int8,complex64,int64,qint8,quint8,qint32,bfloat16,uint16,complex128,half,'
           'uint32,uint64}')
_ORDERED = '{half,bfloat16,float,double,int32,int64}'
_INDICES = 'Tindices:type{int32,int64}'
_STORAGE = "shape:shape; dtype:type; container:string=''; shared_name:string=''"


def _declared(c):
    return c.attr('shape')


def _declared_legacy(c):
    """The first variable op had no way to say "unknown", so there a scalar's shape says so."""
    shape = c.attr('shape')
    return shape if shape is not None and shape.ndims else unknown_shape()


op('VariableV2', '-> ref:ref(dtype)', _STORAGE, shape=_declared, stateful=True)
op('Variable', '-> ref:ref(dtype)', _STORAGE, shape=_declared_legacy, stateful=True)
op('TemporaryVariable', '-> ref:ref(dtype)', "shape:shape; dtype:type; var_name:string=''", shape=_declared,
   stateful=True)
op('DestroyTemporaryVariable', 'ref:ref(T) -> value:T', 'T:type; var_name:string', shape=unchanged)
op('IsVariableInitialized', 'ref:ref(dtype) -> is_initialized:bool', 'dtype:type', shape=scalar)


@op('Assign', 'ref:ref(T), value:T -> output_ref:ref(T)', 'T:type; validate_shape:bool=True; use_locking:bool=True')
def _(c):
    return merge(c.shape(0), c.shape(1)) if c.attr('validate_shape') else c.shape(1)


def _same_shape(c):
    return merge(c.shape(0), c.shape(1))


for _name in ('AssignAdd', 'AssignSub'):
    op(_name, 'ref:ref(T), value:T -> output_ref:ref(T)', f'T:type{NUMBERS}; use_locking:bool=False',
       shape=_same_shape)


@op('CountUpTo', 'ref:ref(T) -> output:T', 'limit:int; T:type{int32,int64}')
def _(c):
    return c.rank(0, 0)


def scatter_shape(params, indices, updates):
    """Checks that `updates` are one slice of `params` for each index (or one number for all of them)."""
    if updates.ndims != 0:
        merge(updates, indices.concatenate(params[1:]))


def scatter_nd_shape(target, indices, updates, target_name):
    """Checks the shapes of a scatter by multi-dimensional indices: each innermost row of `indices` names a slice."""
    if None in (target.ndims, indices.ndims, updates.ndims) or indices.ndims == 0 or indices[-1].value is None:
        return
    outer, depth = indices.ndims - 1, indices[-1].value
    i, u, t = (_text(s) for s in (indices, updates, target))
    try:
        merge(indices[:-1], updates[:outer])
    except ValueError as error:
        raise ValueError(f'The outer {outer} dimensions of indices.shape={i} must match the outer {outer} dimensions '
                         f'of updates.shape={u}: {error}') from None
    inner = updates[outer:]
    try:
        merge(target[depth:], inner)
    except ValueError as error:
        raise ValueError(f'The inner {max(target.ndims - depth, 0)} dimensions of {target_name}.shape={t} must match '
                         f'the inner {inner.ndims} dimensions of updates.shape={u}: {error}') from None


def _text(shape):
    return '[' + ','.join('?' if d is None else str(d) for d in shape.as_list()) + ']'


def _scatter(c):
    scatter_shape(c.shape(0), c.shape(1), c.shape(2))
    return c.shape(0)


def _scatter_nd(c):
    scatter_nd_shape(c.shape(0), c.shape(1), c.shape(2), 'input')
    return c.shape(0)


_SCATTER = 'ref:ref(T), indices:Tindices, updates:T -> output_ref:ref(T)'
op('ScatterUpdate', _SCATTER, f'T:type; {_INDICES}; use_locking:bool=True', shape=_scatter)
for _name in ('ScatterAdd', 'ScatterSub', 'ScatterMul', 'ScatterDiv'):
    op(_name, _SCATTER, f'T:type{NUMBERS}; {_INDICES}; use_locking:bool=False', shape=_scatter)
for _name in ('ScatterMin', 'ScatterMax'):
    op(_name, _SCATTER, f'T:type{_ORDERED}; {_INDICES}; use_locking:bool=False', shape=_scatter)
op('ScatterNdUpdate', _SCATTER, f'T:type; {_INDICES}; use_locking:bool=True', shape=_scatter_nd)
for _name in ('ScatterNdAdd', 'ScatterNdSub'):
    op(_name, _SCATTER, f'T:type{NUMBERS}; {_INDICES}; use_locking:bool=False', shape=_scatter_nd)

not_differentiable('Assign', 'AssignAdd', 'AssignSub', 'ScatterAdd', 'ScatterSub', 'ScatterMul', 'ScatterDiv',
                   'ScatterNdUpdate', 'ScatterNdAdd', 'ScatterNdSub')


def variable_op(shape, dtype, name='Variable', container='', shared_name=''):
    """A VariableV2 node: a reference tensor of `shape` and `dtype`. Its state is `shared_name`'s in `container`."""
    return apply('VariableV2', shape=TensorShape(shape), dtype=dtype, name=name, container=container,
                 shared_name=shared_name)


def temporary_variable(shape, dtype, var_name='', name=None):
    """A reference to a tensor that lives only within a run, from this node to its `destroy_temporary_variable`."""
    return apply('TemporaryVariable', shape=shape, dtype=dtype, var_name=var_name, name=name)


def destroy_temporary_variable(ref, var_name, name=None):
    """Ends the temporary variable `var_name` and returns its last value."""
    return apply('DestroyTemporaryVariable', ref, var_name=var_name, name=name)


@export('is_variable_initialized')
def is_variable_initialized(ref, name=None):
    """A scalar bool tensor: whether the variable `ref` has a value."""
    if ref.dtype._is_ref_dtype:
        return apply('IsVariableInitialized', ref, name=name)
    return ref.is_initialized(name=name)


@export('assign')
def assign(ref, value, validate_shape=None, use_locking=None, name=None):
    """Sets the variable `ref` to `value`.

    Args:
      ref: a Variable, which need not be initialized.
      value: a tensor of its dtype.
      validate_shape: whether `value` must have the variable's shape (default True); if not, the variable takes the
        shape of `value`.
      use_locking: accepted; updates of one variable always follow each other.
      name: name of the node.

    Returns: a reference to the variable that holds the new value once it is computed.
    """
    if ref.dtype._is_ref_dtype:
        return apply('Assign', ref, value, validate_shape=validate_shape, use_locking=use_locking, name=name)
    return ref.assign(value, name=name)


@export('assign_add')
def assign_add(ref, value, use_locking=None, name=None):
    """Adds `value`, a tensor of the same shape and dtype, to the variable `ref`; returns a reference to it."""
    if ref.dtype._is_ref_dtype:
        return apply('AssignAdd', ref, value, use_locking=use_locking, name=name)
    return ref.assign_add(value)


@export('assign_sub')
def assign_sub(ref, value, use_locking=None, name=None):
    """Subtracts `value`, a tensor of the same shape and dtype, from the variable `ref`; returns a reference to it."""
    if ref.dtype._is_ref_dtype:
        return apply('AssignSub', ref, value, use_locking=use_locking, name=name)
    return ref.assign_sub(value)


@export('count_up_to')
def count_up_to(ref, limit, name=None):
    """Increments the scalar integer variable `ref`.

    Returns: a tensor, its value before. Running it raises OutOfRangeError once that value is `limit`.
    """
    if ref.dtype._is_ref_dtype:
        return apply('CountUpTo', ref, limit=limit, name=name)
    return apply('ResourceCountUpTo', ref.handle, limit=limit, T=ref.dtype, name=name)


def _scatter_function(kind, meaning, use_locking=False):
    def function(ref, indices, updates, use_locking=use_locking, name=None):
        if ref.dtype._is_ref_dtype:
            return apply('Scatter' + kind, ref, indices, updates, use_locking=use_locking, name=name)
        updates = convert.to_tensor(updates, ref.dtype)
        return ref._lazy_read(apply('ResourceScatter' + kind, ref.handle, indices, updates, name=name))
    return _documented(function, 'scatter_' + kind.lower(), f"""{meaning}

    Args:
      ref: a Variable of shape [n] + slice shape.
      indices: an int32 or int64 tensor of values in [0, n).
      updates: a tensor of shape indices.shape + slice shape, or one number.
      use_locking: accepted; updates of one variable always follow each other.
      name: name of the node.

    Returns: a reference to the variable that holds the new value once it is computed. An index that occurs twice
      counts twice, in order.

    Raises: InvalidArgumentError when run if an index is out of range; the variable then stays as it was.
    """)


def _scatter_nd_function(kind, meaning, use_locking=False):
    def function(ref, indices, updates, use_locking=use_locking, name=None):
        if ref.dtype._is_ref_dtype:
            return apply('ScatterNd' + kind, ref, indices, updates, use_locking=use_locking, name=name)
        updates = convert.to_tensor(updates, ref.dtype)
        return ref._lazy_read(apply('ResourceScatterNd' + kind, ref.handle, indices, updates, name=name))
    return _documented(function, 'scatter_nd_' + kind.lower(), f"""{meaning}

    Args:
      ref: a Variable of rank p.
      indices: an int32 or int64 tensor of shape [..., k], k <= p: each row names an element or slice of `ref`.
      updates: a tensor of shape indices.shape[:-1] + ref.shape[k:].
      use_locking: accepted; updates of one variable always follow each other.
      name: name of the node.

    Returns: a reference to the variable that holds the new value once it is computed.

    Raises: InvalidArgumentError when run if an index is out of range; the variable then stays as it was.
    """)


def _documented(function, name, doc):
    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc
    return export(name)(function)


scatter_update = _scatter_function('Update', 'Replaces the slices of `ref` at `indices` by `updates`.', True)
scatter_add = _scatter_function('Add', 'Adds `updates` to the slices of `ref` at `indices`.')
scatter_sub = _scatter_function('Sub', 'Subtracts `updates` from the slices of `ref` at `indices`.')
scatter_mul = _scatter_function('Mul', 'Multiplies the slices of `ref` at `indices` by `updates`.')
scatter_div = _scatter_function('Div', 'Divides the slices of `ref` at `indices` by `updates`.')
scatter_min = _scatter_function('Min', 'Replaces the slices of `ref` at `indices` by their minimum with `updates`.')
scatter_max = _scatter_function('Max', 'Replaces the slices of `ref` at `indices` by their maximum with `updates`.')
scatter_nd_update = _scatter_nd_function('Update', 'Replaces the elements of `ref` at `indices` by `updates`.', True)
scatter_nd_add = _scatter_nd_function('Add', 'Adds `updates` to the elements of `ref` at `indices`.')
scatter_nd_sub = _scatter_nd_function('Sub', 'Subtracts `updates` from the elements of `ref` at `indices`.')
