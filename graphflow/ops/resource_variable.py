"""Resource variables: the node outputs a handle, and every read is a node, which sees the value of its time."""
import contextlib

from graphflow.framework import convert, dtypes, scopes
from graphflow.framework.apply import apply, apply_op
from graphflow.framework.graph import get_default_graph
from graphflow.framework.indexed_slices import IndexedSlices
from graphflow.framework.registry import gradient, not_differentiable, op
from graphflow.framework.scoped_names import with_scope, without_scope
from graphflow.framework.shape_rules import merge, no_outputs, scalar
from graphflow.framework.tensor_shape import unknown_shape
from graphflow.ops import array, concat, constant, gather, state
from graphflow.ops.initial_value import guarded
from graphflow.ops.state import NUMBERS, scatter_nd_shape, scatter_shape
from graphflow.ops.variables import Variable

_INDICES = 'Tindices:type{int32,int64}'


def handle_shape(handle):
    """The static shape of the variable that the resource tensor `handle` stands for."""
    while handle.op.type != 'VarHandleOp':      # loops and conditionals pass handles on
        if not handle.op._inputs or handle.op._inputs[0].dtype != dtypes.resource:
            return unknown_shape()
        handle = handle.op._inputs[0]
    shape = handle.op._attrs['shape']
    return unknown_shape() if shape is None else shape


def _handle_shape(c):
    return handle_shape(c.op._inputs[0])


op('VarHandleOp', '-> resource:resource', "container:string=''; shared_name:string=''; dtype:type; shape:shape",
   shape=scalar, stateful=True)
op('ReadVariableOp', 'resource:resource -> value:dtype', 'dtype:type', shape=_handle_shape, stateful=True)
op('VarIsInitializedOp', 'resource:resource -> is_initialized:bool', shape=scalar, stateful=True)
op('DestroyResourceOp', 'resource:resource ->', 'ignore_lookup_error:bool=True', shape=no_outputs, stateful=True)


def _same_shape(c):
    merge(_handle_shape(c), c.shape(1))
    return []


for _name in ('AssignVariableOp', 'AssignAddVariableOp', 'AssignSubVariableOp'):
    op(_name, 'resource:resource, value:dtype ->', 'dtype:type', shape=_same_shape, stateful=True)


@op('VariableShape', 'input:resource -> output:out_type', 'out_type:type=int32{int32,int64}', stateful=True)
def _(c):
    return [_handle_shape(c).ndims]


@op('ResourceCountUpTo', 'resource:resource -> output:T', 'limit:int; T:type{int32,int64}', stateful=True)
def _(c):
    if _handle_shape(c).ndims:
        raise ValueError(f'Shape must be rank 0 but is rank {_handle_shape(c).ndims}')
    return []


@op('ResourceGather', 'resource:resource, indices:Tindices -> output:dtype',
    f'batch_dims:int=0; validate_indices:bool=True; dtype:type; {_INDICES}', stateful=True)
def _(c):
    params, batch_dims = _handle_shape(c), c.attr('batch_dims')
    if params.ndims is None:
        return None
    return params[:batch_dims].concatenate(c.shape(1)[batch_dims:]).concatenate(params[batch_dims + 1:])


@op('ResourceGatherNd', 'resource:resource, indices:Tindices -> output:dtype', f'dtype:type; {_INDICES}', stateful=True)
def _(c):
    params, indices = _handle_shape(c), c.rank_at_least(1, 1)
    if params.ndims is None or indices.ndims is None or indices[-1].value is None:
        return None
    if indices[-1].value > params.ndims:
        raise ValueError(f'indices.shape[-1] must be <= params.rank, but saw indices shape: {indices} and params shape: '
                         f'{params}')
    return indices[:-1].concatenate(params[indices[-1].value:])


def _scatter(c):
    scatter_shape(_handle_shape(c), c.shape(1), c.shape(2))
    return []


def _scatter_nd(c):
    scatter_nd_shape(_handle_shape(c), c.shape(1), c.shape(2), 'input')
    return []


for _kind, _types in (('Update', ''), ('Add', NUMBERS), ('Sub', NUMBERS), ('Mul', NUMBERS), ('Div', NUMBERS),
                      ('Min', NUMBERS), ('Max', NUMBERS)):
    op('ResourceScatter' + _kind, 'resource:resource, indices:Tindices, updates:dtype ->',
       f'dtype:type{_types}; {_INDICES}', shape=_scatter, stateful=True)
for _kind in ('Update', 'Add', 'Sub'):
    op('ResourceScatterNd' + _kind, 'ref:resource, indices:Tindices, updates:T ->',
       f'T:type; {_INDICES}; use_locking:bool=True', shape=_scatter_nd, stateful=True)

not_differentiable('VarIsInitializedOp', 'VariableShape')


@gradient('ReadVariableOp')
def _(op, grad):
    return grad


def variable_shape(handle):
    """The shape of the variable as a tensor: a constant where it is known."""
    shape = handle_shape(handle)
    if shape.is_fully_defined():
        return constant.constant(shape.as_list(), dtype=dtypes.int32)
    return apply('VariableShape', handle)


@gradient('ResourceGather')
def _(op, grad):
    handle, indices = op.inputs
    shape = variable_shape(handle)
    size = array.expand_dims(array.size(indices), 0)
    values = array.reshape(grad, concat.concat([size, shape[1:]], 0))
    return [IndexedSlices(values, array.reshape(indices, size), shape), None]


@gradient('ResourceGatherNd')
def _(op, grad):
    handle, indices = op.inputs
    shape = apply('VariableShape', handle, out_type=indices.dtype)
    if indices._shape.ndims == 2 and indices._shape.as_list()[-1] == 1:
        return [IndexedSlices(grad, array.squeeze(indices, axis=-1), shape), None]
    return [gather.scatter_nd(indices, grad, shape), None]


def is_resource_variable(var):
    """Whether `var` is a resource variable."""
    return isinstance(var, BaseResourceVariable)


@contextlib.contextmanager
def _alone(device):
    """Within the block nodes are placed on `device`, whatever is asked for around."""
    with scopes.colocate_with(None, ignore_existing=True), scopes.device(device):
        yield


class BaseResourceVariable(Variable):
    """What resource variables do, given `_handle`, `_dtype`, `_shape` and what else the constructor sets."""
    _cached_value = None

    @property
    def handle(self):
        """The resource tensor that stands for the variable in ops."""
        return self._handle

    @property
    def dtype(self):
        return self._dtype

    @property
    def shape(self):
        """The static shape, a TensorShape."""
        return self._shape

    @property
    def op(self):
        return self._handle.op

    @property
    def create(self):
        """The Operation that gives the variable its initial value."""
        return self._initializer_op

    def set_shape(self, shape):
        raise NotImplementedError('ResourceVariable does not implement set_shape()')

    def _as_graph_element(self):
        return self._graph_element

    def _read(self):
        value = apply('ReadVariableOp', self._handle, dtype=self._dtype)
        value.set_shape(self._shape)
        return value

    def value(self):
        """A new tensor of the value, or the copy that a caching device keeps."""
        if self._cached_value is not None:
            return self._cached_value
        with _alone(self._handle.device):
            return self._read()

    def read_value(self):
        """A new tensor of the value, read where this is called."""
        with scopes.name_scope('Read'):
            value = self._read()
        return array.identity(value)

    def sparse_read(self, indices, name=None):
        """tf.gather of this variable, which reads only the slices asked for."""
        with scopes.name_scope('Gather' if name is None else name) as scope:
            value = apply('ResourceGather', self._handle, indices, dtype=self._dtype, name=scope)
        return array.identity(value)

    def gather_nd(self, indices, name=None):
        """tf.gather_nd of this variable, which reads only the elements asked for."""
        with scopes.name_scope('GatherNd' if name is None else name) as scope:
            value = apply('ResourceGatherNd', self._handle, indices, dtype=self._dtype, name=scope)
        return array.identity(value)

    def is_initialized(self, name=None):
        """A scalar bool tensor: whether the variable has a value."""
        return apply('VarIsInitializedOp', self._handle, name=name)

    def _lazy_read(self, op):
        return _UnreadVariable(self, op)

    def _updated(self, op, read_value=True):
        return self._lazy_read(op) if read_value else op

    def assign(self, value, use_locking=None, name=None, read_value=True):
        """Sets the variable to `value`; returns it as a variable that is read after, or the Operation."""
        value = convert.to_tensor(value, self._dtype)
        self._shape.assert_is_compatible_with(value.get_shape())
        return self._updated(apply('AssignVariableOp', self._handle, value, name=name), read_value)

    def assign_add(self, delta, use_locking=None, name=None, read_value=True):
        """Adds `delta`; returns as `assign` does."""
        delta = convert.to_tensor(delta, self._dtype)
        return self._updated(apply('AssignAddVariableOp', self._handle, delta, name=name), read_value)

    def assign_sub(self, delta, use_locking=None, name=None, read_value=True):
        """Subtracts `delta`; returns as `assign` does."""
        delta = convert.to_tensor(delta, self._dtype)
        return self._updated(apply('AssignSubVariableOp', self._handle, delta, name=name), read_value)

    def scatter_nd_update(self, indices, updates, name=None):
        """tf.scatter_nd_update of this variable."""
        return state.scatter_nd_update(self, indices, updates, name=name)

    def scatter_nd_add(self, indices, updates, name=None):
        """tf.scatter_nd_add of this variable."""
        return state.scatter_nd_add(self, indices, updates, name=name)

    def scatter_nd_sub(self, indices, updates, name=None):
        """tf.scatter_nd_sub of this variable."""
        return state.scatter_nd_sub(self, indices, updates, name=name)

    def _strided_slice_assign(self, begin, end, strides, value, name, **masks):
        value = convert.to_tensor(value, self._dtype)
        return self._lazy_read(apply_op('ResourceStridedSliceAssign', self._handle, begin, end, strides, value,
                                        name=name, **masks))

    def to_proto(self, export_scope=None):
        """A VariableDef message; None if the variable is not in the scope `export_scope`."""
        if export_scope is not None and not self.handle.name.startswith(export_scope):
            return None
        snapshot = self._cached_value if self._cached_value is not None else self._graph_element
        names = dict(variable_name=self.handle.name, initializer_name=self.initializer.name,
                     snapshot_name=snapshot.name)
        if self._initial_value is not None:
            names['initial_value_name'] = self._initial_value.name
        return self._proto(export_scope, is_resource=True,
                           **{k: without_scope(v, export_scope) for k, v in names.items()})


def _sparse_method(kind, meaning):
    function = getattr(state, 'scatter_' + kind)

    def method(self, sparse_delta, use_locking=False, name=None):
        if not isinstance(sparse_delta, IndexedSlices):
            raise TypeError(f'sparse_delta is not IndexedSlices: {sparse_delta}')
        return function(self, sparse_delta.indices, sparse_delta.values, name=name)
    method.__name__ = 'scatter_' + kind
    method.__doc__ = f'{meaning} the slices of the IndexedSlices `sparse_delta`; returns the variable, read after.'
    setattr(BaseResourceVariable, method.__name__, method)


for _kind, _meaning in (('add', 'Adds'), ('sub', 'Subtracts'), ('mul', 'Multiplies by'), ('div', 'Divides by'),
                        ('min', 'Takes the minimum with'), ('max', 'Takes the maximum with'), ('update', 'Assigns')):
    _sparse_method(_kind, _meaning)


class ResourceVariable(BaseResourceVariable):
    """What `tf.Variable(..., use_resource=True)` makes; arguments as for tf.Variable."""

    def __init__(self, initial_value=None, trainable=None, collections=None, validate_shape=True, caching_device=None,
                 name=None, dtype=None, variable_def=None, expected_shape=None, import_scope=None, constraint=None,
                 synchronization=None, aggregation=None, shape=None):
        self._construct(initial_value, trainable, collections, validate_shape, caching_device, name, variable_def, dtype,
                        import_scope, constraint, synchronization, aggregation, shape)

    def _init_from_value(self, initial_value, shape, validate_shape, caching_device, name):
        is_function = callable(initial_value)
        with scopes.name_scope(name, 'Variable', [] if is_function else [initial_value]) as scope:
            handle_name = scope[:-1]
            with get_default_graph()._attr_scope({'_class': [b'loc:@' + handle_name.encode()]}):
                with scopes.name_scope('Initializer'), scopes.device(None):
                    value = self._checked_initial_value(scope, initial_value() if is_function else initial_value)
                if shape is None:
                    shape = value.get_shape() if validate_shape else unknown_shape()
                self._handle = apply('VarHandleOp', shape=shape, dtype=value.dtype.base_dtype,
                                     shared_name=handle_name, name=scope)
            self._shape, self._dtype, self._initial_value = handle_shape(self._handle), value.dtype.base_dtype, value
            self._name = handle_name + ':0'
            with scopes.name_scope('IsInitialized'):
                self._is_initialized_op = apply('VarIsInitializedOp', self._handle)
            with scopes.name_scope('Assign') as assign_scope, _alone(self._handle.device):
                self._initializer_op = apply_op('AssignVariableOp', self._handle, guarded(scope, value),
                                                name=assign_scope)
            with scopes.name_scope('Read'):
                with scopes.device(self._handle.device):
                    self._graph_element = self._read()
                if caching_device is not None:
                    with _alone(caching_device):
                        self._cached_value = array.identity(self._graph_element)

    def _init_from_proto(self, variable_def, import_scope):
        graph = get_default_graph()

        def find(name):
            return graph.as_graph_element(with_scope(name, import_scope))
        self._handle = find(variable_def.variable_name)
        self._shape, self._dtype = handle_shape(self._handle), self._handle.op.get_attr('dtype')
        self._name = self._handle.name
        self._initializer_op = find(variable_def.initializer_name)
        self._initial_value = find(variable_def.initial_value_name) if variable_def.initial_value_name else None
        snapshot = find(variable_def.snapshot_name)
        if snapshot.op.type == 'ReadVariableOp':
            self._graph_element = snapshot
        else:
            self._cached_value, self._graph_element = snapshot, snapshot.op.inputs[0]
        self._restore_proto(variable_def, import_scope)


class _UnreadVariable(BaseResourceVariable):
    """A resource variable as an update leaves it: whatever reads it does so after the update."""

    def __init__(self, variable, update):
        for name in ('_handle', '_dtype', '_shape', '_trainable', '_constraint', '_synchronization', '_aggregation',
                     '_save_slice_info', '_initial_value', '_initializer_op'):
            setattr(self, name, getattr(variable, name))
        self._update = update
        self._name = update.name
        with scopes.control_dependencies([update]):
            self._graph_element = self._read()

    @property
    def op(self):
        """The Operation that updates."""
        return self._update

    def value(self):
        with scopes.control_dependencies([self._update]):
            return super().value()

    def read_value(self):
        with scopes.control_dependencies([self._update]):
            return super().read_value()


def _to_tensor(value, dtype=None, name=None, as_ref=False):
    if dtype is not None and not dtype.is_compatible_with(value.dtype):
        raise ValueError(f"Incompatible type conversion requested to type '{dtype.name}' for variable of type "
                         f"'{value.dtype.name}'")
    return value.handle if as_ref else value.value()


convert.register_tensor_conversion_function(BaseResourceVariable, _to_tensor)
