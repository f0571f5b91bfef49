"""The op registry: everything graphflow knows about an op stands in one `OpDef`.

`ops/` declares an op with its shape rule (`@op`) and its gradient (`@gradient`); `kernels/` adds the function that
computes it (`@kernel`). Declarations are plain text in the notation of the op tables and are parsed on first use, so
that declaring hundreds of ops costs an import next to nothing.
"""
import re

import numpy as np

from graphflow.framework import dtypes


class Arg:
    """One input or output of an op.

    Exactly one of `dtype`, `type_attr`, `type_list_attr` says what it holds; `number_attr` names the int attr that
    holds the length when the argument is a list of tensors of one type.
    """
    __slots__ = ('name', 'dtype', 'type_attr', 'type_list_attr', 'number_attr', 'is_ref')

    def __init__(self, text):
        self.name, kind = text.split(':')
        self.dtype = self.type_attr = self.type_list_attr = self.number_attr = None
        self.is_ref = kind.startswith('ref(')
        if self.is_ref:
            kind = kind[4:-1]
        if kind.startswith('list '):
            self.type_list_attr = kind[5:]
            return
        if '*' in kind:
            self.number_attr, kind = kind.split('*')
            if kind.startswith('ref('):
                self.is_ref, kind = True, kind[4:-1]
        if kind in _TYPE_NAMES:
            self.dtype = dtypes.as_dtype(kind)
        else:
            self.type_attr = kind

    @property
    def is_list(self):
        return self.number_attr is not None or self.type_list_attr is not None


class Attr:
    """One attr of an op: `kind` as in an OpDef ('type', 'list(int)', ...), its default and its allowed values."""
    __slots__ = ('name', 'kind', 'default', 'has_default', 'allowed', 'minimum')

    def __init__(self, text):
        match = re.match(r'(\w+):([\w()]+)(?:>=(-?\d+))?(?:=(.*?))?(\{.*\})?$', text, re.DOTALL)
        self.name, self.kind, minimum, default, allowed = match.groups()
        self.minimum = int(minimum) if minimum else None
        self.has_default = default is not None
        self.default = _parse_default(self.kind, default) if self.has_default else None
        self.allowed = None
        if allowed:
            values = allowed[1:-1].split(',')
            if 'type' in self.kind:
                self.allowed = [dtypes.as_dtype(v) for v in values]
            else:
                self.allowed = [v.strip('\'"') for v in values]


_TYPE_NAMES = frozenset(
    'float double half bfloat16 int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool complex64 complex128 string '
    'resource variant qint8 quint8 qint16 quint16 qint32'.split())


def _parse_scalar(kind, text):
    if kind == 'type':
        return dtypes.as_dtype(text)
    if kind == 'bool':
        return text == 'True'
    if kind == 'int':
        return int(text)
    if kind == 'float':
        return float(text)
    if kind == 'string':
        return text[1:-1].encode()
    if kind == 'shape':
        return None if text == 'shape?' else [int(d) for d in text[1:-1].split(',') if d]
    if kind == 'tensor':        # uint8[255,0,0,255]
        name, _, values = text[:-1].partition('[')
        return np.array(values.split(','), dtypes.as_dtype(name).as_numpy_dtype)
    return text


def _parse_default(kind, text):
    if kind.startswith('list('):
        return [_parse_scalar(kind[5:-1], item) for item in text[1:-1].split(',') if item]
    return _parse_scalar(kind, text)


class OpDef:
    """What is known of one op type. `inputs`, `outputs` are lists of Arg, `attrs` maps names to Attr."""

    def __init__(self, name, signature, attrs, stateful, shape_rule):
        self.name = name
        self.is_stateful = stateful
        self.shape_rule = shape_rule
        self._signature, self._attrs_text = signature, attrs
        self._parsed = None

    def _parse(self):
        inputs, _, outputs = self._signature.partition('->')
        args = [[Arg(a.strip()) for a in side.split(',') if a.strip()] for side in (inputs, outputs)]
        attrs = [Attr(a.strip()) for a in self._attrs_text.split(';') if a.strip()]
        self._parsed = args[0], args[1], {a.name: a for a in attrs}
        return self._parsed

    @property
    def inputs(self):
        return (self._parsed or self._parse())[0]

    @property
    def outputs(self):
        return (self._parsed or self._parse())[1]

    @property
    def attrs(self):
        return (self._parsed or self._parse())[2]

    def __repr__(self):
        return f'<OpDef {self.name}: {self._signature}>'


OPS = {}                # op type -> OpDef
GRADIENTS = {}          # gradient name (usually the op type) -> function(op, *output grads), or None: not differentiable
KERNELS = {}            # op type -> function over numpy arrays
SPECIALISED = {}        # op type -> function(shapes, dtypes) -> a quicker kernel for such inputs, or None
VALUE_RULES = {}        # op type -> function(op) -> ndarray or None: the static value that TF's Python layer sees
PARTIAL_VALUE_RULES = {}  # op type -> function(op) -> object ndarray with None for what is not known
JOINS = set()           # op types whose value depends on the way a run took to them: not evaluated while building
SHAPE_VALUE_RULES = {}  # op type -> function(op) -> TensorShape or None: a shape-valued output known in part


def op(name, signature='->', attrs='', *, shape=None, stateful=False):
    """Declares an op type.

    Args:
      name: the op type, e.g. 'MatMul'.
      signature: 'a:T, b:T -> product:T'; types are dtype names, names of attrs, 'ref(T)', 'N*T' or 'list T'.
      attrs: 'transpose_a:bool=False; T:type{float,double}'.
      shape: the shape rule, a function of a ShapeContext (see shape_inference.py).
      stateful: whether the op has state or effects, so that no two of its nodes are interchangeable.

    Returns: with no `shape`, a decorator for the shape rule; else the OpDef.
    """
    def register(rule):
        if name in OPS:
            raise ValueError(f'op {name} is declared twice')
        OPS[name] = OpDef(name, signature, attrs, stateful, rule)
        return rule
    if shape is None:
        return register
    register(shape)
    return OPS[name]


def gradient(*names):
    """Registers the decorated function(op, *grads) as the gradient of the op types `names`."""
    def register(fn):
        for name in names:
            if name in GRADIENTS:
                raise KeyError(f"Registering two gradient with name '{name}'!")
            GRADIENTS[name] = fn
        return fn
    return register


def not_differentiable(*names):
    """Declares that the op types `names` have no gradient: backprop stops there."""
    for name in names:
        gradient(name)(None)


def kernel(*names):
    """Registers the decorated function as the kernel of the op types `names`.

    It is called with one numpy array an input (a list of arrays for a list input, a VariableCell for a ref input).
    Further parameters are bound by name when a plan is made: any attr of the op, `node` (the Operation), `state`
    (a dict private to session and node that lives as long as the session) and `session` (its SessionState).
    """
    def register(fn):
        for name in names:
            KERNELS[name] = fn
        return fn
    return register


def specialised(*names):
    """Registers the decorated function as the maker of kernels of the op types `names` for inputs known beforehand.

    It is called with the inputs' shapes and dtypes (lists of tuples and of numpy dtypes) and, by name, any attrs, and
    returns a function of the arrays, or None where there is nothing to gain.
    """
    return _into(SPECIALISED, names)


def joins(*names):
    """Declares that what the op types `names` output depends on the way a run took to them (a Merge, a loop's entry)."""
    JOINS.update(names)


def value_rule(*names):
    """Registers function(op) -> ndarray or None: the value of the op's first output if known while building."""
    return _into(VALUE_RULES, names)


def partial_value_rule(*names):
    """Registers function(op) -> object ndarray: like a value rule, with None for the elements not known."""
    return _into(PARTIAL_VALUE_RULES, names)


def shape_value_rule(*names):
    """Registers function(op) -> TensorShape or None: the shape that the op's 1-D output stands for, known in part."""
    return _into(SHAPE_VALUE_RULES, names)


def _into(table, names):
    def register(fn):
        for name in names:
            table[name] = fn
        return fn
    return register
