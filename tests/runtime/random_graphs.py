"""Random graphs, run compiled and not: the same values, errors and state are asked of both.

    python tests/runtime/random_graphs.py 5000 [first seed]

runs thousands and prints the smallest part of a graph found on which the two differ. `Case(seed)` makes a graph and what
is to be run in it; `Case.check()` raises Difference. Where sums are long and their order may differ, few differences are
rounding errors made large: of saturated sigmoids' gradients, say.
"""
import contextlib
import random
import sys
import time

import numpy as np

import graphflow as tf
from graphflow.runtime import slices
from graphflow.runtime.options import compilation
from graphflow.runtime.session import Session

MODES = 'never', 'always', 'sliced'
N = -1          # the size of a dimension that only the feeds decide
SIZES = (1, 2, 3, 3, 5, 0)
FLOATS = (tf.float32, tf.float32, tf.float32, tf.float64)
INTEGERS = (tf.int32, tf.int32, tf.int64, tf.uint8, tf.int16)
RARE = (tf.float16, tf.complex64, tf.complex128, tf.uint16, tf.int8, tf.string)
NUMBERS = (0., -0., 1., -1., 2., .5, float('nan'), float('inf'), -float('inf'), 3.25, 1e-30, -7.)

# Whose results may depend on the order of summation, or on which of two formulas was taken.
LOOSE = frozenset(('Sum', 'Mean', 'Prod', 'MatMul', 'BatchMatMul', 'BatchMatMulV2', 'Conv2D', 'Conv2DBackpropInput', 'Pow',
                   'Conv2DBackpropFilter', 'Softmax', 'LogSoftmax', 'SoftmaxCrossEntropyWithLogits', 'BiasAddGrad', 'L2Loss',
                   'SparseSoftmaxCrossEntropyWithLogits', 'AvgPool', 'AvgPoolGrad', 'MaxPoolGrad', 'AddN', 'Cumsum',
                   'UnsortedSegmentSum'))


class Difference(AssertionError):
    """A compiled plan did something else than the plain one."""


class _Item:
    """A tensor of the pool: its shape with N in it; whether an elementwise call made it; whether rounding may differ."""

    def __init__(self, tensor, shape, scalar=False, loose=False):
        self.tensor, self.shape, self.scalar, self.loose = tensor, tuple(shape), scalar, loose
        self.dtype = tensor.dtype.base_dtype


# Chains of elementwise ops. A suite that draws from few of them has few loops to compile.

FLOAT_CHAINS = [
    lambda b, x, y: x + y,
    lambda b, x, y: x * y - x,
    lambda b, x, y: (x - y) * b.number(x.dtype, 1.),
    lambda b, x, y: x * b.number(x.dtype) + y,
    lambda b, x, y: x + b.number(x.dtype, 0.) - b.number(x.dtype, -0.),
    lambda b, x, y: b.number(x.dtype) - x / b.number(x.dtype, 1.),
    lambda b, x, y: tf.nn.relu(x + y) * tf.cast(x > y, x.dtype),
    lambda b, x, y: tf.square(x) - tf.abs(y),
    lambda b, x, y: tf.maximum(x, y) + tf.minimum(x, b.number(x.dtype)),
    lambda b, x, y: -(-x) - y,
    lambda b, x, y: tf.sigmoid(x) * tf.tanh(y),
    lambda b, x, y: tf.exp(-tf.abs(x)) + y,
    lambda b, x, y: tf.where(tf.greater(x, tf.zeros_like(x)), x, tf.ones_like(x)) + y,
    lambda b, x, y: tf.floor(x) - tf.sign(y),
    lambda b, x, y: tf.cast(tf.cast(x, tf.float64) * 2., x.dtype) + y,
    lambda b, x, y: x / y,
    lambda b, x, y: tf.squared_difference(x, y),
    lambda b, x, y: tf.stop_gradient(x) * tf.identity(y),
    lambda b, x, y: tf.sqrt(tf.abs(x)) * tf.rsqrt(tf.square(y) + 1.),
    lambda b, x, y: tf.nn.leaky_relu(x) + tf.nn.relu6(y),
    lambda b, x, y: tf.nn.elu(x) - tf.nn.softplus(y),
    lambda b, x, y: tf.log1p(tf.abs(x)) - y,
    lambda b, x, y: tf.add_n([x, x * b.number(x.dtype), x]) + y,
    lambda b, x, y: tf.div_no_nan(x, y) * x,
    lambda b, x, y: tf.pow(x, b.number(x.dtype, random.Random(b.seed).choice([1., 2., 3., -1., 0., .5]))) - y,
]
INTEGER_CHAINS = [
    lambda b, x, y: x + y,
    lambda b, x, y: x * y - x,
    lambda b, x, y: x * b.number(x.dtype, 1) + y,
    lambda b, x, y: x + b.number(x.dtype, 0) - y,
    lambda b, x, y: tf.maximum(x, y) * b.number(x.dtype, 2),
    lambda b, x, y: tf.minimum(x, y) + tf.ones_like(x),
    lambda b, x, y: tf.cast(tf.cast(x, tf.float32), x.dtype) - y,
    lambda b, x, y: tf.cast(tf.cast(x, tf.float64), x.dtype) - y,
    lambda b, x, y: tf.cast(tf.cast(x, tf.int64), x.dtype) + y,
    lambda b, x, y: tf.where(tf.equal(x, tf.zeros_like(x)), x, tf.ones_like(x)) + y,
    lambda b, x, y: tf.bitwise.bitwise_xor(x, y) if b.chance(.5) else tf.square(x) - y,
]
BOOL_CHAINS = [
    lambda b, x, y: tf.logical_and(x, tf.logical_not(y)),
    lambda b, x, y: tf.logical_or(x, y),
    lambda b, x, y: tf.logical_xor(x, y),
    lambda b, x, y: tf.equal(tf.cast(x, tf.int32), tf.cast(y, tf.int32)),
    lambda b, x, y: tf.cast(x, tf.float32) > tf.cast(y, tf.float32),
]
COMPARISONS = [tf.less, tf.less_equal, tf.greater, tf.greater_equal, tf.equal, tf.not_equal]


class Case:
    """A graph and the runs to be made in it, both decided by the seed.

    Attributes:
      runs: list of (fetches, {placeholder or tensor: array}).
    """

    def __init__(self, seed, nodes=None):
        self.seed = seed
        self.random = random.Random(seed)
        self.numpy = np.random.default_rng(seed)
        self.pool, self.placeholders, self.variables, self.targets = [], [], [], []
        self.big = self.chance(.05)     # so that memory comes from blocks and loops run in parts
        self.graph = tf.Graph()
        with self.graph.as_default():
            self._sources()
            for _ in range(nodes or self.random.choice((4, 8, 12, 20, 30))):
                self._grow()
        self.runs = self._plan_runs()

    # Making the graph.

    def chance(self, p):
        return self.random.random() < p

    def number(self, dtype, value=None):
        """A constant: `value`, or any of the numbers that algebra trips over."""
        if value is None:
            value = self.random.choice(NUMBERS)
        if not dtype.is_floating:
            value = int(value) if value == value and abs(value) < 100 else 3
            value = abs(value) if dtype.is_unsigned else value
        return tf.constant(value, dtype.base_dtype)

    def array(self, dtype, shape):
        """An array with some special values in it."""
        if dtype == tf.bool:
            return self.numpy.random(shape) < .5
        if dtype == tf.string:
            return self.numpy.choice(np.array([b'', b'a', b'bc', b'\x00d'], object), size=shape)
        numpy_dtype = dtype.as_numpy_dtype
        if dtype.is_floating:
            result = np.asarray(self.numpy.normal(size=shape) * 2, numpy_dtype)
            special = self.random.choice((0., 0., .1, .3))
            mask = self.numpy.random(shape) < special
            return np.where(mask, self.numpy.choice(np.array(NUMBERS), size=shape), result).astype(numpy_dtype)
        return self.numpy.integers(0 if dtype.is_unsigned else -4, 6, size=shape).astype(numpy_dtype)

    def _add(self, tensor, shape, scalar=False, *sources):
        loose = any(s.loose for s in sources) or tensor.op.type in LOOSE
        self.pool.append(_Item(tensor, shape, scalar, loose))

    def _sources(self):
        for i in range(self.random.choice((1, 2, 3))):
            dtype = self.random.choice(FLOATS + INTEGERS[:2] + (tf.bool,)) if i else tf.float32
            dtype = self.random.choice(RARE) if i and self.chance(.2) else dtype
            shape = self._shape(True)
            static = [None if d == N or self.chance(.2) else d for d in shape]
            tensor = tf.placeholder(dtype, None if self.chance(.1) else static)
            self.placeholders.append((tensor, shape))
            self._add(tensor, shape)
        for _ in range(self.random.choice((1, 2, 3))):
            dtype, shape = self.random.choice(FLOATS + INTEGERS + (tf.bool,)), self._shape()
            dtype = self.random.choice(RARE) if self.chance(.1) else dtype
            value = self.array(dtype, shape)
            if self.chance(.5) and dtype != tf.string:
                value = np.full(shape, self.random.choice(NUMBERS[:6])).astype(dtype.as_numpy_dtype)
            self._add(tf.constant(value, dtype), shape)
        for _ in range(self.random.choice((0, 1, 1, 2, 3))):
            dtype, shape = self.random.choice((tf.float32, tf.float32, tf.float64, tf.int32)), self._shape()
            variable = tf.Variable(self.array(dtype, shape), use_resource=self.chance(.5))
            self.variables.append((variable, shape))
            self._add(variable if self.chance(.5) else variable.read_value(), shape)
            self.pool[-1].loose = dtype.is_floating     # something loose may be assigned to it

    def _shape(self, unknown=False):
        rank = self.random.choice((0, 1, 1, 2, 2, 2) if self.big else (0, 1, 1, 2, 2, 2, 3, 4))
        sizes = (1, 3, 70, 300) if self.big else SIZES[:5] if self.chance(.8) else SIZES
        shape = [self.random.choice(sizes) for _ in range(rank)]
        if unknown and shape and self.chance(.6):
            shape[0] = N
        return tuple(shape)

    def pick(self, *dtypes, rank=None, barrier=False, exact=False):
        """A random Item of one of these dtypes. Raises: LookupError if there is none."""
        found = [p for p in self.pool if (not dtypes or p.dtype in dtypes)
                 and (rank is None or len(p.shape) == rank) and not (exact and p.loose)]
        if barrier and self.chance(.8):
            found = [p for p in found if not p.scalar] or found
        return self.random.choice(found[-12:] if self.chance(.6) else found)

    def partner(self, item, equal=False):
        """An Item of the same dtype whose shape broadcasts with that of `item`."""
        found = [p for p in self.pool if p.dtype == item.dtype
                 and (p.shape == item.shape if equal else _broadcast(p.shape, item.shape) is not None)]
        plain = [p for p in found if not p.scalar]
        return self.random.choice(plain if plain and self.chance(.8) else found)

    def _grow(self):
        """Adds a random piece to the graph, now and then behind control inputs; what cannot be built is left out."""
        weighted = [(p, m) for m, p in _PIECES.items()]
        piece = self.random.choices([m for _, m in weighted], [p for p, _ in weighted])[0]
        before = []
        if self.chance(.12):
            before = [self.random.choice(self.pool).tensor]
        if self.targets and self.chance(.15):
            before.append(self.random.choice(self.targets))
        try:
            with tf.control_dependencies(before):
                piece(self)
        except (ValueError, TypeError, NotImplementedError, LookupError):
            pass

    # What is run.

    def _plan_runs(self):
        kinds = []
        for _ in range(self.random.choice((1, 2, 2))):
            tensors = [p.tensor for p in self.pool]
            count = self.random.choice((1, 1, 2, 4, 8))
            fetches = [self.random.choice(tensors[-10:] if self.chance(.7) else tensors) for _ in range(count)]
            if self.chance(.1):
                fetches.append(fetches[0])
            fetches += [t for t in self.targets if self.chance(.5)]
            fetches += [v for v, _ in self.variables if self.chance(.2)]
            fed = []
            if self.chance(.15):
                item = self.random.choice(self.pool)
                if not item.tensor.dtype._is_ref_dtype and item.tensor not in [t for t, _ in self.placeholders]:
                    fed.append((item.tensor, item.shape))
            kinds.append((fetches, fed))
        runs = []
        if self.variables and self.chance(.95):
            runs.append(([v.initializer for v, _ in self.variables if self.chance(.97)], {}))
        for _ in range(self.random.choice((3, 4, 6))):
            fetches, fed = self.random.choice(kinds)
            size = self.random.choice((3, 300, 1000) if self.big else (3, 3, 1, 2, 7, 7, 12, 0))
            feeds = {}
            for tensor, shape in self.placeholders + fed:
                if self.chance(.98):
                    shape = tuple(size if d == N else d for d in shape)
                    if self.chance(.02):
                        shape = shape[:-1] + (self.random.choice(SIZES),)
                    feeds[tensor] = self._laid_out(self.array(tensor.dtype, shape))
            runs.append((fetches, feeds))
        if self.variables and self.chance(.2):
            runs.insert(self.random.randrange(len(runs)), ([v.initializer for v, _ in self.variables], {}))
        return runs

    def _laid_out(self, array):
        """The array, now and then with another layout in memory."""
        if array.ndim and self.chance(.15):
            kind = self.random.randrange(4)
            if kind == 0:
                array = np.asfortranarray(array)
            elif kind == 1:
                array = array[::-1]
            elif kind == 2:
                array = array.astype(array.dtype.newbyteorder())
            else:
                array = array.copy()
                array.flags.writeable = False
        return array

    # Running it.

    def check(self, runs=None):
        """Runs everything without compilation, with it, and cut into small slices of batches; raises Difference."""
        sessions = [(mode, Session(graph=self.graph)) for mode in MODES]
        try:
            for i, (fetches, feeds) in enumerate(self.runs if runs is None else runs):
                plain, *others = [(_outcome(session, mode, fetches, feeds), _state(session))
                                  for mode, session in sessions]
                for mode, other in zip(MODES[1:], others):
                    failed = plain[0][0] == other[0][0] == 'error'
                    # Slices move: another node may have failed first, and random numbers may have been drawn.
                    if not (failed and mode == 'sliced'):
                        _compare(f'run {i}, {mode}', plain[0], other[0], fetches)
                    elif any(node.type.startswith('Random') for node in self.graph.get_operations()):
                        return
                    for key in plain[1].keys() | other[1].keys():
                        _compare_values(f'{key} after run {i}, {mode}', plain[1].get(key), other[1].get(key), True)
        finally:
            for _, session in sessions:
                session.close()

    def shrunk(self):
        """Fewer runs and fetches on which the modes still differ: (runs, Difference)."""
        runs, error = list(self.runs), self._fails(self.runs)
        progress = error is not None
        while progress:
            progress = False
            for smaller in _smaller(runs):
                found = self._fails(smaller)
                if found is not None:
                    runs, error, progress = smaller, found, True
                    break
        return runs, error

    def _fails(self, runs):
        try:
            self.check(runs)
        except Difference as error:
            return error
        except Exception as error:
            return Difference(f'the comparison itself: {type(error).__name__}: {error}')
        return None

    def report(self):
        """Text that tells a difference and the nodes it takes."""
        runs, error = self.shrunk()
        lines = [f'seed {self.seed}: {error}', 'graph:']
        needed, stack = set(), [getattr(f, 'op', f) for fetches, _ in runs for f in fetches]
        fed = {t for _, feeds in runs for t in feeds}
        while stack:
            node = stack.pop()
            if node not in needed:
                needed.add(node)
                stack += [t.op for t in node.inputs if t not in fed] + list(node.control_inputs)
        for node in sorted(needed, key=lambda node: node._id):
            attrs = {k: v for k, v in node._attrs.items() if k[0] != '_' and k not in ('T', 'dtype', 'container')}
            waits = [f'^{c.name}' for c in node.control_inputs]
            lines.append(f'  {node.name} = {node.type}({", ".join([t.name for t in node.inputs] + waits)}) {attrs}'
                         f' -> {[(t.dtype.name, str(t.shape)) for t in node.outputs]}'[:400])
        for fetches, feeds in runs:
            lines.append(f'  run {[f.name for f in fetches]}')
            lines += [f'    {t.name} = {a!r} {a.dtype}' for t, a in feeds.items()]
        return '\n'.join(lines)


def _smaller(runs):
    """Runs with something left out."""
    for i in range(len(runs)):
        yield runs[:i] + runs[i + 1:]
    for i, (fetches, feeds) in enumerate(runs):
        for j in range(len(fetches)):
            if len(fetches) > 1:
                yield runs[:i] + [(fetches[:j] + fetches[j + 1:], feeds)] + runs[i + 1:]
        for t in feeds:
            yield runs[:i] + [(fetches, {k: v for k, v in feeds.items() if k is not t})] + runs[i + 1:]


def _broadcast(a, b):
    """The shape of a broadcast, None if there is none for sure."""
    result = []
    for i in range(max(len(a), len(b))):
        p, q = [s[-1 - i] if i < len(s) else 1 for s in (a, b)]
        if p != q and 1 not in (p, q):
            return None
        result.append(q if p == 1 else p)
    return tuple(result[::-1])


@contextlib.contextmanager
def _mode(mode):
    """Compiles as `mode` says; 'sliced' stands for 'always', with hardly anything too small to run in slices."""
    kept = slices.BIG, slices.SLICE_BYTES, slices.FEWEST
    if mode == 'sliced':
        slices.BIG, slices.SLICE_BYTES, slices.FEWEST = 1, 64, 2
    try:
        with compilation('always' if mode == 'sliced' else mode):
            yield
    finally:
        slices.BIG, slices.SLICE_BYTES, slices.FEWEST = kept


def _state(session):
    """Copies of the variables' values, by name."""
    return {name: None if cell.value is None else np.array(cell.value)
            for (_, name), cell in session._state.cells.items()}


def _outcome(session, mode, fetches, feeds):
    """('value', results) or ('error', class, message, node)."""
    with _mode(mode):
        try:
            with np.errstate(all='ignore'):
                return 'value', session.run(fetches, feeds)
        except tf.errors.OpError as error:
            return 'error', type(error).__name__, error.message, error.op and error.op.name
        except (ValueError, TypeError) as error:
            return 'error', type(error).__name__, str(error), None


def _compare(where, plain, compiled, fetches):
    if plain[0] != compiled[0] or plain[0] == 'error' and plain != compiled:
        raise Difference(f'{where}: {plain} without compilation, {compiled} with it')
    if plain[0] == 'error':
        return
    for fetch, a, b in zip(fetches, plain[1], compiled[1]):
        if a is None and b is None:
            continue
        tensor = getattr(fetch, '_as_graph_element', lambda: fetch)()
        _compare_values(f'{where}, {fetch.name}', a, b, _is_loose(getattr(tensor, 'op', tensor)))


def _is_loose(node):
    """Whether what the node computes depends on an op of LOOSE, or on a variable that may be given its result."""
    stack, seen = [node], set()
    anywhere = any(other.type in LOOSE for other in node.graph.get_operations())
    while stack:
        node = stack.pop()
        if node.type in LOOSE or anywhere and node.type in ('VariableV2', 'VarHandleOp'):
            return True
        for tensor in node.inputs:
            if tensor.op not in seen:
                seen.add(tensor.op)
                stack.append(tensor.op)
    return False


def _compare_values(where, a, b, loose=False):
    if (a is None) != (b is None):
        raise Difference(f'{where}: {a} without compilation, {b} with it')
    if a is None:
        return
    if type(a) is not type(b):
        raise Difference(f'{where}: {type(a)} without compilation, {type(b)} with it')
    x, y = np.asarray(a), np.asarray(b)
    same = x.dtype == y.dtype and x.shape == y.shape
    if same and x.dtype.kind == 'c':
        same = _same_floats(x.real, y.real, loose) and _same_floats(x.imag, y.imag, loose)
    elif same and x.dtype.kind == 'f':
        same = _same_floats(x, y, loose)
    elif same:
        same = bool((x == y).all())
    if not same:
        raise Difference(f'{where}:\n{x!r} {x.dtype} without compilation,\n{y!r} {y.dtype} with it')


def _same_floats(x, y, loose):
    finite = np.isfinite(x)
    if not (np.array_equal(np.isnan(x), np.isnan(y)) and np.array_equal(finite, np.isfinite(y))):
        return False
    numbers = ~np.isnan(x)
    if not np.array_equal(np.signbit(x[numbers & (x == 0)]), np.signbit(y[numbers & (x == 0)])) and not loose:
        return False
    if not loose:
        return np.array_equal(x[numbers], y[numbers])
    scale = np.abs(x[finite]).max(initial=0)
    rtol = {np.float16: 1e-2, np.float32: 1e-5, np.float64: 1e-11}[x.dtype.type]
    return np.array_equal(x[~finite & numbers], y[~finite & numbers]) and np.allclose(
        x[finite], y[finite], rtol=rtol, atol=rtol * scale)


# The pieces that graphs grow by: function(case).

_PIECES = {}


def piece(weight):
    def register(function):
        _PIECES[function] = weight
        return function
    return register


@piece(12)
def _chain(b):
    x = b.pick(barrier=True)
    y = b.partner(x)
    chains = BOOL_CHAINS if x.dtype == tf.bool else FLOAT_CHAINS if x.dtype.is_floating else INTEGER_CHAINS
    result = b.random.choice(chains)(b, tf.convert_to_tensor(x.tensor), tf.convert_to_tensor(y.tensor))
    b._add(result, _broadcast(x.shape, y.shape), True, x, y)


@piece(2)
def _comparison(b):
    x = b.pick(*set(FLOATS + INTEGERS), exact=True)
    y = b.partner(x)
    if not y.loose:
        b._add(b.random.choice(COMPARISONS)(x.tensor, y.tensor), _broadcast(x.shape, y.shape), True)


@piece(2)
def _cast(b):
    x = b.pick(*set(FLOATS + INTEGERS + RARE[:5] + (tf.bool,)), exact=True)
    b._add(tf.cast(x.tensor, b.random.choice(FLOATS + INTEGERS + (tf.bool,))), x.shape, True, x)


@piece(2)
def _select(b):
    x = b.pick(barrier=True)
    y = b.partner(x, equal=True)
    conditions = [p for p in b.pool if p.dtype == tf.bool and p.shape in (x.shape, x.shape[:1], ())]
    condition = b.random.choice(conditions).tensor if conditions and b.chance(.7) else tf.constant(b.chance(.5))
    b._add(tf.where(condition, x.tensor, y.tensor), x.shape, True, x, y)


@piece(3)
def _reduction(b):
    x = b.pick(tf.float32, tf.float64, tf.int32, tf.int64, tf.bool)
    rank = len(x.shape)
    axes = sorted(b.random.sample(range(rank), b.random.randint(0, rank)))
    keep = b.chance(.4)
    names = (tf.reduce_all, tf.reduce_any) if x.dtype == tf.bool else (
        tf.reduce_sum, tf.reduce_mean, tf.reduce_max, tf.reduce_min, tf.reduce_prod)
    shape = tuple(1 if i in axes else d for i, d in enumerate(x.shape) if keep or i not in axes)
    given = [a - rank if b.chance(.3) else a for a in axes]
    if b.chance(.05) and given:
        given.append(given[0])
    b._add(b.random.choice(names)(x.tensor, tf.constant(given, tf.int32), keepdims=keep), shape, False, x)


@piece(5)
def _reshaping(b):
    x = b.pick()
    t, shape = x.tensor, x.shape
    kind = b.random.randrange(8)
    if kind == 0:
        b._add(tf.reshape(t, [-1]), (N,) if N in shape else (int(np.prod(shape)),), False, x)
    elif kind == 1:
        at = b.random.randint(0, len(shape))
        b._add(tf.expand_dims(t, at), shape[:at] + (1,) + shape[at:], False, x)
    elif kind == 2:
        b._add(tf.squeeze(t), tuple(d for d in shape if d != 1), False, x)
    elif kind == 3:
        perm = list(range(len(shape)))
        b.random.shuffle(perm)
        b._add(tf.transpose(t, perm), [shape[p] for p in perm], False, x)
        if b.chance(.4):
            back = np.argsort(perm).tolist()
            b._add(tf.transpose(b.pool[-1].tensor, back), shape, False, x)
    elif kind == 4:
        b._add(tf.reshape(t, tf.shape(t)), shape, False, x)
    elif kind == 5 and len(shape) >= 2:
        rest = shape[1:]
        if N not in rest:
            b._add(tf.reshape(t, [tf.shape(t)[0], int(np.prod(rest))]), (shape[0], int(np.prod(rest))), False, x)
    elif kind == 6:
        multiples = [b.random.choice((1, 1, 1, 2)) for _ in shape]
        shape = [d if m == 1 else 1000 + i if d == N else d * m for i, (d, m) in enumerate(zip(shape, multiples))]
        b._add(tf.tile(t, multiples), shape, False, x)
    elif kind == 7:
        b._add(tf.broadcast_to(t, tf.concat([[2], tf.shape(t)], 0)), (2,) + shape, False, x)


@piece(4)
def _parts(b):
    x = b.pick()
    t, shape = x.tensor, x.shape
    kind = b.random.randrange(7)
    if kind == 0:
        y = b.partner(x, equal=True)
        axis = b.random.randrange(len(shape))
        tensors = [t] if b.chance(.2) else [t, y.tensor]
        known = shape[axis] != N or len(tensors) == 1
        if known:
            shape = [d * len(tensors) if i == axis and d != N else d for i, d in enumerate(shape)]
            b._add(tf.concat(tensors, axis), shape, False, x, y)
    elif kind == 1:
        y = b.partner(x, equal=True)
        tensors = [t] if b.chance(.3) else [t, y.tensor]
        axis = b.random.randint(0, len(shape))
        b._add(tf.stack(tensors, axis), shape[:axis] + (len(tensors),) + shape[axis:], False, x, y)
    elif kind == 2 and shape and shape[-1] != N and shape[-1] > 1:
        b._add(t[..., 1:], shape[:-1] + (shape[-1] - 1,), False, x)
    elif kind == 3 and shape and shape[0] != N and shape[0] > 0:
        b._add(t[0], shape[1:], False, x)
    elif kind == 4 and shape:
        b._add(t[..., ::-1], shape, False, x)
    elif kind == 5 and shape and N not in shape:
        b._add(tf.pad(t, [[1, 0]] + [[0, 1]] * (len(shape) - 1)), [d + 1 for d in shape], False, x)
    elif kind == 6 and shape and shape[0] != N and shape[0] > 0:
        index = b.numpy.integers(0, shape[0], size=b.random.choice(((), (2,), (3,))))
        b._add(tf.gather(t, tf.constant(index, tf.int32)), index.shape + shape[1:], False, x)


@piece(3)
def _likes(b):
    x = b.pick()
    numeric = x.dtype not in (tf.bool, tf.string)
    kind = b.random.randrange(7)
    if kind == 0:
        b._add(tf.zeros_like(x.tensor), x.shape)
    elif kind == 1 and numeric:
        b._add(tf.ones_like(x.tensor), x.shape)
    elif kind == 2:
        b._add(tf.shape(x.tensor), (len(x.shape),))
    elif kind == 3:
        b._add(tf.size(x.tensor), ())
    elif kind == 4 and numeric:
        b._add(tf.fill(tf.shape(x.tensor), b.number(x.dtype)), x.shape)
    elif kind == 5:
        b._add(tf.identity(x.tensor), x.shape, False, x)
    elif kind == 6 and x.shape:
        b._add(tf.range(tf.shape(x.tensor)[0]), (x.shape[0],))


@piece(2)
def _products(b):
    x = b.pick(tf.float32, tf.float64, rank=2)
    found = [p for p in b.pool if p.dtype == x.dtype and len(p.shape) == 2]
    y = b.random.choice(found)
    for a, t in [(False, False), (True, False), (False, True), (True, True)]:
        p = x.shape[::-1] if a else x.shape
        q = y.shape[::-1] if t else y.shape
        if p[1] == q[0]:
            b._add(tf.matmul(x.tensor, y.tensor, transpose_a=a, transpose_b=t), (p[0], q[1]), False, x, y)
            return
    if x.shape[1] != N:
        w = tf.constant(b.array(x.dtype, (x.shape[1], 3)), x.dtype)
        b._add(tf.matmul(x.tensor, w), (x.shape[0], 3), False, x)


@piece(3)
def _network(b):
    x = b.pick(tf.float32, tf.float64)
    shape, kind = x.shape, b.random.randrange(7)
    if kind == 0 and len(shape) >= 2 and shape[-1] != N:
        bias = tf.constant(b.array(x.dtype, shape[-1:]), x.dtype)
        b._add(tf.nn.bias_add(x.tensor, bias), shape, True, x)
    elif kind == 1 and shape:
        b._add(tf.nn.softmax(x.tensor), shape, False, x)
        b.pool[-1].loose = True
    elif kind == 2 and len(shape) == 2:
        y = b.partner(x, equal=True)
        b._add(tf.nn.softmax_cross_entropy_with_logits_v2(labels=tf.nn.softmax(y.tensor), logits=x.tensor), shape[:1],
               False, x)
        b.pool[-1].loose = True
    elif kind == 3 and len(shape) == 2 and shape[1] not in (N, 0):
        labels = tf.zeros([tf.shape(x.tensor)[0]], tf.int32)
        b._add(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=x.tensor), shape[:1], False, x)
        b.pool[-1].loose = True
    elif kind == 4 and x.dtype == tf.float32:
        image = b.array(x.dtype, (2, 5, 5, 2))
        t = tf.constant(image) * tf.reduce_sum(x.tensor)
        padding = b.random.choice(('SAME', 'VALID'))
        conv = tf.nn.conv2d(t, tf.constant(b.array(x.dtype, (3, 3, 2, 3))), [1, 1, 1, 1], padding)
        size = conv.shape[1].value
        b._add(tf.nn.relu(conv), (2, size, size, 3), True, x)
        b.pool[-1].loose = True
        b._add(tf.nn.max_pool(conv, [1, 2, 2, 1], [1, 2, 2, 1], 'SAME'), (2, -(-size // 2), -(-size // 2), 3), False, x)
        b.pool[-1].loose = True
    elif kind == 5 and shape:
        b._add(tf.argmax(x.tensor, -1), shape[:-1]) if not x.loose else None
    elif kind == 6:
        b._add(tf.nn.l2_loss(x.tensor), (), False, x)


@piece(2)
def _layers(b):
    """Examples go through layers, each a product or a convolution, a bias and a relu."""
    x = b.pick(tf.float32, tf.float64)
    if len(x.shape) not in (2, 4) or x.shape[-1] in (N, 0):
        return
    t, features = x.tensor, x.shape[-1]
    for _ in range(b.random.choice((1, 2, 3))):
        bias = tf.constant(b.array(x.dtype, (3,)), x.dtype)
        if len(x.shape) == 2:
            t = tf.matmul(t, tf.constant(b.array(x.dtype, (features, 3)), x.dtype))
        else:
            t = tf.nn.conv2d(t, tf.constant(b.array(x.dtype, (2, 2, features, 3)), x.dtype), [1, 1, 1, 1], 'SAME')
        features = 3
        if b.chance(.2):
            b._add(t, x.shape[:-1] + (3,), False, x)
            b.pool[-1].loose = True
        t = b.random.choice((lambda: tf.nn.bias_add(t, bias), lambda: t + bias, lambda: bias + t, lambda: t))()
        t = b.random.choice((lambda: tf.nn.relu(t), lambda: tf.nn.relu(t) * 2., lambda: tf.abs(t), lambda: t))()
    if len(x.shape) == 4 and b.chance(.5):
        t = tf.nn.max_pool(t, [1, 1, 2, 1], [1, 1, 1, 1], 'SAME')
    b._add(t, x.shape[:-1] + (3,), True, x)
    b.pool[-1].loose = True
    if b.chance(.4):
        gradient, = tf.gradients(t, [x.tensor])
        b._add(gradient, x.shape, True, x)
        b.pool[-1].loose = True


@piece(2)
def _by_example(b):
    """What works example by example, so that it may run in slices."""
    x = b.pick(tf.float32, tf.float64, tf.int32)
    if not x.shape:
        return
    t, shape = x.tensor, x.shape
    kind = b.random.randrange(8)
    if kind == 0 and len(shape) > 1:
        b._add(tf.reduce_max(t, list(range(1, len(shape)))), shape[:1], False, x)
    elif kind == 1 and x.dtype.is_floating:
        t = tf.nn.l2_normalize(t, -1) if b.chance(.5) else t - tf.reduce_mean(t, -1, keepdims=True)
        b._add(t, shape, True, x)
        b.pool[-1].loose = True
    elif kind == 2 and len(shape) > 1:
        b._add(tf.concat([t, t * 2], -1), shape[:-1] + (shape[-1] * 2,), False, x) if shape[-1] != N else None
    elif kind == 3 and len(shape) > 1 and shape[1] not in (N, 0):
        b._add(t[:, 1:], shape[:1] + (shape[1] - 1,) + shape[2:], False, x)
    elif kind == 4:
        table = tf.constant(b.array(tf.float32, (7, 3)))
        indices = tf.clip_by_value(tf.cast(t, tf.int32), 0, 6) if not x.loose else tf.zeros_like(t, tf.int32)
        b._add(tf.gather(table, indices), shape + (3,), False)
    elif kind == 5:
        b._add(tf.one_hot(tf.zeros_like(t, tf.int32), 3), shape + (3,))
    elif kind == 6 and len(shape) == 2 and shape[1] != N:
        b._add(tf.stack([t, t + t], 1), (shape[0], 2, shape[1]), False, x)
    elif kind == 7 and len(shape) == 3 and x.dtype.is_floating:
        b._add(tf.matmul(t, t, transpose_b=True), (shape[0], shape[1], shape[1]), False, x)
        b.pool[-1].loose = True


@piece(2)
def _gradients(b):
    y = b.pick(tf.float32, tf.float64)
    sources = [p for p in b.pool if p.dtype.is_floating and p is not y]
    xs = b.random.sample(sources, min(len(sources), 3))
    for x, gradient in zip(xs, tf.gradients(y.tensor, [x.tensor for x in xs])):
        if isinstance(gradient, tf.Tensor):
            b._add(gradient, x.shape, True)
            b.pool[-1].loose = True


@piece(4)
def _update(b):
    if not b.variables:
        return
    variable, shape = b.random.choice(b.variables)
    dtype = variable.dtype.base_dtype
    values = [p.tensor for p in b.pool if p.dtype == dtype and p.shape == shape]
    if not values or b.chance(.2):
        values = [tf.constant(b.array(dtype, shape), dtype)]
    value = b.random.choice(values)
    kind = b.random.randrange(8)
    if kind <= 1:
        op = tf.assign(variable, value)
    elif kind == 2:
        op = tf.assign_add(variable, value)
    elif kind == 3:
        op = tf.assign_sub(variable, value)
    elif kind in (4, 5) and shape and shape[0] > 0:
        indices = b.numpy.integers(0, shape[0], size=2)
        updates = tf.gather(value, indices) if b.chance(.7) else tf.zeros((2,) + shape[1:], dtype)
        if shape[0] == 2 and b.chance(.5):
            updates = value
        op = b.random.choice((tf.scatter_update, tf.scatter_add))(variable, tf.constant(indices, tf.int32), updates)
    elif kind == 6 and len(shape) and not variable.op.type == 'VarHandleOp':
        op = tf.assign(variable, tf.concat([value, value], 0), validate_shape=False)
    else:
        return
    b.targets.append(op.op if isinstance(op, tf.Tensor) or hasattr(op, 'op') else op)
    if b.chance(.4) and isinstance(op, tf.Tensor):
        b._add(op, shape)
        b.pool[-1].loose = dtype.is_floating
    if b.chance(.4):
        with tf.control_dependencies([b.targets[-1]]):
            b._add(variable.read_value(), shape)
            b.pool[-1].loose = dtype.is_floating


@piece(2)
def _step(b):
    variables = [v for v, _ in b.variables if v.dtype.base_dtype.is_floating]
    if not variables:
        return
    loss = b.pick(tf.float32, tf.float64)
    kinds = [lambda: tf.train.GradientDescentOptimizer(.1), lambda: tf.train.AdamOptimizer(.1),
             lambda: tf.train.MomentumOptimizer(.1, .9, use_nesterov=True), lambda: tf.train.AdagradOptimizer(.1),
             lambda: tf.train.RMSPropOptimizer(.1)]
    known = set(tf.global_variables())
    b.targets.append(b.random.choice(kinds)().minimize(tf.reduce_sum(loss.tensor), var_list=variables))
    for slot in set(tf.global_variables()) - known:
        b.variables.append((slot, tuple(slot.shape.as_list())))
    b.variables.sort(key=lambda pair: pair[0].op._id)


@piece(1)
def _numbers(b):
    x = b.pick()
    maker = b.random.choice((tf.random_uniform, tf.random_normal))
    b._add(maker(tf.shape(x.tensor), seed=b.random.randrange(1, 9)), x.shape)


@piece(.3)
def _control_flow(b):
    x = b.pick(tf.float32)
    condition = tf.size(x.tensor) > 2
    if b.chance(.5):
        b._add(tf.cond(condition, lambda: x.tensor * 2., lambda: x.tensor + 1.), x.shape, True, x)
    else:
        _, result = tf.while_loop(lambda i, v: i < 3, lambda i, v: (i + 1, v * .5 + 1.), [tf.constant(0), x.tensor])
        b._add(result, x.shape, True, x)


@piece(1.2)
def _failing(b):
    kind = b.random.randrange(7)
    x = b.pick()
    if kind == 0:
        x = b.pick(tf.float32, tf.float64)
        b._add(tf.check_numerics(x.tensor, 'not a number'), x.shape, False, x)
    elif kind == 1:
        x = b.pick(tf.int32, tf.int64, barrier=True)
        y = b.partner(x)
        function = b.random.choice((tf.floordiv, tf.floormod, tf.truncatediv))
        b._add(function(x.tensor, y.tensor), _broadcast(x.shape, y.shape), True)
    elif kind == 2:
        indices = b.pick(tf.int32, tf.int64)
        if x.shape:
            b._add(tf.gather(x.tensor, indices.tensor), indices.shape + x.shape[1:], False, x)
    elif kind == 3:
        dims = b.pick(tf.int32, rank=1)
        result = tf.reshape(x.tensor, dims.tensor)
        b._add(result, (777,), False, x)
    elif kind == 4:
        variable = tf.Variable(b.array(tf.float32, (3,)), use_resource=b.chance(.5))      # nobody initializes it
        b._add(variable.read_value() * 2., (3,), True)
    elif kind == 5:
        y = b.pick(x.dtype)
        b._add(tf.maximum(x.tensor, y.tensor), (888,), True)      # shapes that may not fit
    else:
        y = b.pick(tf.float32, tf.float64)
        with tf.control_dependencies([tf.assert_less(tf.reduce_sum(y.tensor), tf.constant(3., y.dtype))]):
            b._add(tf.identity(x.tensor), x.shape, False, x)


def main(count=1000, first=0):
    began, failed = time.time(), []
    for seed in range(first, first + count):
        case = Case(seed)
        try:
            case.check()
        except Exception as error:
            failed.append(seed)
            print(case.report() if isinstance(error, Difference) else f'seed {seed}: {type(error).__name__}: {error}',
                  flush=True)
            if not isinstance(error, Difference):
                import traceback
                traceback.print_exc()
        if (seed - first + 1) % 100 == 0:
            print(f'{seed - first + 1} graphs, {len(failed)} differ, {time.time() - began:.0f} s', flush=True)
    print(f'{count} graphs, {len(failed)} differ: {failed}')
    return bool(failed)


if __name__ == '__main__':
    sys.exit(main(*map(int, sys.argv[1:])))
