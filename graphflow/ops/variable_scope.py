"""get_variable: variables shared by name, within variable scopes that name them and say how they are made."""
import contextlib
import copy
import enum
import functools
import inspect
import threading
import traceback
from collections.abc import Sequence

from graphflow.framework import convert, dtypes, scopes
from graphflow.framework.export import export, export_constant
from graphflow.framework.graph import get_default_graph, graph_of
from graphflow.framework.operation import _PACKAGE
from graphflow.framework.scopes import GraphKeys
from graphflow.framework.tensor import Tensor
from graphflow.framework.tensor_shape import as_shape
from graphflow.ops import init, slicing
from graphflow.ops.partitioned_variables import PartitionedVariable
from graphflow.ops.variables import Variable, VariableAggregation, VariableSynchronization, is_trained
from graphflow.platform import tf_logging
from graphflow.util import tf_inspect


class _ReuseMode(enum.Enum):
    """How get_variable treats a variable that exists, besides False (fail) and True (it must)."""
    AUTO_REUSE = 1


AUTO_REUSE = export_constant('AUTO_REUSE', _ReuseMode.AUTO_REUSE)


class _PartitionInfo:
    """What an initializer is told of the slice it makes: `full_shape` of the whole and `var_offset` within it."""

    def __init__(self, full_shape, var_offset):
        for offset, size in zip(var_offset, full_shape):
            if not 0 <= offset < size:
                raise ValueError(f'Expected 0 <= offset < shape but found offset={offset}, shape={size} for '
                                 f'var_offset={var_offset}, full_shape={full_shape}')
        self.full_shape = list(full_shape)
        self.var_offset = list(var_offset)

    def single_slice_dim(self, shape):
        """The one dimension along which a slice of `shape` is smaller than the whole, or None."""
        cut = [i for i, (whole, part) in enumerate(zip(self.full_shape, shape)) if whole != part]
        if len(cut) > 1:
            raise ValueError(f'Cannot use single_slice_dim() with shape {shape} and partition dims {cut}')
        return cut[0] if cut else None

    def single_offset(self, shape):
        """Where along `single_slice_dim` the slice begins."""
        dim = self.single_slice_dim(shape)
        return self.var_offset[0 if dim is None else dim]


class VariableStore:
    """The variables of a graph by full name. get_variable of the current VariableScope asks it."""

    def __init__(self):
        self._vars = {}
        self._partitioned_vars = {}

    def get_variable(self, name, shape=None, dtype=dtypes.float32, initializer=None, regularizer=None, reuse=None,
                     trainable=None, collections=None, caching_device=None, partitioner=None, validate_shape=True,
                     use_resource=None, custom_getter=None, constraint=None,
                     synchronization=VariableSynchronization.AUTO, aggregation=VariableAggregation.NONE):
        """The variable `name`, found or made; arguments as for tf.get_variable."""
        if custom_getter is not None and not callable(custom_getter):
            raise ValueError(f'Passed a custom_getter which is not callable: {custom_getter}')
        try:    # a reference type comes from another variable's dtype
            dtype = dtype.base_dtype
        except AttributeError:
            pass
        arguments = dict(
            shape=shape, dtype=dtype, initializer=initializer, regularizer=regularizer, reuse=reuse,
            trainable=is_trained(trainable, synchronization), collections=collections, caching_device=caching_device,
            partitioner=partitioner, validate_shape=validate_shape,
            use_resource=False if use_resource is None else use_resource, synchronization=synchronization,
            aggregation=aggregation, constraint=constraint)
        if custom_getter is None:
            return self._find_or_make(name, **arguments)
        parameters = inspect.signature(custom_getter).parameters
        if 'constraint' not in parameters and not any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
            del arguments['constraint']
        arguments['use_resource'] = use_resource
        return custom_getter(getter=self._find_or_make, name=name, **arguments)

    def _find_or_make(self, name, shape=None, dtype=dtypes.float32, initializer=None, regularizer=None, reuse=None,
                      trainable=None, collections=None, caching_device=None, partitioner=None, validate_shape=True,
                      use_resource=None, constraint=None, synchronization=VariableSynchronization.AUTO,
                      aggregation=VariableAggregation.NONE):
        given = dict(dtype=dtype, trainable=trainable, collections=collections, caching_device=caching_device,
                     validate_shape=validate_shape, use_resource=use_resource, constraint=constraint,
                     synchronization=synchronization, aggregation=aggregation)
        is_scalar = shape is not None and isinstance(shape, Sequence) and not shape
        if partitioner is not None and not is_scalar:
            if not callable(partitioner):
                raise ValueError(f'Partitioner must be callable, but received: {partitioner}')
            with scopes.name_scope(None):
                return self._partitioned(name, partitioner, shape, initializer, regularizer, reuse, given)
        if reuse is True and partitioner is None and name in self._partitioned_vars:
            return self._partitioned(name, None, shape, initializer, regularizer, reuse, given)
        if f'{name}/part_0' in self._vars:
            raise ValueError('No partitioner was provided, but a partitioned version of the variable was found: '
                             f'{name}/part_0. Perhaps a variable of the same name was already created with '
                             'partitioning?')
        return self._single(name, shape, initializer, regularizer, reuse, None, **given)

    def _single(self, name, shape, initializer, regularizer, reuse, partition_info, dtype, use_resource, **given):
        is_value = initializer is not None and not callable(initializer)
        if is_value and shape is not None:
            raise ValueError('If initializer is a constant, do not specify shape.')
        dtype, shape = dtypes.as_dtype(dtype), as_shape(shape)
        if name in self._vars:
            return self._shared(name, shape, dtype, reuse)
        if reuse is True:
            raise ValueError(f'Variable {name} does not exist, or was not created with tf.get_variable(). Did you mean '
                             'to set reuse=tf.AUTO_REUSE in VarScope?')
        if initializer is None:
            initializer = default_initializer(name, dtype)
        with scopes.control_dependencies(None):
            value, value_dtype = initializer, None
            if not is_value:
                value, value_dtype = _delayed(initializer, shape, dtype, partition_info)
            variable = Variable(initial_value=value, name=name, dtype=value_dtype, use_resource=use_resource, **given)
        self._vars[name] = variable
        if regularizer:
            with scopes.colocate_with(variable), scopes.name_scope(name + '/Regularizer/'):
                loss = regularizer(variable)
            if loss is not None:
                scopes.add_to_collection(GraphKeys.REGULARIZATION_LOSSES, loss)
        return variable

    def _shared(self, name, shape, dtype, reuse):
        variable = self._vars[name]
        if reuse is False:
            frames = [f for f in reversed(variable.op.traceback) if not f[0].startswith(_PACKAGE)][:5]
            raise ValueError(f'Variable {name} already exists, disallowed. Did you mean to set reuse=True or '
                             'reuse=tf.AUTO_REUSE in VarScope? Originally defined at:\n\n'
                             + ''.join(traceback.format_list(frames)))
        if not shape.is_compatible_with(variable.get_shape()):
            raise ValueError(f'Trying to share variable {name}, but specified shape {shape} and found shape '
                             f'{variable.get_shape()}.')
        if not dtype.is_compatible_with(variable.dtype):
            raise ValueError(f'Trying to share variable {name}, but specified dtype {dtype.name} and found dtype '
                             f'{variable.dtype.name}.')
        return variable

    def _partitioned(self, name, partitioner, shape, initializer, regularizer, reuse, given):
        is_value = initializer is not None and not callable(initializer)
        if name in self._vars:
            raise ValueError('A partitioner was provided, but an unpartitioned version of the variable was found: '
                             f'{name}.  Perhaps a variable of the same name was already created without partitioning?')
        shape, dtype = as_shape(shape), dtypes.as_dtype(given['dtype'])
        if is_value:
            if isinstance(initializer, Tensor):
                shape = shape.merge_with(initializer.get_shape())
            else:
                initializer = convert.to_tensor(initializer, dtype)
                shape = shape.merge_with(initializer.get_shape())
        partitions = None
        if partitioner is not None:
            partitions = _call_partitioner(partitioner, shape, dtype)
        if name in self._partitioned_vars:
            return self._shared_partitioned(name, shape, dtype, partitions, reuse)
        if reuse is True:
            raise ValueError(f'PartitionedVariable {name} does not exist, or was not created with tf.get_variable(). '
                             'Did you mean to set reuse=False or reuse=tf.AUTO_REUSE in VarScope?')
        axis, count = next(((i, n) for i, n in enumerate(partitions) if n > 1), (0, partitions[0]))
        self._check_parts(name, count)
        parts = []
        for i, (offset, part_shape) in enumerate(_slices(shape, axis, count)):
            info = _PartitionInfo(shape.as_list(), offset)
            part_name = f'{name}/part_{i}'
            with scopes.name_scope(part_name + '/PartitionedInitializer'):
                value, value_shape, arguments = initializer, part_shape, given
                if value is None:
                    value = default_initializer(name, dtype)
                elif is_value:
                    value, value_shape = slicing.slice(initializer, offset, part_shape), None
                    arguments = dict(given, dtype=value.dtype.base_dtype)
            with scopes.name_scope(None):
                variable = self._single(part_name, value_shape, value, regularizer, reuse, info, **arguments)
            variable._set_save_slice_info(Variable.SaveSliceInfo(name, shape.as_list(), offset, part_shape))
            parts.append(variable)
        whole = PartitionedVariable(name=name, shape=shape, dtype=dtype, variable_list=parts, partitions=partitions)
        self._partitioned_vars[name] = whole
        return whole

    def _shared_partitioned(self, name, shape, dtype, partitions, reuse):
        found = self._partitioned_vars[name]
        if reuse is False:
            raise ValueError(f'Partitioned variable with name {name} already exists. Did you mean to set reuse=True or '
                             'reuse=tf.AUTO_REUSE in VarScope?')
        sharing = f'Trying to reuse partitioned variable {name}, but specified'
        if not shape.is_compatible_with(found.get_shape()):
            raise ValueError(f'{sharing} shape {shape} and found shape {found.get_shape()}.')
        if not dtype.is_compatible_with(found.dtype):
            raise ValueError(f'{sharing} dtype {dtype.name} and found dtype {found.dtype.name}.')
        if partitions is not None and found._get_partitions() != partitions:
            raise ValueError(f'{sharing} partitions {partitions} and found partitions {found._get_partitions()}.')
        return found

    def _check_parts(self, name, count):
        """Checks that slices made one by one are as many as the partitioner asks for."""
        if f'{name}/part_0' not in self._vars:
            return
        prefix = ('Partitioner returned a different partitioning than what was already found.  Partitioner returned '
                  f'{count} shards, and shard {name}/part_0 was found, but')
        if f'{name}/part_{count - 1}' not in self._vars:
            raise ValueError(f'{prefix} {name}/part_{count - 1} was not.')
        if f'{name}/part_{count}' in self._vars:
            raise ValueError(f'{prefix} so was the extra shard {name}/part_{count}.')


def _delayed(initializer, shape, dtype, partition_info):
    """(a function without arguments that makes the initial value, the dtype to convert it to or None)."""
    if inspect.isclass(initializer):
        initializer = initializer()
    if shape.is_fully_defined():
        def value():
            return initializer(shape.as_list(), dtype=dtype, partition_info=partition_info)
        return value, dtype.base_dtype
    spec = tf_inspect.getargspec(initializer)
    if len(spec.args) == len(spec.defaults or ()):
        return initializer, None
    raise ValueError('The initializer passed is not valid. It should be a callable with no arguments and the shape '
                     'should not be provided or an instance of `tf.keras.initializers.*\' and `shape` should be fully '
                     'defined.')


def default_initializer(name, dtype):
    """The initializer of variables that were given none. Raises: ValueError if there is none for the dtype."""
    if dtype.is_floating:
        return init.GlorotUniform()
    if dtype.is_integer or dtype.is_unsigned or dtype.is_bool or dtype == dtypes.string:
        return init.Zeros()
    raise ValueError(f'An initializer for variable {name} of {dtype} is required')


def _call_partitioner(partitioner, shape, dtype):
    """The number of slices along each dimension. Raises: ValueError if the partitioner's answer does not fit."""
    if not shape.is_fully_defined():
        raise ValueError('Shape of a new partitioned variable must be fully defined, but instead was '
                         f'{shape}.')
    if shape.ndims < 1:
        raise ValueError(f'A partitioned Variable must have rank at least 1, shape: {shape}')
    counts = partitioner(shape=shape, dtype=dtype)
    if not isinstance(counts, Sequence):
        raise ValueError(f'Partitioner must return a sequence, but saw: {counts}')
    if len(counts) != shape.ndims:
        raise ValueError(f'Partitioner returned a partition list that does not match the Variable\'s rank: {counts} '
                         f'vs. {shape}')
    if any(n < 1 for n in counts):
        raise ValueError(f'Partitioner returned zero partitions for some axes: {counts}')
    if sum(n > 1 for n in counts) > 1:
        raise ValueError('Can only slice a variable along one dimension: shape: '
                         f'{shape}, partitioning: {counts}')
    return counts


def _slices(shape, axis, count):
    """Yields (offset, shape) of `count` slices along `axis`, the first ones one longer if they do not come out even."""
    dims = shape.as_list()
    size, extra = divmod(dims[axis], count)
    offset = [0] * len(dims)
    for i in range(count):
        part = dims[:]
        part[axis] = size + (i < extra)
        yield offset[:], part
        offset[axis] += part[axis]


@export('no_regularizer')
def no_regularizer(_):
    """A regularizer for a variable in a scope with one: it adds no loss."""
    return None


@export('VariableScope')
class VariableScope:
    """The name and the defaults that get_variable uses within a `tf.variable_scope`; attributes as its arguments."""

    def __init__(self, reuse, name='', initializer=None, regularizer=None, caching_device=None, partitioner=None,
                 custom_getter=None, name_scope='', dtype=dtypes.float32, use_resource=None, constraint=None):
        self._name, self._name_scope, self._reuse = name, name_scope, reuse
        self._initializer, self._regularizer, self._constraint = initializer, regularizer, constraint
        self._caching_device, self._partitioner, self._custom_getter = caching_device, partitioner, custom_getter
        self._dtype, self._use_resource = dtype, use_resource

    @property
    def name(self):
        return self._name

    @property
    def original_name_scope(self):
        return self._name_scope

    @property
    def reuse(self):
        return self._reuse

    @property
    def initializer(self):
        return self._initializer

    @property
    def dtype(self):
        return self._dtype

    @property
    def use_resource(self):
        return self._use_resource

    @property
    def regularizer(self):
        return self._regularizer

    @property
    def caching_device(self):
        return self._caching_device

    @property
    def partitioner(self):
        return self._partitioner

    @property
    def custom_getter(self):
        return self._custom_getter

    @property
    def constraint(self):
        return self._constraint

    def reuse_variables(self):
        """From now on get_variable only finds variables and makes none."""
        self._reuse = True

    def set_initializer(self, initializer):
        self._initializer = initializer

    def set_dtype(self, dtype):
        self._dtype = dtype

    def set_use_resource(self, use_resource):
        self._use_resource = use_resource

    def set_regularizer(self, regularizer):
        self._regularizer = regularizer

    def set_caching_device(self, caching_device):
        self._caching_device = caching_device

    def set_partitioner(self, partitioner):
        self._partitioner = partitioner

    def set_custom_getter(self, custom_getter):
        self._custom_getter = custom_getter

    def get_collection(self, name):
        """The items of the graph collection `name` that are in this scope."""
        return scopes.get_collection(name, self._name + '/' if self._name else '')

    def trainable_variables(self):
        return self.get_collection(GraphKeys.TRAINABLE_VARIABLES)

    def global_variables(self):
        return self.get_collection(GraphKeys.GLOBAL_VARIABLES)

    def local_variables(self):
        return self.get_collection(GraphKeys.LOCAL_VARIABLES)

    def get_variable(self, var_store, name, shape=None, dtype=None, initializer=None, regularizer=None, reuse=None,
                     trainable=None, collections=None, caching_device=None, partitioner=None, validate_shape=True,
                     use_resource=None, custom_getter=None, constraint=None,
                     synchronization=VariableSynchronization.AUTO, aggregation=VariableAggregation.NONE):
        """The variable `name` of this scope in `var_store`, found or made; arguments as for tf.get_variable."""
        full_name = f'{self.name}/{name}' if self.name else name
        with scopes.name_scope(None):       # variables are named by variable scopes alone
            if dtype is not None and initializer is not None and not callable(initializer):
                found = convert.to_tensor(initializer).dtype.base_dtype
                if found != dtype:
                    raise ValueError(f"Initializer type '{found}' and explicit dtype '{dtype}' don't match.")
            return var_store.get_variable(
                full_name, shape=shape, dtype=_default(dtype, self._dtype),
                initializer=_default(initializer, self._initializer),
                regularizer=_default(regularizer, self._regularizer), reuse=_default(reuse, self._reuse),
                trainable=trainable, collections=collections,
                caching_device=_default(caching_device, self._caching_device),
                partitioner=_default(partitioner, self._partitioner), validate_shape=validate_shape,
                use_resource=_default(use_resource, self._use_resource),
                custom_getter=_default(custom_getter, self._custom_getter),
                constraint=_default(constraint, self._constraint), synchronization=synchronization,
                aggregation=aggregation)


def _default(value, default):
    return default if value is None else value


class _VariableScopeStore(threading.local):
    """The current VariableScope of each thread, and how often each scope name was opened."""

    def __init__(self):
        self.variable_scopes_count = {}
        self.current_scope = VariableScope(False)

    def open_variable_scope(self, name):
        self.variable_scopes_count[name] = self.variable_scope_count(name) + 1

    def close_variable_subscopes(self, name):
        for key in self.variable_scopes_count:
            if not name or key.startswith(name + '/'):
                self.variable_scopes_count[key] = 0

    def variable_scope_count(self, name):
        return self.variable_scopes_count.get(name, 0)


def _of_graph(key, cls):
    """The one object of `cls` that the default graph keeps in the collection `key`."""
    found = get_default_graph().get_collection_ref(key)
    if not found:
        found.append(cls())
    return found[0]


def _scope_store():
    return _of_graph(GraphKeys._VARSCOPESTORE_KEY, _VariableScopeStore)


def _get_default_variable_store():
    return _of_graph(GraphKeys._VARIABLE_STORE_KEY, VariableStore)


@export('get_variable_scope')
def get_variable_scope():
    """The current VariableScope."""
    return _scope_store().current_scope


@export('get_variable')
def get_variable(name, shape=None, dtype=None, initializer=None, regularizer=None, trainable=None, collections=None,
                 caching_device=None, partitioner=None, validate_shape=True, use_resource=None, custom_getter=None,
                 constraint=None, synchronization=VariableSynchronization.AUTO, aggregation=VariableAggregation.NONE):
    """The variable of that name in the current variable scope: a new one, or, where the scope says reuse, the one there.

    Args:
      name: its name within the scope; name scopes do not matter.
      shape: its shape.
      dtype: its DType (default: the scope's, float32).
      initializer: an initializer (an object or class that is called with shape and dtype), a function without
        arguments that returns the value, or the value, a tensor or array. Default: the scope's; else Glorot uniform
        for floats, zeros for integers.
      regularizer: a function of the variable; the tensor it returns is added to REGULARIZATION_LOSSES.
      trainable, collections, caching_device, validate_shape, use_resource, constraint, synchronization, aggregation:
        as for tf.Variable.
      partitioner: a function of shape and dtype that says into how many slices to cut each dimension.
      custom_getter: function(getter, name, **arguments) -> variable, called in place of what makes the variable.

    Returns: a Variable, or a PartitionedVariable with a partitioner.

    Raises: ValueError if the variable exists and is not to be reused, does not exist and should, or is of another shape
      or dtype.
    """
    return get_variable_scope().get_variable(
        _get_default_variable_store(), name, shape=shape, dtype=dtype, initializer=initializer,
        regularizer=regularizer, trainable=trainable, collections=collections, caching_device=caching_device,
        partitioner=partitioner, validate_shape=validate_shape, use_resource=use_resource, custom_getter=custom_getter,
        constraint=constraint, synchronization=synchronization, aggregation=aggregation)


@export('get_local_variable')
def get_local_variable(name, shape=None, dtype=None, initializer=None, regularizer=None, trainable=False,
                       collections=None, caching_device=None, partitioner=None, validate_shape=True, use_resource=None,
                       custom_getter=None, constraint=None, synchronization=VariableSynchronization.AUTO,
                       aggregation=VariableAggregation.NONE):
    """get_variable for a variable that is not trained and not saved: in the collection LOCAL_VARIABLES."""
    collections = list(collections or []) + [GraphKeys.LOCAL_VARIABLES]
    return get_variable(
        name, shape=shape, dtype=dtype, initializer=initializer, regularizer=regularizer, trainable=False,
        collections=collections, caching_device=caching_device, partitioner=partitioner, validate_shape=validate_shape,
        use_resource=use_resource, custom_getter=custom_getter, constraint=constraint, synchronization=synchronization,
        aggregation=aggregation)


def _checked_reuse(reuse):
    if reuse not in (None, False, True, AUTO_REUSE):
        raise ValueError('The reuse parameter must be True or False or None.')
    return None if reuse is False else reuse     # False means: as the scope around says


def _nested_getter(outer, inner):
    """A custom getter that calls `inner` with a getter that calls `outer`."""
    if outer is None or inner is None:
        return inner or outer

    def getter(getter, *args, **kwargs):
        return inner(functools.partial(outer, getter), *args, **kwargs)
    return getter


@contextlib.contextmanager
def pure_variable_scope(name_or_scope, reuse=None, initializer=None, regularizer=None, caching_device=None,
                        partitioner=None, custom_getter=None, old_name_scope=None, dtype=None,
                        use_resource=None, constraint=None):
    """A variable scope that leaves the name scope as it is; `old_name_scope` is noted as the original one."""
    store = _scope_store()
    outer = store.current_scope
    if isinstance(name_or_scope, VariableScope):
        scope = copy.copy(name_or_scope)
        store.open_variable_scope(scope._name)
        counts = copy.copy(store.variable_scopes_count)
        scope._reuse = scope._reuse if not reuse else reuse
        scope._name_scope = old_name_scope if old_name_scope is not None else scope._name_scope
    else:
        scope = copy.copy(outer)
        scope._name = f'{outer.name}/{name_or_scope}' if outer.name else name_or_scope
        scope._reuse = reuse or outer.reuse
        scope._name_scope = name_or_scope if old_name_scope is None else old_name_scope
        store.open_variable_scope(scope._name)
        counts = None
    scope._constraint = None    # the one setting that is not handed down
    for setting, value in (('initializer', initializer), ('regularizer', regularizer), ('use_resource', use_resource),
                           ('caching_device', caching_device), ('partitioner', partitioner),
                           ('constraint', constraint), ('dtype', dtype)):
        if value is not None:
            setattr(scope, '_' + setting, value)
    scope._custom_getter = _nested_getter(scope._custom_getter, custom_getter)
    store.current_scope = scope
    try:
        yield scope
    finally:
        if counts is None:
            store.close_variable_subscopes(scope._name)
        else:
            store.variable_scopes_count = counts
        store.current_scope = outer


def unique_scope_name(prefix):
    """`prefix`, with a number if a variable scope of that name was opened in the current one."""
    store = _scope_store()
    name = f'{store.current_scope.name}/{prefix}' if store.current_scope.name else prefix
    if store.variable_scope_count(name) == 0:
        return prefix
    i = 1
    while store.variable_scope_count(f'{name}_{i}') > 0:
        i += 1
    return f'{prefix}_{i}'


@export('variable_scope')
class variable_scope:
    """A context manager: within it get_variable names variables `scope/...` and takes its defaults from the scope.

    Args:
      name_or_scope: a name, opened within the current scope, or a VariableScope to enter again.
      default_name: the name if name_or_scope is None, made unique by a number.
      values: tensors; their graph becomes the default.
      initializer, regularizer, caching_device, partitioner, custom_getter, dtype, use_resource, constraint: defaults
        for get_variable; those not given are the outer scope's.
      reuse: True: variables must exist; tf.AUTO_REUSE: they are made if they do not; None: as the outer scope says.
      auxiliary_name_scope: whether a name scope of the same name is opened too.

    Entering gives the VariableScope. Raises: TypeError, ValueError for arguments that are not of these kinds.
    """

    def __init__(self, name_or_scope, default_name=None, values=None, initializer=None, regularizer=None,
                 caching_device=None, partitioner=None, custom_getter=None, reuse=None, dtype=None, use_resource=None,
                 constraint=None, auxiliary_name_scope=True):
        if default_name is None and name_or_scope is None:
            raise TypeError('If default_name is None then name_or_scope is required')
        self._name_or_scope, self._default_name = name_or_scope, default_name
        self._values = [] if values is None else values
        self._reuse = _checked_reuse(reuse)
        self._settings = dict(initializer=initializer, regularizer=regularizer, caching_device=caching_device,
                              partitioner=partitioner, custom_getter=custom_getter, dtype=dtype,
                              use_resource=use_resource, constraint=constraint)
        self._graph = graph_of(self._values)
        if not isinstance(auxiliary_name_scope, bool):
            raise TypeError(f'The auxiliary_name_scope must be `True` or `False`, while get {auxiliary_name_scope}')
        self._auxiliary_name_scope = auxiliary_name_scope
        self._stacks = []

    def __enter__(self):
        stack = contextlib.ExitStack()
        try:
            stack.enter_context(self._graph.as_default())
            scope = self._enter(stack)
        except BaseException:
            stack.close()
            raise
        self._stacks.append(stack)
        return scope

    def _enter(self, stack):
        scope = self._name_or_scope
        if scope is None:
            if self._reuse:
                raise ValueError('reuse=True cannot be used without a name_or_scope')
            name_scope = self._name_scope(stack, self._default_name)
            return stack.enter_context(pure_variable_scope(
                unique_scope_name(self._default_name), old_name_scope=name_scope, **self._settings))
        if not isinstance(scope, (str, VariableScope)):
            raise TypeError('VariableScope: name_or_scope must be a string or VariableScope.')
        name = scope if isinstance(scope, str) else scope.name.split('/')[-1]
        old_name_scope = None
        if name or not self._auxiliary_name_scope:
            old_name_scope = self._name_scope(stack, name)
        if not isinstance(scope, str):
            old_name_scope = scope.original_name_scope
        return stack.enter_context(pure_variable_scope(scope, reuse=self._reuse, old_name_scope=old_name_scope,
                                                       **self._settings))

    def _name_scope(self, stack, name):
        if not self._auxiliary_name_scope:
            name = self._graph.get_name_scope()
            return name + '/' if name else name
        return stack.enter_context(scopes.name_scope(name))

    def __exit__(self, *exc):
        return self._stacks.pop().__exit__(*exc)


@export('variable_op_scope')
@contextlib.contextmanager
def variable_op_scope(values, name_or_scope, default_name=None, initializer=None, regularizer=None,
                      caching_device=None, partitioner=None, custom_getter=None, reuse=None, dtype=None,
                      use_resource=None, constraint=None):
    """The old order of arguments of `variable_scope`."""
    tf_logging.warn('tf.variable_op_scope(values, name, default_name) is deprecated, use tf.variable_scope(name, '
                    'default_name, values)')
    with variable_scope(name_or_scope, default_name=default_name, values=values, initializer=initializer,
                        regularizer=regularizer, caching_device=caching_device, partitioner=partitioner,
                        custom_getter=custom_getter, reuse=reuse, dtype=dtype, use_resource=use_resource,
                        constraint=constraint) as scope:
        yield scope
