"""Pass 10: epilogues. A product or a convolution adds its bias and rectifies while results are still in registers or in
cache, and the gradients of a max-pool and of the relu before it are one pass over the windows."""
import functools

import numpy as np

from graphflow.runtime import bind
from graphflow.runtime.fuse import elementwise_op
from graphflow.runtime.joined import Joined, readers
from graphflow.runtime.program import Instruction

SMALLEST_PRODUCT = 1 << 20      # bytes of a product of BLAS, below which another loop costs no more
_ADDITIONS = frozenset(('Add', 'AddV2', 'BiasAdd', 'BiasAddV1'))


def join_epilogues(program):
    """Replaces instructions of `program` whose kernels have a form that does the next ones' work too."""
    taken_by, results, gone = readers(program), set(program.results), set()
    joined = {}         # the last Instruction of a pattern -> what replaces it
    for instruction in program.instructions:
        found = _PATTERNS.get(instruction.op)
        if found is None or not _movable(instruction):
            continue
        replacement = found(instruction, _Readers(taken_by, results))
        if replacement is not None:
            gone.update(replacement.members)
            joined[replacement.members[-1]] = replacement
            program.note('epilogues', ' '.join(m.node.name for m in replacement.members))
    program.instructions = [joined.get(i, i) for i in program.instructions if i in joined or i not in gone]


class Epilogue(Joined):
    """Instructions that one kernel does; where it raises, their own say what is wrong."""
    __slots__ = ('kernel',)

    def __init__(self, kernel, members, inputs):
        super().__init__('Epilogue', self._run, members, inputs, [members[-1].outputs[0]])
        self.kernel = kernel

    def _run(self, *arrays):
        try:
            return self.kernel(*arrays)
        except Exception:
            return self.run_members(*arrays)[0]


class _Readers:
    def __init__(self, taken_by, results):
        self._taken_by, self._results = taken_by, results

    def all(self, value):
        """The instructions that take `value`."""
        return self._taken_by.get(value, ())

    def only(self, value):
        """The one instruction that takes `value`, if there is no other and nobody fetches it; else None."""
        found = self.all(value)
        if len(found) == 1 and value not in self._results and _movable(found[0]):
            return found[0]
        return None

    def fetched(self, value):
        """Whether the program returns it."""
        return value in self._results


def _movable(instruction):
    return type(instruction) is Instruction and not (instruction.effect or instruction.wanted)


def _same_memory(members):
    """Whether the first members may run at the place of the last: none reads a variable that was written in between."""
    version = members[-1].version
    return all(m.version == version or not any(v.live for v in m.inputs) for m in members)


def _is_float(*values):
    return all(v.shape is not None and 0 not in v.shape and v.dtype in (np.float32, np.float64)
               and v.dtype == values[0].dtype for v in values)


def _with_bias(first, readers):
    """The bias that is added to the result of `first`, the instruction that does, and the relu behind it, or None."""
    result = first.outputs[0]
    addition = readers.only(result)
    if addition is None or addition.op not in _ADDITIONS or len(set(addition.inputs)) != 2:
        return None, None, None
    bias = addition.inputs[1] if addition.inputs[0] is result else addition.inputs[0]
    if addition.op.startswith('BiasAdd'):
        if bias is not addition.inputs[1]:
            return None, None, None
        fits = addition.node._attrs.get('data_format', b'NHWC') == first.node._attrs.get('data_format', b'NHWC')
    else:
        fits = first.node._attrs.get('data_format', b'NHWC') == b'NHWC' and bias.shape == result.shape[-1:]
    if not fits or not _is_float(result, bias, addition.outputs[0]) or addition.outputs[0].shape != result.shape:
        return None, None, None
    relu = readers.only(addition.outputs[0])
    return bias, addition, relu if relu is not None and relu.op == 'Relu' else None


def _convolution(first, readers):
    from graphflow.kernels.conv import conv2d_fused     # here, for all kernels are loaded when the first session runs

    if not _is_float(*first.inputs, first.outputs[0]):
        return None
    bias, addition, relu = _with_bias(first, readers)
    alone = readers.only(first.outputs[0])
    if addition is None:
        relu = alone if alone is not None and alone.op == 'Relu' else None
    return _epilogue(first, addition, relu, bias, conv2d_fused,
                     ('strides', 'padding', 'data_format', 'dilations', 'explicit_paddings'))


def _product(first, readers):
    from graphflow.kernels.matmul import matmul_fused
    from graphflow.kernels.product import is_middling

    if not _is_float(*first.inputs, first.outputs[0]):
        return None
    bias, addition, relu = _with_bias(first, readers)
    (m, n), depth = first.outputs[0].shape, first.inputs[0].shape[not first.node._attrs['transpose_a']]
    by_tiles = is_middling(m, depth, n)
    if addition is None or not by_tiles and first.outputs[0].dtype.itemsize * m * n < SMALLEST_PRODUCT:
        return None
    result = (relu or addition).outputs[0]
    following = readers.all(result)
    # A loop that comes anyway adds the bias for nothing.
    if following and not readers.fetched(result) and all(
            elementwise_op(r) is not None and r.outputs[0].shape == result.shape for r in following):
        return None
    return _epilogue(first, addition, relu, bias, matmul_fused, ('transpose_a', 'transpose_b'))


def _epilogue(first, addition, relu, bias, kernel, attrs):
    members = [m for m in (first, addition, relu) if m is not None]
    if len(members) == 1 or not _same_memory(members):
        return None
    given = {name: bind.attr_value(first.node, name) for name in attrs if name in first.node._attrs}
    kernel = functools.partial(kernel, relu=relu is not None, **given)
    if bias is None:
        return Epilogue(lambda x, filters: kernel(x, filters, None), members, list(first.inputs))
    return Epilogue(kernel, members, [*first.inputs, bias])


def _pool_gradient(first, readers):
    """Of MaxPool(Relu(x)): what flows back to x."""
    from graphflow.kernels.pool import max_pool_relu_grad

    images, pooled, dy = first.inputs
    relu = readers.only(first.outputs[0])
    if relu is None or relu.op != 'ReluGrad' or relu.inputs[0] is not first.outputs[0]:
        return None
    features = relu.inputs[1]
    before = images.producer
    rectified = before is not None and before.op == 'Relu' or _ends_in_relu(before)
    # The relu's gradient may be taken where its output is positive, or its input: that is the same.
    if not rectified or features is not images and not (before.op == 'Relu' and features is before.inputs[0]):
        return None
    if not _is_float(images, dy, relu.outputs[0]) or pooled.shape != dy.shape or not _same_memory([first, relu]):
        return None
    given = {name: bind.attr_value(first.node, name) for name in ('ksize', 'strides', 'padding', 'data_format')}
    kernel = functools.partial(max_pool_relu_grad, **given)
    return Epilogue(lambda x, y, dy, *features: kernel(x, dy), [first, relu],
                    [images, pooled, dy] + [features] * (features is not images))


def _ends_in_relu(instruction):
    return isinstance(instruction, Epilogue) and instruction.members[-1].op == 'Relu'


_PATTERNS = {'Conv2D': _convolution, 'MatMul': _product, 'MaxPoolGrad': _pool_gradient}
