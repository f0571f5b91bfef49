"""Elementwise ops: from one scalar function to loops over arrays.

An op is one function of numbers, registered here:

    @elementwise('Add', 'AddV2')
    def add(x, y):
        return x + y

It is valid Python, and either free of branches or valid numba. From it come

- `array_function('Add')`: the function of numpy arrays that a session runs. For the dtypes at hand
  a row kernel is generated (`rows.py`), compiled and called in the loop nest of `pointers.py`;
- `interpret('Add', x, y)`: the same values for a few elements in plain Python, for constants in the
  graph's making;
- `Expression`: several scalar calls in one loop, so that chains of ops need not go through memory.

Broadcasting: adjacent dimensions that broadcast alike are merged, which leaves rows in at most two levels of
blocks nearly always. Along a row each operand either advances or stays ('v' or 's' in a kernel's pattern),
the two cases LLVM has vector code for. Few elements are not worth a kernel per pattern: they run as rows of
one element, in the kernel for 'v' throughout.
"""
import functools
import inspect
import math
from typing import Callable, NamedTuple, Optional

import numpy as np

from graphflow.framework import errors
from graphflow.kernels import memory, threads

SMALL = 256           # Elements below which broadcasting reuses the kernel for equal shapes.
POOLED = memory.SMALLEST // 16     # Elements from which memory.empty has something to say.
GRAIN = 1 << 16       # Elements worth a thread of their own.
MOST_PARTS = 16       # of a loop with sums, each of which is made apart
MAX_PLANS = 1 << 10   # Specialisations a kernel keeps.
MANY = 512            # Summands from which sums of float32 are kept in float64.
MAX_LEVELS = 3        # Block, row, column: what the loop nest can walk.

ELEMENTWISE = {}      # op type -> Scalar


class Scalar(NamedTuple):
    """What is known of an elementwise op.

    functions: {kind: scalar function}; a kind is a dtype's name, or a kind of numpy dtypes ('f', 'i',
      'u', 'c', 'b'), or '*' for all others. The first input decides. Parameters beyond the op's inputs are
      named like the attrs they take.
    attrs: the names of those parameters. Their values arrive as float32.
    out: the output's dtype, or a function from the input dtypes to it, or None: the first input's dtype.
    check: function(*arrays) that raises for values or shapes the op rejects, or None.
    prepare: function(*arrays) -> arrays, for ops whose inputs do not simply broadcast, or None.
    objects: function(*arrays) for arrays of strings (dtype object), or None.
    incompatible: what to say of shapes that do not broadcast, with a {} for each, or None.
    choose: function(input dtypes, output dtype) -> scalar function, where `functions` are not enough,
      or None.
    instead: function(*arrays) -> array, or None where the scalar function has to be called: shorter ways for
      certain values. Or None.
    in_python: function(*arrays, out_dtype) -> array, where plain Python differs from the scalar function,
      or None.
    """
    functions: dict
    attrs: tuple = ()
    out: Optional[object] = None
    check: Optional[Callable] = None
    prepare: Optional[Callable] = None
    objects: Optional[Callable] = None
    incompatible: Optional[str] = None
    choose: Optional[Callable] = None
    instead: Optional[Callable] = None
    in_python: Optional[Callable] = None

    @property
    def arity(self):
        """The number of parameters of the scalar function."""
        return len(inspect.signature(next(iter(self.functions.values()))).parameters)

    @property
    def fusible(self):
        """Whether the scalar function is the whole story, so that it may stand in a longer Expression."""
        return not (self.check or self.prepare)

    def out_dtype(self, dtypes):
        """The output's numpy dtype for the inputs' dtypes."""
        if self.out is None:
            return dtypes[0]
        return np.dtype(self.out(*dtypes) if inspect.isfunction(self.out) else self.out)

    def function(self, dtypes, out_dtype):
        """The scalar function for inputs of these dtypes."""
        if self.choose:
            return self.choose(dtypes, out_dtype)
        functions, first = self.functions, dtypes[0]
        return functions.get(first.name) or functions.get(first.kind) or functions['*']


def elementwise(*names, kinds='*', **properties):
    """Registers the decorated scalar function as the kernel of the op types `names`.

    kinds: the kinds of dtypes it is for: a string such as 'iu', or a tuple of dtype names.
    **properties: as in `Scalar`; the same for all functions of one op.
    """
    def register(function):
        for name in names:
            known = ELEMENTWISE[name].functions if name in ELEMENTWISE else {}
            ELEMENTWISE[name] = Scalar({**known, **dict.fromkeys(kinds, function)}, **properties)
        return function
    return register


# Expressions: what one loop computes.

class Expression(NamedTuple):
    """Scalar calls in one loop. Values 0..inputs-1 are read, call k makes value inputs+k.

    calls: tuples (op type, indices of the values it takes, dtype of its result or None for the op's own
      rule).
    outputs: indices of the values that are stored.
    sums: indices of the values that are added to further operands, each of which repeats along what it sums over.
    """
    inputs: int
    calls: tuple
    outputs: tuple
    sums: tuple = ()

    def value_dtypes(self, dtypes):
        """The dtypes of all values for the dtypes of the inputs."""
        values = list(dtypes)
        for op, arguments, dtype in self.calls:
            own = ELEMENTWISE[op].out_dtype([values[a] for a in arguments])
            values.append(np.dtype(dtype) if dtype else own)
        return values

    def row_address(self, pattern, dtypes, sum_dtypes=()):
        """The address of the compiled kernel of one row, `row(count, *pointers)`.

        pattern: for each input, then each sum, 'v' (advances along the row) or 's' (one value for all of it).
        dtypes: of all values; between calls, values are rounded to them as if they had been stored.
        sum_dtypes: of the arrays that sums are added to.
        """
        from graphflow.kernels import jit

        functions = [ELEMENTWISE[op].function([dtypes[a] for a in arguments], dtypes[self.inputs + k])
                     for k, (op, arguments, _) in enumerate(self.calls)]
        key = jit.fingerprint(Expression.row_address, jit.source_digest('rows', 'trace', 'native.compiler'), repr(self), pattern,
                              *[d.name for d in (*dtypes, *sum_dtypes)],
                              *[jit.fingerprint(f, jit.fingerprint(getattr(f, 'outside', None))) for f in functions])

        def build(context, library, name):
            from graphflow.kernels import rows
            return rows.RowBuilder(context, library, self, functions, pattern, dtypes, sum_dtypes).build(name)
        return jit.compile_row(build, key)


# Geometry: how the operands of a broadcast lie in memory.

def broadcast_shape(shapes, message=None):
    """The common shape of a broadcast; InvalidArgumentError, saying `message`, where there is none."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        texts = [shape_text(s) for s in shapes]
        message = message.format(*texts) if message else 'Incompatible shapes: ' + ' vs. '.join(texts)
        raise errors.InvalidArgumentError(None, None, message) from None


def shape_text(shape):
    """A shape as error messages have it: [2,3]."""
    return '[%s]' % ','.join(map(str, shape))


def merged_dimensions(shapes, shape):
    """Merges adjacent dimensions in which every operand either advances or repeats.

    Returns (sizes, advances): the sizes of the merged dimensions, and for each the tuple of bools that says
    which operands advance along it.
    """
    rank = len(shape)
    padded = [(1,) * (rank - len(s)) + tuple(s) for s in shapes]
    sizes, advances = [], []
    for axis, size in enumerate(shape):
        if size == 1:
            continue
        moving = tuple(s[axis] != 1 for s in padded)
        if advances and advances[-1] == moving:
            sizes[-1] *= size
        else:
            sizes.append(size)
            advances.append(moving)
    if not sizes:
        return [1], [(True,) * len(shapes)]
    return sizes, advances


def byte_strides(sizes, advances, itemsizes):
    """For each merged dimension, the bytes each operand moves on in one step along it (0: it repeats)."""
    rows = []
    steps = list(itemsizes)
    for size, moving in zip(reversed(sizes), reversed(advances)):
        rows.append([step if m else 0 for step, m in zip(steps, moving)])
        steps = [step * size if m else step for step, m in zip(steps, moving)]
    return rows[::-1]


def geometry(address, sizes, strides, shapes, dtypes):
    """The words `row_runner` reads: kernel, type of arrays, rows per block, row length, strides of each
    operand, and dtype and number of elements of each."""
    missing = MAX_LEVELS - len(sizes)
    sizes = [1] * missing + list(sizes)
    strides = [[0] * len(strides[0])] * missing + list(strides)
    checks = [word for s, d in zip(shapes, dtypes) for word in (id(np.dtype(d.str)), math.prod(s))]
    return np.array([address, id(np.ndarray), sizes[1], sizes[2], *np.transpose(strides).ravel(), *checks], np.int64)


# Kernels over arrays.

class Kernel:
    """An expression over arrays. Specialisations, by shapes and dtypes, are made on first use and kept.

    expression: what to compute.
    wide: whether half precision values are kept as float32.

    `plans` maps (*shapes, *dtypes) of the inputs to (run, words, shape, dtypes of the outputs, size); then
    `run(words, *inputs, *outputs, 0, size)` fills the outputs. It returns something true where an input is
    not a plain contiguous array.
    """

    def __init__(self, expression, wide=False):
        self.expression = expression
        self.wide = wide
        self.plans = {}
        self._addresses = {}
        self._wide = None

    def __call__(self, *arrays):
        """The list of outputs."""
        key = (*[a.shape for a in arrays], *[a.dtype for a in arrays])
        run, words, shape, dtypes, size = self.plans.get(key) or self.plan(key)
        empty = np.empty if size < POOLED else memory.empty
        outs = [empty(shape, dtype) for dtype in dtypes]
        if run(words, *arrays, *outs, 0, size):
            return self(*[plain_array(a) for a in arrays])
        return outs

    def plan(self, key):
        """Makes the specialisation for a key of `plans`."""
        n = self.expression.inputs
        shapes, dtypes = key[:n], key[n:]
        shape = broadcast_shape(shapes, ELEMENTWISE[self.expression.calls[0][0]].incompatible)
        run, words, out_dtypes, size = self.specialised(shapes, dtypes, shape)
        if len(self.plans) >= MAX_PLANS:    # shapes that change all the time
            self.plans.clear()
        self.plans[key] = plan = run, words, shape, out_dtypes, size
        return plan

    def specialised(self, shapes, dtypes, shape, sum_shapes=()):
        """For inputs of these shapes and dtypes and outputs of `shape`: (run, words, dtypes of the outputs, size).

        sum_shapes: of the arrays for the sums, with a 1 where they are summed over; these come after the outputs, full of
          zeros, and have the dtype that `sum_dtype` tells.
        """
        values = self.expression.value_dtypes(dtypes)
        if self.wide:
            values = _widened(values)
        size = math.prod(shape)
        run, words = self._runner(shapes, dtypes, values, shape, size, sum_shapes)
        own = [np.dtype(values[i].str) for i in self.expression.outputs]    # numpy's own objects: see `geometry`
        return run, words, own, size

    def _runner(self, shapes, dtypes, values, shape, size, sum_shapes=()):
        if size == 0:
            return _nothing, None
        if any(d.hasobject for d in values):
            return self._by_objects, None
        if any(d == np.float16 for d in dtypes):
            return self._by_float32, None
        if not all(d.isnative for d in dtypes):
            return _refused, None
        operands = [*shapes, *[shape] * len(self.expression.outputs), *sum_shapes]
        sum_dtypes = tuple(sum_dtype(values[i], size // math.prod(s)) for i, s in zip(self.expression.sums, sum_shapes))
        operand_dtypes = (*dtypes, *[values[i] for i in self.expression.outputs], *sum_dtypes)
        if any(d == np.float16 for d in operand_dtypes):
            return self._by_float32, None
        sizes, advances = merged_dimensions(operands, shape)
        itemsizes = [d.itemsize for d in operand_dtypes]
        strides = byte_strides(sizes, advances, itemsizes)
        moving = advances[-1][:len(shapes)] + advances[-1][len(operands) - len(sum_shapes):] * bool(sum_shapes)
        pattern = ''.join('v' if m else 's' for m in moving)
        if 's' in pattern and size <= SMALL and len(sizes) < MAX_LEVELS:
            sizes, strides, pattern = sizes + [1], strides + [itemsizes], 'v' * len(pattern)
        if len(sizes) > MAX_LEVELS:
            return _refused if sum_shapes else self._by_equal_shapes, None
        from graphflow.kernels.pointers import row_runner
        run = row_runner(len(operands))
        words = geometry(self._address(pattern, tuple(values), sum_dtypes), sizes, strides, operands, operand_dtypes)
        if size >= 2 * GRAIN:
            run = functools.partial(_sharded_sums, run, len(sum_shapes)) if sum_shapes else functools.partial(
                _sharded, run)
        return run, words

    def _address(self, pattern, dtypes, sum_dtypes):
        key = pattern, dtypes, sum_dtypes
        if key not in self._addresses:
            self._addresses[key] = self.expression.row_address(pattern, dtypes, sum_dtypes)
        return self._addresses[key]

    # What stands in for the loop nest where it does not apply.

    def _fill(self, args, results):
        for out, result in zip(args[self.expression.inputs:], results):
            out[...] = result

    def _by_objects(self, words, *args):
        # Python objects are never fused: there is one call.
        op, _, dtype = self.expression.calls[0]
        inputs = args[:self.expression.inputs]
        if ELEMENTWISE[op].objects is None:
            out = dtype or args[self.expression.inputs].dtype
            raise errors.UnimplementedError(
                None, None, f'{op} {_type_name(inputs[0].dtype)} to {_type_name(out)} is not supported')
        self._fill(args, [ELEMENTWISE[op].objects(*inputs)])

    def _by_float32(self, words, *args):
        """Half precision is for storage: as in Eigen, arithmetic on it is done in float32."""
        inputs = args[:self.expression.inputs]
        if self._wide is None:
            self._wide = Kernel(self.expression, wide=True)
        with np.errstate(over='ignore'):
            self._fill(args, self._wide(*[a.astype(_widened([a.dtype])[0]) for a in inputs]))

    def _by_equal_shapes(self, words, *args):
        """Broadcasts with more levels than the loop nest has: copies make all shapes equal."""
        shape = args[self.expression.inputs].shape
        self._fill(args, self(*[np.array(np.broadcast_to(a, shape)) for a in args[:self.expression.inputs]]))


def _type_name(dtype):
    """A dtype's name in error messages."""
    return {'object': 'string', 'float32': 'float', 'float64': 'double', 'float16': 'half'}.get(dtype.name, dtype.name)


def _widened(dtypes):
    return [np.dtype(np.float32) if d == np.float16 else d for d in dtypes]


def _nothing(words, *args):
    return 0


def _refused(words, *args):
    return 1


def _sharded(run, words, *args):
    """Runs parts of the range on several threads."""
    *arrays, lo, hi = args
    if run(words, *arrays, lo, lo):
        return 1
    threads.shard(run, hi, words, *arrays, grain=GRAIN)
    return 0


def _sharded_sums(run, count, words, *args):
    """Runs parts of the range on several threads; each part has sums of its own, which are then added."""
    *arrays, lo, hi = args
    if run(words, *arrays, lo, lo):
        return 1
    arrays, sums = arrays[:-count], arrays[-count:]
    size = max(GRAIN, -(-hi // MOST_PARTS))     # which does not depend on threads, so that sums do not either
    parts = -(-hi // size)
    partial = [np.zeros((parts, *s.shape), s.dtype) for s in sums]

    def run_parts(first, last):
        for part in range(first, last):
            run(words, *arrays, *[p[part:part + 1].reshape(p.shape[1:]) for p in partial],
                part * size, min((part + 1) * size, hi))
    threads.shard(run_parts, parts)
    for total, p in zip(sums, partial):
        np.add.reduce(p, axis=0, out=total)
    return 0


def sum_dtype(dtype, count):
    """The dtype in which sums of `count` values are kept: a wider one for many, since rounding errors add up."""
    return np.dtype(np.float64) if count > MANY else dtype


def plain_array(a):
    """The same values as a contiguous, aligned, native numpy array that is no subclass."""
    a = np.asarray(a)
    a = np.require(a, a.dtype.newbyteorder('='), ['C', 'A', 'E'])
    own = np.dtype(a.dtype.str)     # the one object that stands for this dtype
    return a if a.dtype is own else a.view(own)


# What sessions call.

def scalar_kernel(name, out_dtype=None):
    """The Kernel of one op. `out_dtype` where the inputs' dtypes do not decide it (Cast)."""
    return _scalar_kernel(name, None if out_dtype is None else np.dtype(out_dtype))


@functools.lru_cache(None)
def _scalar_kernel(name, out_dtype):
    inputs = ELEMENTWISE[name].arity
    return Kernel(Expression(inputs, ((name, tuple(range(inputs)), out_dtype),), (inputs,)))


def array_function(name, out_dtype=None, **attrs):
    """The function of numpy arrays that computes an elementwise op.

    Args:
      name: the op type.
      out_dtype: numpy dtype of the output, where the inputs' dtypes do not decide it (Cast).
      **attrs: the op's attrs; those that the scalar function does not take are left aside.

    Returns: function(*arrays) -> array. It raises InvalidArgumentError where shapes do not broadcast, or for
    values the op rejects.
    """
    scalar = ELEMENTWISE[name]
    kernel = scalar_kernel(name, out_dtype)
    run = _SPECIALISED.get(kernel.expression.inputs, _any_arity)(kernel)
    if scalar.instead:
        run = _unless_shorter(run, scalar.instead)
    if scalar.attrs:
        values = [np.array(attrs[a], np.float32) for a in scalar.attrs]
        run = _with_values(run, values)
    if scalar.prepare:
        run = _prepared(run, scalar.prepare)
    if scalar.check:
        run = _checked(run, scalar.check)
    return run


# Per number of inputs, the shortest way from arrays to a running kernel: a dict look-up, an allocation and a
# call.

def _unary(kernel):
    plans, plan, small, big = kernel.plans, kernel.plan, np.empty, memory.empty

    def call(x):
        key = x.shape, x.dtype
        run, words, shape, dtypes, size = plans.get(key) or plan(key)
        out = (small if size < POOLED else big)(shape, dtypes[0])
        if run(words, x, out, 0, size):
            return call(plain_array(x))
        return out
    return call


def _binary(kernel):
    plans, plan, small, big = kernel.plans, kernel.plan, np.empty, memory.empty

    def call(x, y):
        key = x.shape, y.shape, x.dtype, y.dtype
        run, words, shape, dtypes, size = plans.get(key) or plan(key)
        out = (small if size < POOLED else big)(shape, dtypes[0])
        if run(words, x, y, out, 0, size):
            return call(plain_array(x), plain_array(y))
        return out
    return call


def _any_arity(kernel):
    return lambda *arrays: kernel(*arrays)[0]


_SPECIALISED = {1: _unary, 2: _binary}


def _unless_shorter(run, instead):
    def call(*arrays):
        result = instead(*arrays)
        return run(*arrays) if result is None else result
    return call


def _with_values(run, values):
    return lambda *arrays: run(*arrays, *values)


def _prepared(run, prepare):
    return lambda *arrays: run(*prepare(*arrays))


def _checked(run, check):
    def call(*arrays):
        check(*arrays)
        return run(*arrays)
    return call


def interpret(name, *arrays, out_dtype=None, **attrs):
    """An elementwise op on a few elements, in plain Python: nothing is compiled. Arguments as for
    `array_function`."""
    scalar = ELEMENTWISE[name]
    arrays = [np.asarray(a) for a in arrays]
    if scalar.check:
        scalar.check(*arrays)
    if scalar.prepare:
        arrays = scalar.prepare(*arrays)
    arrays = list(arrays) + [np.array(attrs[a], np.float32) for a in scalar.attrs]
    dtypes = [a.dtype for a in arrays]
    out_dtype = np.dtype(out_dtype) if out_dtype else scalar.out_dtype(dtypes)
    out = np.empty(broadcast_shape([a.shape for a in arrays], scalar.incompatible), out_dtype)
    with np.errstate(all='ignore'):
        if any(d.hasobject for d in dtypes):
            out[...] = scalar.objects(*arrays)
        elif scalar.in_python:
            out[...] = scalar.in_python(*arrays, out_dtype)
        else:
            function = scalar.function(dtypes, out_dtype)
            wide = np.broadcast_arrays(*[a.astype(_widened([a.dtype])[0]) for a in arrays])
            for i, values in enumerate(zip(*[a.flat for a in wide])):
                # By way of an array: integers outside the dtype wrap around.
                out.flat[i] = np.asarray(function(*values)).astype(out_dtype)
    return out
