"""tf.Variable: tensors that keep their value between runs, and the collections that list them."""
import enum
import functools

from graphflow.framework import convert, defaults, scopes
from graphflow.framework.export import PUBLIC, export
from graphflow.framework.graph import get_default_graph
from graphflow.framework.proto_functions import register_proto_function
from graphflow.framework.scoped_names import with_scope, without_scope
from graphflow.framework.scopes import GraphKeys
from graphflow.framework.tensor import Tensor, _Reference
from graphflow.ops import slicing, state
from graphflow.platform import tf_logging
from graphflow.util import deprecation


@export('VariableSynchronization')
class VariableSynchronization(enum.Enum):
    """When the copies of a variable on several devices are brought together. Accepted: there is one device."""
    AUTO = 0
    NONE = 1
    ON_WRITE = 2
    ON_READ = 3


@export('VariableAggregation')
class VariableAggregation(enum.Enum):
    """How the copies of a variable on several devices are brought together. Accepted: there is one device."""
    NONE = 0
    SUM = 1
    MEAN = 2
    ONLY_FIRST_REPLICA = 3

    def __hash__(self):
        return hash(self.value)


def is_trained(trainable, synchronization):
    """Whether a variable made with these arguments is trainable."""
    return synchronization != VariableSynchronization.ON_READ if trainable is None else trainable


def _wants_resource():
    """What the current variable scope says on the kind of variables to make."""
    stores = get_default_graph().get_collection(GraphKeys._VARSCOPESTORE_KEY)
    return bool(stores and stores[0].current_scope.use_resource)


def _make(variable_def=None, import_scope=None, use_resource=None, **kwargs):
    """The last of the variable creators: makes the variable itself."""
    if use_resource is None:
        use_resource = _wants_resource()
    if use_resource:
        from graphflow.ops.resource_variable import ResourceVariable as cls
    else:
        from graphflow.ops.ref_variable import RefVariable as cls
    return cls(variable_def=variable_def, import_scope=import_scope, **kwargs)


class _VariableType(type):
    """Calling `tf.Variable` asks the creators of `variable_creator_scope`, innermost first, for the variable."""

    def __call__(cls, *args, **kwargs):
        if cls is Variable:
            return _create(*args, **kwargs)
        return super().__call__(*args, **kwargs)


def _create(initial_value=None, trainable=None, collections=None, validate_shape=True, caching_device=None, name=None,
            variable_def=None, dtype=None, expected_shape=None, import_scope=None, constraint=None, use_resource=None,
            synchronization=VariableSynchronization.AUTO, aggregation=VariableAggregation.NONE, shape=None):
    make = _make
    for _, creator in get_default_graph().variable_creator_scope_list():
        make = functools.partial(creator, make)
    return make(initial_value=initial_value, trainable=trainable, collections=collections,
                validate_shape=validate_shape, caching_device=caching_device, name=name, variable_def=variable_def,
                dtype=dtype, expected_shape=expected_shape, import_scope=import_scope, constraint=constraint,
                use_resource=use_resource, synchronization=synchronization, aggregation=aggregation, shape=shape)


@export('Variable')
class Variable(metaclass=_VariableType):
    """A tensor that keeps its value from one run of a session to the next.

    It has a value only once its `initializer` has run (see `tf.global_variables_initializer`). Wherever a Tensor is
    taken, a Variable is: it stands for its value.

    Args:
      initial_value: a tensor, what converts to one, or a function without arguments that returns one.
      trainable: whether optimizers train it: adds it to the collection TRAINABLE_VARIABLES (default True).
      collections: names of the graph collections it is added to (default: GLOBAL_VARIABLES).
      validate_shape: if False, the value may have any shape, and another with every assignment.
      caching_device: a device that reads keep a copy on.
      name: its name, made unique ('Variable' by default).
      variable_def: a VariableDef message to rebuild the object from, instead of making nodes.
      dtype: a DType that initial_value is converted to.
      expected_shape: deprecated, ignored.
      import_scope: a name scope to put before the names in `variable_def`.
      constraint: a function of the value that optimizers apply after each update.
      use_resource: if True, the variable is a resource: each read is an op of its own and sees the value of its time.
      synchronization, aggregation: accepted for programs written for several devices.
      shape: the shape it is declared with (default: that of initial_value).

    Raises: ValueError without an initial_value, or if its shape is unknown and validate_shape is True.
    """
    __array_priority__ = 100    # numpy arrays leave `array + variable` to the variable
    _is_tensor_like = True
    _save_slice_info = None

    def _construct(self, initial_value, trainable, collections, validate_shape, caching_device, name, variable_def, dtype,
                   import_scope, constraint, synchronization, aggregation, shape):
        """What the constructors of all kinds of variable do; the kind says what it is made of."""
        if variable_def is not None:
            if initial_value is not None:
                raise ValueError('variable_def and initial_value are mutually exclusive.')
            self._init_from_proto(variable_def, import_scope)
            return
        if initial_value is None:
            raise ValueError('initial_value must be specified.')
        collections = self._checked(collections, constraint, trainable, synchronization, aggregation)
        self._wanted_dtype = dtype
        with scopes.control_dependencies(None):
            self._init_from_value(initial_value, shape, validate_shape, caching_device, name)
        scopes.add_to_collections(collections, self)

    def _checked(self, collections, constraint, trainable, synchronization, aggregation):
        """Checks constructor arguments and keeps those that reading back needs. Returns: the list of collections."""
        self._synchronization = VariableSynchronization.AUTO if synchronization is None else synchronization
        self._aggregation = VariableAggregation.NONE if aggregation is None else aggregation
        self._trainable = is_trained(trainable, synchronization)
        if collections is None:
            collections = [GraphKeys.GLOBAL_VARIABLES]
        if not isinstance(collections, (list, tuple, set)):
            raise ValueError('collections argument to Variable constructor must be a list, tuple, or set. Got '
                             f'{collections} of type {type(collections)}')
        if constraint is not None and not callable(constraint):
            raise ValueError('The `constraint` argument must be a callable.')
        self._constraint = constraint
        if self._trainable and GraphKeys.TRAINABLE_VARIABLES not in collections:
            collections = list(collections) + [GraphKeys.TRAINABLE_VARIABLES]
        return collections

    def _checked_initial_value(self, name, initial_value):
        """`initial_value` as a tensor made outside of loops and conditionals."""
        initial_value = convert.to_tensor(initial_value, self._wanted_dtype, 'initial_value')
        context = initial_value.op._get_control_flow_context()
        if context is not None:
            raise ValueError(f'Initializer for variable {name} is from inside a control-flow construct, such as a loop '
                             'or conditional. When creating a variable inside a loop or conditional, use a lambda as '
                             'the initializer.')
        return initial_value

    # What it is

    @property
    def name(self):
        return self._name

    @property
    def initializer(self):
        """The Operation that gives the variable its initial value."""
        return self._initializer_op

    @property
    def initial_value(self):
        """The tensor of the initial value: do not rely on it to be the same in two runs."""
        return self._initial_value

    @property
    def constraint(self):
        return self._constraint

    @property
    def trainable(self):
        return self._trainable

    @property
    def synchronization(self):
        return self._synchronization

    @property
    def aggregation(self):
        return self._aggregation

    @property
    def graph(self):
        return self.op.graph

    @property
    def device(self):
        return self.op.device

    def get_shape(self):
        """The static shape, a TensorShape: the same as `.shape`."""
        return self.shape

    def _shape_tuple(self):
        return None if self.shape.ndims is None else tuple(self.shape.as_list())

    @property
    def _shared_name(self):
        return self.name[:self.name.index(':')]

    @property
    def _graph_key(self):
        return self.op.graph, self.op.name

    def _as_graph_element(self):
        raise NotImplementedError

    def experimental_ref(self):
        return _Reference(self)

    def __repr__(self):
        return f"<tf.Variable '{self.name}' shape={self.get_shape()} dtype={self.dtype.name}>"

    def __hash__(self):
        return id(self)

    def __eq__(self, other):
        return self is other

    def __ne__(self, other):
        return self is not other

    def __copy__(self):
        return self

    def __iter__(self):
        raise TypeError("'Variable' object is not iterable.")

    # Reading and setting it

    def _AsTensor(self):
        return self.value()

    def eval(self, session=None):
        """The value in `session` (default: the default session) as a numpy array."""
        return self._as_graph_element().eval(session=session)

    @deprecation.deprecated(None, 'Use Variable.read_value. Variables in 2.X are initialized automatically both in '
                                  'eager and graph (inside tf.defun) contexts.')
    def initialized_value(self):
        """A tensor that is the variable's value if it has one, else its initial value."""
        with scopes.control_dependencies(None):
            return PUBLIC['cond'](state.is_variable_initialized(self), self.read_value, lambda: self.initial_value)

    @deprecation.deprecated(None, 'Prefer Variable.assign which has equivalent behavior in 2.X.')
    def load(self, value, session=None):
        """Sets the value to the array `value` in `session` (default: the default session), adding no nodes."""
        session = session or defaults.get_default_session()
        if session is None:
            raise ValueError('Either session argument should be provided or default session should be established')
        session.run(self.initializer, {self.initializer.inputs[1]: value})

    @deprecation.deprecated(None, 'Prefer Dataset.range instead.')
    def count_up_to(self, limit):
        """tf.count_up_to of this variable."""
        return state.count_up_to(self, limit=limit)

    def __getitem__(self, index):
        return slicing.slice_variable(self, index)

    def gather_nd(self, indices, name=None):
        raise AttributeError

    def sparse_read(self, indices, name=None):
        raise AttributeError

    def _set_save_slice_info(self, save_slice_info):
        self._save_slice_info = save_slice_info

    def _get_save_slice_info(self):
        return self._save_slice_info

    @staticmethod
    def from_proto(variable_def, import_scope=None):
        """The variable of the default graph that the VariableDef message describes."""
        return _make(variable_def, import_scope, use_resource=variable_def.is_resource)

    def _proto(self, export_scope, **names):
        """A VariableDef message with these fields and those that all variables have."""
        from tensorboard.compat.proto import variable_pb2
        message = variable_pb2.VariableDef(trainable=self.trainable, synchronization=self.synchronization.value,
                                           aggregation=self.aggregation.value, **names)
        if self._save_slice_info:
            message.save_slice_info_def.MergeFrom(self._save_slice_info.to_proto(export_scope))
        return message

    def _restore_proto(self, variable_def, import_scope):
        """Sets what `_proto` keeps."""
        self._synchronization = VariableSynchronization(variable_def.synchronization)
        self._aggregation = VariableAggregation(variable_def.aggregation)
        self._trainable = variable_def.trainable
        self._constraint = None
        if variable_def.HasField('save_slice_info_def'):
            self._save_slice_info = Variable.SaveSliceInfo(save_slice_info_def=variable_def.save_slice_info_def,
                                                           import_scope=import_scope)

    class SaveSliceInfo:
        """Which slice of a larger variable this one is, so that a checkpoint holds the whole.

        Args:
          full_name: name of the whole. full_shape: its shape, a list.
          var_offset: where the slice begins. var_shape: its shape. Both lists.
          save_slice_info_def: a SaveSliceInfoDef message, instead of the others. import_scope: a scope for its name.
        """

        def __init__(self, full_name=None, full_shape=None, var_offset=None, var_shape=None, save_slice_info_def=None,
                     import_scope=None):
            message = save_slice_info_def
            if message is not None:
                full_name = with_scope(message.full_name, import_scope)
                full_shape, var_offset, var_shape = (
                    list(field) for field in (message.full_shape, message.var_offset, message.var_shape))
            self.full_name, self.full_shape = full_name, full_shape
            self.var_offset, self.var_shape = var_offset, var_shape

        @property
        def spec(self):
            """The slice as checkpoints name it: '10 20 0,10:5,5'."""
            whole = ' '.join('%d' % d for d in self.full_shape)
            slices = ':'.join('%d,%d' % pair for pair in zip(self.var_offset, self.var_shape))
            return f'{whole} {slices}'

        def to_proto(self, export_scope=None):
            """A SaveSliceInfoDef message; None if the variable is not in the scope `export_scope`."""
            if export_scope is not None and not self.full_name.startswith(export_scope):
                return None
            from tensorboard.compat.proto import variable_pb2
            return variable_pb2.SaveSliceInfoDef(full_name=without_scope(self.full_name, export_scope),
                                                 full_shape=self.full_shape, var_offset=self.var_offset,
                                                 var_shape=self.var_shape)


def _install_operators():
    """Gives Variable the operators of Tensor, applied to its value; what Tensor has is looked up when it is used."""
    def forward(operator):
        def method(self, *args, **kwargs):
            return getattr(Tensor, operator)(self._AsTensor(), *args, **kwargs)
        method.__name__ = operator
        return method

    for operator in Tensor.OVERLOADABLE_OPERATORS - set(vars(Variable)):
        setattr(Variable, operator, forward(operator))

    def in_place(sign, operator, advice):
        def method(self, other):
            tf_logging.log_first_n(tf_logging.WARN, f'Variable {sign}= will be deprecated. Use {advice} if you want a '
                                                    'new python Tensor object.', 1)
            return getattr(self, operator)(other)
        return method

    for name, sign, operator, assignment in (
            ('iadd', '+', '__add__', 'add'), ('isub', '-', '__sub__', 'sub'), ('imul', '*', '__mul__', None),
            ('idiv', '/', '__div__', None), ('itruediv', '/', '__truediv__', None),
            ('irealdiv', '/', '__truediv__', None), ('ipow', '**', '__pow__', None)):
        method = f'variable.assign_{assignment}' if assignment else f'`var.assign(var {sign} other)`'
        advice = f"{method} if you want assignment to the variable value or 'x = x {sign} y'"
        setattr(Variable, f'__{name}__', in_place(sign, operator, advice))


_install_operators()


@export('variable_creator_scope')
def variable_creator_scope(variable_creator):
    """Within the block `variable_creator` makes the variables.

    Args:
      variable_creator: function(next_creator, **kwargs) -> variable; kwargs are the arguments of tf.Variable, and
        `next_creator(**kwargs)` makes what would be made without this scope.
    """
    return get_default_graph()._variable_creator_scope(variable_creator)


# Collections

@export('global_variables')
def global_variables(scope=None):
    """The variables that all devices share: those made with default `collections`.

    Args:
      scope: a regular expression; if given, only the variables whose name it matches at the start.
    """
    return scopes.get_collection(GraphKeys.GLOBAL_VARIABLES, scope)


@export('local_variables')
def local_variables(scope=None):
    """The variables of the collection LOCAL_VARIABLES, which checkpoints leave out; `scope` as in global_variables."""
    return scopes.get_collection(GraphKeys.LOCAL_VARIABLES, scope)


@export('trainable_variables')
def trainable_variables(scope=None):
    """The variables made with trainable=True, which optimizers train; `scope` as in global_variables."""
    return scopes.get_collection(GraphKeys.TRAINABLE_VARIABLES, scope)


@export('model_variables')
def model_variables(scope=None):
    """The variables of the collection MODEL_VARIABLES; `scope` as in global_variables."""
    return scopes.get_collection(GraphKeys.MODEL_VARIABLES, scope)


@export('moving_average_variables')
def moving_average_variables(scope=None):
    """The variables that have moving averages; `scope` as in global_variables."""
    return scopes.get_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, scope)


@export('all_variables')
@deprecation.deprecated('2017-03-02', 'Please use tf.global_variables instead.')
def all_variables():
    """The old name of global_variables."""
    return global_variables()


def _variable_def():
    from tensorboard.compat.proto import variable_pb2
    return variable_pb2.VariableDef


def _to_proto(variable, export_scope=None):
    return variable.to_proto(export_scope)


for _collection in (GraphKeys.GLOBAL_VARIABLES, GraphKeys.TRAINABLE_VARIABLES, GraphKeys.MOVING_AVERAGE_VARIABLES,
                    GraphKeys.LOCAL_VARIABLES, GraphKeys.MODEL_VARIABLES, GraphKeys.GLOBAL_STEP,
                    GraphKeys.METRIC_VARIABLES):
    register_proto_function(_collection, _variable_def, _to_proto, Variable.from_proto)
