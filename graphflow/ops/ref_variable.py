"""The variables that tf.Variable makes by default: a VariableV2 node, whose output is a reference to its state."""
from graphflow.framework import convert, scopes
from graphflow.framework.apply import apply
from graphflow.framework.graph import get_default_graph
from graphflow.framework.indexed_slices import IndexedSlices
from graphflow.framework.operation import check_op_name
from graphflow.framework.scoped_names import with_scope, without_scope
from graphflow.framework.tensor_shape import unknown_shape
from graphflow.ops import batch_scatter, state
from graphflow.ops.initial_value import guarded
from graphflow.ops.variables import Variable


class RefVariable(Variable):
    """A variable whose node (VariableV2) outputs a reference; `tf.Variable` makes these by default."""

    def __init__(self, initial_value=None, trainable=None, collections=None, validate_shape=True, caching_device=None,
                 name=None, variable_def=None, dtype=None, expected_shape=None, import_scope=None, constraint=None,
                 synchronization=None, aggregation=None, shape=None):
        self._construct(initial_value, trainable, collections, validate_shape, caching_device, name, variable_def, dtype,
                        import_scope, constraint, synchronization, aggregation, shape)

    def _init_from_value(self, initial_value, shape, validate_shape, caching_device, name):
        graph = get_default_graph()
        is_function = callable(initial_value)
        with scopes.name_scope(name, 'Variable', [] if is_function else [initial_value]) as scope:
            if is_function:
                # The initial value is computed where the variable lives, though its node does not exist yet.
                with graph._attr_scope({'_class': [b'loc:@' + scope[:-1].encode()]}):
                    with scopes.name_scope('Initializer'), scopes.device(None):
                        value = convert.to_tensor(initial_value(), self._wanted_dtype, 'initial_value')
                    self._make_node(value, shape, validate_shape, scope)
            else:
                value = self._checked_initial_value(scope, initial_value)
                self._make_node(value, shape, validate_shape, scope)
            self._initial_value = value
            if validate_shape and not value.get_shape().is_fully_defined():
                raise ValueError(f'initial_value must have a shape specified: {value}')
            self._initializer_op = state.assign(self._variable, guarded(scope, value), validate_shape=validate_shape).op
            if caching_device is not None:
                with scopes.device(caching_device):
                    self._snapshot = apply('Identity', self._variable, name='read')
            else:
                with scopes.colocate_with(self._variable.op):
                    self._snapshot = apply('Identity', self._variable, name='read')
        self._caching_device = caching_device

    def _make_node(self, value, shape, validate_shape, scope):
        check_op_name(scope)
        if shape is None:
            shape = value.get_shape() if validate_shape else unknown_shape()
        self._variable = state.variable_op(shape, value.dtype.base_dtype, name=scope)
        self._name = self._variable.name

    def _init_from_proto(self, variable_def, import_scope):
        graph = get_default_graph()

        def find(name):
            return graph.as_graph_element(with_scope(name, import_scope))
        self._variable = find(variable_def.variable_name)
        self._name = self._variable.name
        self._initializer_op = find(variable_def.initializer_name)
        self._initial_value = find(variable_def.initial_value_name) if variable_def.initial_value_name else None
        self._snapshot = find(variable_def.snapshot_name)
        self._caching_device = None
        self._restore_proto(variable_def, import_scope)

    @property
    def dtype(self):
        """The dtype, a reference type: `.dtype.base_dtype` is that of its value."""
        return self._variable.dtype

    @property
    def op(self):
        return self._variable.op

    @property
    def shape(self):
        """The static shape, a TensorShape."""
        return self._variable.get_shape()

    def set_shape(self, shape):
        """Merges `shape` into the static shape, of a variable made with validate_shape=False."""
        self._ref().set_shape(shape)
        self.value().set_shape(shape)

    def _as_graph_element(self):
        return self._variable

    def _ref(self):
        return self._variable

    def value(self):
        """A tensor of the value: one node for all reads, which a caching device keeps."""
        return self._snapshot

    def read_value(self):
        """A new tensor of the value, read where this is called: within a `with tf.control_dependencies(...)`, after."""
        return apply('Identity', self._variable, name='read')

    def is_initialized(self, name=None):
        """A scalar bool tensor: whether the variable has a value."""
        return state.is_variable_initialized(self, name)

    def assign(self, value, use_locking=False, name=None, read_value=True):
        """Sets the variable to `value`; returns a reference to it, or the Operation if read_value is False."""
        return _ref_or_op(state.assign(self._variable, value, use_locking=use_locking, name=name), read_value)

    def assign_add(self, delta, use_locking=False, name=None, read_value=True):
        """Adds `delta`; returns a reference to the variable, or the Operation if read_value is False."""
        return _ref_or_op(state.assign_add(self._variable, delta, use_locking=use_locking, name=name), read_value)

    def assign_sub(self, delta, use_locking=False, name=None, read_value=True):
        """Subtracts `delta`; returns a reference to the variable, or the Operation if read_value is False."""
        return _ref_or_op(state.assign_sub(self._variable, delta, use_locking=use_locking, name=name), read_value)

    def scatter_nd_update(self, indices, updates, name=None):
        """tf.scatter_nd_update of this variable."""
        return state.scatter_nd_update(self._variable, indices, updates, use_locking=True, name=name)

    def scatter_nd_add(self, indices, updates, name=None):
        """tf.scatter_nd_add of this variable."""
        return state.scatter_nd_add(self._variable, indices, updates, use_locking=True, name=name)

    def scatter_nd_sub(self, indices, updates, name=None):
        """tf.scatter_nd_sub of this variable."""
        return state.scatter_nd_sub(self._variable, indices, updates, use_locking=True, name=name)

    def batch_scatter_update(self, sparse_delta, use_locking=False, name=None):
        """tf.batch_scatter_update of this variable with the IndexedSlices `sparse_delta`."""
        return batch_scatter.batch_scatter_update(self, sparse_delta.indices, sparse_delta.values,
                                                  use_locking=use_locking, name=name)

    def _strided_slice_assign(self, begin, end, strides, value, name, begin_mask, end_mask, ellipsis_mask,
                              new_axis_mask, shrink_axis_mask):
        return apply('StridedSliceAssign', self._ref(), begin, end, strides, value, name=name, begin_mask=begin_mask,
                     end_mask=end_mask, ellipsis_mask=ellipsis_mask, new_axis_mask=new_axis_mask,
                     shrink_axis_mask=shrink_axis_mask)

    def to_proto(self, export_scope=None):
        """A VariableDef message; None if the variable is not in the scope `export_scope`."""
        if export_scope is not None and not self._variable.name.startswith(export_scope):
            return None
        names = dict(variable_name=self._variable.name, initializer_name=self.initializer.name,
                     snapshot_name=self._snapshot.name)
        if self._initial_value is not None:
            names['initial_value_name'] = self._initial_value.name
        return self._proto(export_scope, **{k: without_scope(v, export_scope) for k, v in names.items()})


def _ref_or_op(ref, read_value):
    return ref if read_value else ref.op


def _sparse_method(kind, meaning):
    def method(self, sparse_delta, use_locking=False, name=None):
        if not isinstance(sparse_delta, IndexedSlices):
            raise TypeError(f'sparse_delta is not IndexedSlices: {sparse_delta}')
        return apply('Scatter' + kind, self._variable, sparse_delta.indices, sparse_delta.values,
                     use_locking=use_locking, name=name)
    method.__name__ = 'scatter_' + kind.lower()
    method.__doc__ = f'{meaning} the slices of the IndexedSlices `sparse_delta`; returns a reference to the variable.'
    setattr(RefVariable, method.__name__, method)


for _kind, _meaning in (('Add', 'Adds'), ('Sub', 'Subtracts'), ('Mul', 'Multiplies by'), ('Div', 'Divides by'),
                        ('Min', 'Takes the minimum with'), ('Max', 'Takes the maximum with'), ('Update', 'Assigns')):
    _sparse_method(_kind, _meaning)


def _ref_to_tensor(value, dtype=None, name=None, as_ref=False):
    if dtype is not None and not dtype.is_compatible_with(value.dtype):
        raise ValueError(f"Incompatible type conversion requested to type '{dtype.name}' for variable of type "
                         f"'{value.dtype.name}'")
    return value._ref() if as_ref else value.value()


convert.register_tensor_conversion_function(RefVariable, _ref_to_tensor)
