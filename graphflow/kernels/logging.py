"""Kernels of Print, PrintV2, Assert and StringFormat, and the text that stands for a tensor."""
import sys
import time

import numpy as np

from graphflow.framework import errors
from graphflow.framework.registry import kernel
from graphflow.platform import tf_logging


def element_text(value, dtype):
    """One element as TensorFlow writes it: floats with as few of %.6g and %.9g (double: %.15g, %.17g) as tell them."""
    if dtype.kind == 'b':
        return '1' if value else '0'
    if dtype.kind in 'iu':
        return str(int(value))
    if dtype == object:
        return _escaped(value)
    if dtype.kind == 'c':
        return '?'
    if np.isnan(value):
        return 'nan'
    short, full = ('%.15g', '%.17g') if dtype == np.float64 else ('%.6g', '%.9g')
    kind = np.float64 if dtype == np.float64 else np.float32
    text = short % value
    return text if kind(text) == kind(value) else full % value


_ESCAPES = {ord('\n'): '\\n', ord('\r'): '\\r', ord('\t'): '\\t', ord('"'): '\\"', ord("'"): "\\'", ord('\\'): '\\\\'}


def _escaped(value):
    """Bytes as text, in the notation of C."""
    value = value.encode() if isinstance(value, str) else value
    return ''.join(_ESCAPES.get(b) or (chr(b) if 32 <= b < 127 else f'\\{b:03o}') for b in value)


def summary(array, limit):
    """The first `limit` elements (negative: all) as Print and Assert show them: 1 2 3..., [0 1][2...]..."""
    array = np.asarray(array)
    if limit < 0:
        limit = array.size
    if not array.size:
        return ''
    shown = [element_text(v, array.dtype) for v in array.reshape(-1)[:limit]]
    more = array.size > limit
    if array.ndim < 2:
        return ' '.join(shown) + ('...' if more else '')
    return ''.join(_rows(shown, array.shape, limit)) + ('...' if more else '')


def _rows(shown, shape, limit):
    """The text of the slices along the first dimension, as far as `shown` goes."""
    size = int(np.prod(shape[1:]))
    for start in range(0, min(len(shown), shape[0] * size), size):
        row = shown[start:start + size]
        if len(shape) == 2:
            yield '[' + ' '.join(row) + ('...' if len(row) < size else '') + ']'
        else:
            yield '[' + ''.join(_rows(row, shape[1:], limit)) + ']'


def edges(array, count):
    """The text of a tensor with `count` elements at each end of each dimension (negative: all), in lines."""
    array = np.asarray(array)
    if array.ndim == 0:
        return _quoted(array[()], array.dtype)
    return _nested(array, count, 1)


def _quoted(value, dtype):
    text = element_text(value, dtype)
    return f'"{text}"' if dtype == object else text


def _nested(array, count, depth):
    items = list(array)
    left_out = count >= 0 and len(items) > 2 * count
    if left_out:
        items = items[:count] + items[len(items) - count:]
    if array.ndim == 1:
        texts, between = [_quoted(v, array.dtype) for v in items], ' '
    else:
        texts = [_nested(np.asarray(v), count, depth + 1) for v in items]
        between = '\n' * (array.ndim - 1) + ' ' * depth
    if left_out:
        texts.insert(count, '...')
    return '[' + between.join(texts) + ']'


@kernel('Print')
def print_(input, data, message, first_n, summarize, state):
    if first_n >= 0:
        state['printed'] = state.get('printed', 0) + 1
        if state['printed'] > first_n:
            return input
    print(message + ''.join(f'[{summary(d, summarize)}]' for d in data), file=sys.stderr, flush=True)
    return input


@kernel('PrintV2')
def print_v2(input, output_stream, end):
    text = np.asarray(input)[()]
    text = text.decode('utf-8', 'replace') if isinstance(text, bytes) else str(text)
    if output_stream in ('stdout', 'stderr'):
        print(text, end=end, file=getattr(sys, output_stream), flush=True)
    elif output_stream.startswith('file://'):
        with open(output_stream[len('file://'):], 'a', encoding='utf-8') as f:
            f.write(text + end)
    else:
        getattr(tf_logging, output_stream[len('log('):-1])('%s', text)


@kernel('Assert')
def assert_(condition, data, summarize):
    if np.ndim(condition):
        raise errors.InvalidArgumentError(None, None, 'In[0] should be a scalar: ' + str(list(np.shape(condition))))
    if not condition:
        raise errors.InvalidArgumentError(
            None, None, 'assertion failed: ' + ' '.join(f'[{summary(d, summarize)}]' for d in data))


@kernel('Timestamp')
def timestamp():
    return np.array(time.time())


@kernel('StringFormat')
def string_format(inputs, template, placeholder, summarize):
    parts = template.split(placeholder) if placeholder else [template]
    text = parts[0] + ''.join(edges(v, summarize) + part for v, part in zip(inputs, parts[1:]))
    return np.array(text.encode(), dtype=object)
