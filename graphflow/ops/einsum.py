"""einsum: sums of products of tensors in Einstein's notation, built of transposes, reshapes and matrix products.

Two operands at a time: the dimensions of each are sorted into those that both keep, those summed over and those of one
operand alone, which makes the pair a (batched) matrix product.
"""
import functools
import operator
import re

from graphflow.framework.export import export
from graphflow.framework.scopes import name_scope
from graphflow.ops import array, math, norm, reduce
from graphflow.ops.matmul import matmul
from graphflow.platform import tf_logging


@export('einsum', 'linalg.einsum')
def einsum(equation, *inputs, **kwargs):
    """The sum of products that `equation` describes: 'ij,jk->ik' is a matrix product, 'ij->ji' a transpose.

    Args:
      equation: for each operand a letter a dimension, '->' and the letters of the result, over the others of which is
        summed. Without '->' the result has the letters that occur once, in order. '...' stands for any dimensions.
      *inputs: the operands, tensors of one dtype and known rank.
      **kwargs: `name`, a name for the scope.

    Returns: a tensor.

    Raises: ValueError for an equation that is not well formed, does not fit the operands, or repeats a letter within one
      operand; TypeError for other keywords.
    """
    name = kwargs.pop('name', None)
    if kwargs:
        raise TypeError('invalid keyword arguments for this function: ' + ', '.join(format(k) for k in sorted(kwargs)))
    with name_scope(name, 'einsum', [equation, inputs]):
        inputs = list(inputs)
        shapes = [x.get_shape() for x in inputs]
        operands, result = _parse(equation, shapes)
        letters = sorted(set(''.join(operands)))
        if len(operands) == 1 and '->' not in equation and operands[0] in {2 * a for a in letters}:
            return norm.trace(inputs[0])
        for labels in operands:
            if len(set(labels)) < len(labels):
                raise ValueError(f'Subscript not supported: an axis appears more than once: {labels}')
        for a in letters:
            if sum(a in labels for labels in operands) > 2 and a not in result:
                tf_logging.warn('Falling back to exponential-space implementation of einsum() because index "%s" is '
                                'summed over more than two inputs.', a)
                return _all_at_once(inputs, operands, result)
        total, labels = inputs[0], operands[0]
        for x, x_labels in zip(inputs[1:], operands[1:]):
            total, labels = _product(total, labels, x, x_labels, (set(labels) & set(x_labels)) - set(result))
        surplus = [i for i, a in enumerate(labels) if a not in result]
        if surplus:
            total = reduce.reduce_sum(total, axis=surplus)
            labels = ''.join(a for a in labels if a in result)
        if sorted(labels) != sorted(result):
            raise ValueError(f'Invalid equation: {equation}')
        return _transpose(total, [labels.index(a) for a in result])


def _parse(equation, shapes):
    """([the letters of each operand], the letters of the result); dimensions under '...' are given letters."""
    equation = equation.replace(' ', '')
    match = re.match(r'^([a-zA-Z,.]+)(->[a-zA-Z.]*)?$', equation)
    if not match:
        raise ValueError(f'Indices have incorrect format: {equation}')
    operands = match.group(1).split(',')
    result = match.group(2)[2:] if match.group(2) else None
    if len(operands) != len(shapes):
        raise ValueError(f'Got {len(shapes)} arguments for equation "{equation}", expecting {len(operands)}')
    hidden = ''
    if '...' in match.group(1):
        unused = sorted(set('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ') - set(equation))
        counts = [s.ndims - len(labels.replace('...', '')) for s, labels in zip(shapes, operands) if '...' in labels]
        hidden = ''.join(unused[:max(counts)])
        counts = iter(counts)
        operands = [labels.replace('...', hidden[len(hidden) - next(counts):]) if '...' in labels else labels
                    for labels in operands]
    if any('.' in labels for labels in operands):
        raise ValueError(f'Unable to resolve ellipsis: {equation}')
    if result is None:
        letters = ''.join(operands)
        return operands, hidden + ''.join(a for a in sorted(set(letters)) if letters.count(a) == 1 and a not in hidden)
    return operands, result.replace('...', hidden)


def _product(x, x_labels, y, y_labels, summed):
    """The product of two operands, summed over `summed`. Returns: (the tensor, its letters)."""
    for t, labels in ((x, x_labels), (y, y_labels)):
        if len(t.get_shape()) != len(labels):
            return _misfit(t, labels)
    kept = sorted((set(x_labels) & set(y_labels)) - summed)
    x_own, y_own = (sorted(set(own) - set(other)) for own, other in ((x_labels, y_labels), (y_labels, x_labels)))
    summed = sorted(summed)
    x = _transpose(x, [x_labels.index(a) for a in kept + x_own + summed])
    y = _transpose(y, [y_labels.index(a) for a in kept + summed + y_own])
    result = ''.join(kept + x_own + y_own)
    if not summed:
        for _ in y_own:
            x = array.expand_dims(x, -1)
        for _ in x_own:
            y = array.expand_dims(y, len(kept))
        return math.multiply(x, y), result
    x_shape = _sizes(x)
    kept_sizes, x_sizes = x_shape[:len(kept)], x_shape[len(kept):len(kept) + len(x_own)]
    x_count, count = _count(x_sizes), _count(x_shape[len(kept) + len(x_own):])
    x = _reshape(x, kept_sizes + [x_count, count])
    y_shape = _sizes(y)
    y_sizes = y_shape[len(kept) + len(summed):]
    y = _reshape(y, y_shape[:len(kept)] + [count, _count(y_sizes)])
    return _reshape(matmul(x, y), kept_sizes + x_sizes + y_sizes), result


def _misfit(tensor, labels):
    raise ValueError(f'Tensor of rank {len(tensor.get_shape())} does not fit the subscripts {labels}')


def _all_at_once(inputs, operands, result):
    """Multiplies all operands, broadcast to all dimensions, and sums: takes memory for the product of all sizes."""
    letters = set(''.join(operands))
    if set(result) - letters:
        raise ValueError(f'Unknown output axes: {sorted(set(result) - letters)}')
    order = sorted(letters - set(result)) + list(result)
    dims = []
    for i, labels in enumerate(operands):
        present = [a for a in order if a in labels]
        inputs[i] = _transpose(inputs[i], [labels.index(a) for a in present])
        sizes = dict(zip(present, inputs[i].get_shape().as_list()))
        dims.append([(-1 if sizes[a] is None else sizes[a]) if a in sizes else 1 for a in order])
    factors = [array.reshape(x, d) for x, d in zip(inputs, dims)]
    product = functools.reduce(operator.mul, factors, 1)
    return reduce.reduce_sum(product, axis=list(range(len(order) - len(result))))


# Operations that are left out where they would do nothing.

def _transpose(x, perm):
    return x if perm == list(range(len(perm))) else array.transpose(x, perm=perm)


def _reshape(x, sizes):
    dims = x.get_shape().as_list()
    if len(dims) == len(sizes) and all(isinstance(n, int) and m == n for m, n in zip(dims, sizes)):
        return x
    return array.reshape(x, sizes)


def _sizes(x):
    """The sizes of the dimensions of `x`: ints where they are known, else scalar tensors."""
    dims = x.get_shape().as_list()
    if None not in dims:
        return dims
    shape = array.shape(x)
    return [shape[i] if d is None else d for i, d in enumerate(dims)]


def _count(sizes):
    return functools.reduce(operator.mul, sizes, 1)
