"""Kernels of strings: Python's bytes, one by one."""
import base64
import binascii
import re
import sys

import numpy as np

from graphflow.framework import errors
from graphflow.framework.registry import kernel


def _each(function, array, dtype=object):
    """function of each element, as an array of that shape."""
    array = np.asarray(array)
    result = np.empty(array.size, dtype)
    for i, item in enumerate(array.reshape(-1)):
        result[i] = function(item)
    return result.reshape(array.shape)


def _invalid(message):
    return errors.InvalidArgumentError(None, None, message)


def _bytes(text):
    return text.encode('utf-8', 'surrogateescape') if isinstance(text, str) else bytes(text)


@kernel('StringJoin')
def string_join(inputs, separator):
    shape = next((v.shape for v in map(np.asarray, inputs) if v.ndim), ())
    if any(np.ndim(v) and np.shape(v) != shape for v in inputs):
        raise _invalid('Input shapes do not match: ' + ' vs. '.join(str(list(np.shape(v))) for v in inputs))
    columns = [np.broadcast_to(np.asarray(v, object), shape).reshape(-1) for v in inputs]
    result = np.empty(int(np.prod(shape, dtype=np.int64)), object)
    result[:] = [_bytes(separator).join(row) for row in zip(*columns)]
    return result.reshape(shape)


@kernel('ReduceJoin')
def reduce_join(inputs, reduction_indices, keep_dims, separator):
    inputs = np.asarray(inputs, object)
    axes = [int(a) % inputs.ndim for a in np.asarray(reduction_indices).reshape(-1)] if inputs.ndim else []
    if len(set(axes)) < len(axes):
        raise _invalid(f'Duplicate reduction dimension {next(a for a in axes if axes.count(a) > 1)}')
    if not axes:
        return inputs
    kept = [i for i in range(inputs.ndim) if i not in axes]
    rows = inputs.transpose(kept + axes[::-1])     # what is named first is joined first
    rows = rows.reshape([inputs.shape[i] for i in kept] + [-1])
    result = np.empty(int(np.prod(rows.shape[:-1], dtype=np.int64)), object)
    for i, row in enumerate(rows.reshape(result.size, rows.shape[-1])):
        result[i] = _bytes(separator).join(row)
    return result.reshape([1 if i in axes else d for i, d in enumerate(inputs.shape) if keep_dims or i not in axes])


@kernel('AsString')
def as_string(input, precision, scientific, shortest, width, fill):
    input = np.asarray(input)
    if len(fill) > 1:
        raise _invalid('Fill string must be one or fewer characters')
    if scientific and shortest:
        raise _invalid('Cannot select both scientific and shortest notation')
    flags = fill if fill in ('0', '-', '+') else ''
    size = str(width) if width > -1 else ''
    if input.dtype.kind in 'iu':
        return _each(lambda v: f'%{flags}{size}d'.encode() % v, input)
    if input.dtype.kind == 'b':
        return _each(lambda v: b'true' if v else b'false', input)
    digits = f'.{precision}' if precision > -1 else ''
    form = f'%{flags}{size}{digits}{"e" if scientific else "g" if shortest else "f"}'.encode()
    if input.dtype.kind == 'c':
        return _each(lambda v: b'(' + form % v.real + b',' + form % v.imag + b')', input)
    return _each(lambda v: form % v, input)


_NUMBERS = {'f': re.compile(rb'[-+]?(\d+\.?\d*([eE][-+]?\d+)?|\.\d+([eE][-+]?\d+)?|inf(inity)?|nan)', re.IGNORECASE),
            'i': re.compile(rb'[-+]?\d+')}


@kernel('StringToNumber')
def string_to_number(string_tensor, out_type):
    out_type = np.dtype(out_type)
    pattern, parse = _NUMBERS[out_type.kind], float if out_type.kind == 'f' else int

    def number(text):
        stripped = text.strip()
        value = parse(stripped) if pattern.fullmatch(stripped) else None
        if value is None or parse is int and not np.iinfo(out_type).min <= value <= np.iinfo(out_type).max:
            raise _invalid('StringToNumberOp could not correctly convert string: ' + text.decode('utf-8', 'replace'))
        return value
    with np.errstate(over='ignore'):
        return _each(number, string_tensor, out_type)


@kernel('Substr')
def substr(input, pos, len, unit):
    input, pos, length = np.asarray(input, object), np.asarray(pos), np.asarray(len)
    if pos.shape != length.shape:
        raise _invalid(f'pos and len should have the same shape, got: {list(pos.shape)} vs. {list(length.shape)}')
    try:
        input, pos, length = np.broadcast_arrays(input, pos, length)
    except ValueError:
        raise _invalid(f'Incompatible shapes: {list(input.shape)} vs. {list(pos.shape)}') from None
    result = np.empty(input.size, object)
    for i, (text, start, count) in enumerate(zip(input.flat, pos.flat, length.flat)):
        units = text.decode('utf-8', 'surrogateescape') if unit == 'UTF8_CHAR' else text
        size = units.__len__()
        if not -size <= start <= size:
            raise _invalid(f"pos {start} out of range for string b'{text.decode('utf-8', 'replace')}' at index {i}")
        start = start + size if start < 0 else start
        part = units[start:] if count < 0 else units[start:start + count]
        result[i] = _bytes(part)
    return result.reshape(input.shape)


@kernel('StringLength')
def string_length(input, unit):
    if unit == 'BYTE':
        return _each(len, input, np.int32)
    # Each byte but the continuations (10xxxxxx) begins a character.
    return _each(lambda text: sum(b & 0xC0 != 0x80 for b in text), input, np.int32)


@kernel('StringStrip')
def string_strip(input):
    return _each(bytes.strip, input)


@kernel('StringLower')
def string_lower(input, encoding):
    return _cased(input, encoding, 'lower')


@kernel('StringUpper')
def string_upper(input, encoding):
    return _cased(input, encoding, 'upper')


def _cased(input, encoding, method):
    if encoding == 'utf-8':
        return _each(lambda text: getattr(text.decode('utf-8', 'replace'), method)().encode(), input)
    if encoding:
        raise _invalid('only utf-8 or \'\' (no encoding) is supported')
    return _each(getattr(bytes, method), input)


def _compiled(pattern):
    pattern = _bytes(np.asarray(pattern)[()] if isinstance(pattern, np.ndarray) else pattern)
    try:
        return re.compile(pattern)
    except re.error as error:
        text = pattern.decode('utf-8', 'replace')
        raise _invalid(f'Invalid pattern: {text}, error: {error}') from error


@kernel('StaticRegexReplace', 'RegexReplace')
def regex_replace(input, pattern, rewrite, replace_global):
    pattern = _compiled(pattern)
    rewrite = _bytes(np.asarray(rewrite)[()] if isinstance(rewrite, np.ndarray) else rewrite)
    parts = re.split(rb'\\([0-9\\])', rewrite)

    def replacement(match):
        return b''.join(part if i % 2 == 0 else b'\\' if part == b'\\' else match.group(int(part)) or b''
                        for i, part in enumerate(parts))
    return _each(lambda text: pattern.sub(replacement, text, count=0 if replace_global else 1), input)


@kernel('StaticRegexFullMatch', 'RegexFullMatch')
def regex_full_match(input, pattern):
    pattern = _compiled(pattern)
    return _each(lambda text: pattern.fullmatch(text) is not None, input, np.bool_)


@kernel('EncodeBase64')
def encode_base64(input, pad):
    return _each(lambda text: base64.urlsafe_b64encode(text).rstrip(b'' if pad else b'='), input)


@kernel('DecodeBase64')
def decode_base64(input):
    def decode(text):
        if not re.fullmatch(rb'[-_0-9A-Za-z]*={0,2}', text):
            raise _invalid('Invalid character found in base64.')
        bare = text.rstrip(b'=')
        try:
            return base64.urlsafe_b64decode(bare + b'=' * (-len(bare) % 4))
        except binascii.Error as error:
            raise _invalid('Invalid character found in base64.') from error
    return _each(decode, input)


@kernel('DecodeRaw')
def decode_raw(bytes, out_type, little_endian):
    strings, dtype = np.asarray(bytes, object), np.dtype(out_type)
    if not strings.size:
        return np.zeros((*strings.shape, 0), dtype)
    length = len(strings.flat[0])
    for i, text in enumerate(strings.flat):
        if len(text) != length:
            raise _invalid('DecodeRaw requires input strings to all be the same size, but element '
                           f'{i} has size {length} != {len(text)}')
    if length % dtype.itemsize:
        raise _invalid(f'Input to DecodeRaw has length {length} that is not a multiple of {dtype.itemsize}, the size of '
                       f'{dtype.name}')
    values = np.frombuffer(b''.join(strings.flat), dtype)
    if little_endian != (sys.byteorder == 'little'):
        values = values.byteswap()
    return values.reshape(*strings.shape, length // dtype.itemsize)


def _split_each(strings, split):
    """Indices, values and dense shape of the parts into which `split` divides each string."""
    parts = [split(text) for text in strings]
    indices = [(i, j) for i, row in enumerate(parts) for j in range(len(row))]
    values = np.empty(len(indices), object)
    values[:] = [part for row in parts for part in row]
    shape = np.array([len(parts), max(map(len, parts), default=0)], np.int64)
    return np.array(indices, np.int64).reshape(-1, 2), values, shape


@kernel('StringSplit')
def string_split(input, delimiter, skip_empty):
    characters = bytes(np.asarray(delimiter)[()])
    separators = re.compile(b'[' + re.escape(characters) + b']') if characters else None

    def split(text):
        if not text:
            return []       # even where empty parts count
        parts = separators.split(text) if separators else [text[i:i + 1] for i in range(len(text))]
        return [p for p in parts if p] if skip_empty else parts
    return _split_each(input, split)


@kernel('StringSplitV2')
def string_split_v2(input, sep, maxsplit):
    separator = bytes(np.asarray(sep)[()]) or None
    return _split_each(input, lambda text: text.split(separator, maxsplit))
