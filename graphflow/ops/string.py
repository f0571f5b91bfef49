"""tf.strings: ops of strings, which are bytes; arrays of them hold Python's bytes objects."""
import numpy as np

from graphflow.framework import convert, dtypes, scopes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import not_differentiable, op
from graphflow.framework.shape_rules import broadcast_shapes, merge, unchanged
from graphflow.framework.sparse_tensor import SparseTensor
from graphflow.framework.tensor_shape import TensorShape
from graphflow.ops import fill
from graphflow.util.deprecation import deprecated_argument_lookup

for _name in ('StringStrip', 'DecodeBase64'):
    op(_name, 'input:string -> output:string', shape=unchanged)
for _name in ('StringLower', 'StringUpper'):
    op(_name, 'input:string -> output:string', "encoding:string=''", shape=unchanged)
op('EncodeBase64', 'input:string -> output:string', 'pad:bool=False', shape=unchanged)
op('StringLength', 'input:string -> output:int32', "unit:string='BYTE'{'BYTE','UTF8_CHAR'}", shape=unchanged)
op('StringToNumber', 'string_tensor:string -> output:out_type', 'out_type:type=float{float,double,int32,int64}',
   shape=unchanged)
op('AsString', 'input:T -> output:string',
   "T:type{int8,int16,int32,int64,complex64,complex128,float,double,bool}; precision:int=-1; scientific:bool=False; "
   "shortest:bool=False; width:int=-1; fill:string=''", shape=unchanged)
op('RegexReplace', 'input:string, pattern:string, rewrite:string -> output:string', 'replace_global:bool=True',
   shape=unchanged)
op('StaticRegexReplace', 'input:string -> output:string',
   'pattern:string; rewrite:string; replace_global:bool=True', shape=unchanged)
op('RegexFullMatch', 'input:string, pattern:string -> output:bool', shape=unchanged)
op('StaticRegexFullMatch', 'input:string -> output:bool', 'pattern:string', shape=unchanged)


@op('StringJoin', 'inputs:N*string -> output:string', "N:int>=1; separator:string=''")
def _(c):
    shapes = [s for s in c.shapes() if s.ndims != 0]       # scalars go with all
    if not shapes:
        return []
    result = shapes[0]
    for shape in shapes[1:]:
        result = merge(result, shape)
    return result


@op('ReduceJoin', 'inputs:string, reduction_indices:int32 -> output:string',
    "keep_dims:bool=False; separator:string=''")
def _(c):
    shape, axes, keep = c.shape(0), c.value(1), c.attr('keep_dims')
    if shape.ndims is None:
        return None
    rank, dims = shape.ndims, shape.as_list()
    if axes is None:
        return [None] * rank if keep else None
    reduced = set()
    for axis in axes.ravel().tolist():
        if not -rank <= axis < rank:
            raise ValueError(f'Invalid reduction dimension {axis} for input with {rank} dimensions.')
        reduced.add(axis % rank)
    return [1 if i in reduced else d for i, d in enumerate(dims) if keep or i not in reduced]


@op('Substr', 'input:string, pos:T, len:T -> output:string',
    "T:type{int32,int64}; unit:string='BYTE'{'BYTE','UTF8_CHAR'}")
def _(c):
    return broadcast_shapes(c.shape(0), merge(c.shape(1), c.shape(2)))


@op('DecodeRaw', 'bytes:string -> output:out_type',
    'out_type:type{half,float,double,int32,uint16,uint8,int16,int8,int64,complex64,complex128,bool}; '
    'little_endian:bool=True')
def _(c):
    return c.shape(0).concatenate(TensorShape([None]))


def _split(c):
    c.rank(0, 1)
    return [TensorShape([None, 2]), TensorShape([None]), TensorShape([2])]


op('StringSplit', 'input:string, delimiter:string -> indices:int64, values:string, shape:int64',
   'skip_empty:bool=True', shape=_split)
op('StringSplitV2', 'input:string, sep:string -> indices:int64, values:string, shape:int64', 'maxsplit:int=-1',
   shape=_split)
not_differentiable('StringJoin', 'ReduceJoin', 'AsString', 'EncodeBase64', 'DecodeBase64', 'RegexReplace',
                   'StaticRegexReplace', 'DecodeRaw', 'StringToNumber', 'StringSplit', 'StringSplitV2')


@export('strings.join', 'string_join')
def string_join(inputs, separator='', name=None):
    """Joins, element by element, tensors of one shape (scalars go with any), with `separator` between them."""
    return apply('StringJoin', inputs, separator=separator, name=name)


@export('strings.as_string', 'as_string', 'dtypes.as_string')
def as_string(input, precision=-1, scientific=False, shortest=False, width=-1, fill='', name=None):
    """Numbers or bools as strings.

    Args:
      input: a tensor.
      precision: digits after the point, of floats; 6 if negative.
      scientific, shortest: whether floats are written like 1e+00, or the shorter of both ways.
      width: to how many characters the strings are filled up.
      fill: with what: '' or ' ' (blanks before), '0' or '-' (blanks after).
      name: a name for the node.
    """
    return apply('AsString', input, precision=precision, scientific=scientific, shortest=shortest, width=width,
                 fill=fill, name=name)


@export('strings.to_number', 'string_to_number')
def string_to_number(string_tensor=None, out_type=dtypes.float32, name=None, input=None):
    """Strings as numbers of `out_type`: float32, float64, int32 or int64. Bad ones raise InvalidArgumentError."""
    string_tensor = deprecated_argument_lookup('input', input, 'string_tensor', string_tensor)
    return apply('StringToNumber', string_tensor, out_type=out_type, name=name)


@export('strings.substr', 'substr')
def substr(input, pos, len, name=None, unit='BYTE'):
    """From each string the `len` bytes (unit 'UTF8_CHAR': characters) from `pos` on; a negative pos counts from the end.

    `pos` and `len` are int tensors of one shape, which broadcasts against that of `input`.
    """
    return apply('Substr', input, pos, len, unit=unit, name=name)


@export('strings.length')
def string_length(input, name=None, unit='BYTE'):
    """The lengths of strings, in bytes or, for unit 'UTF8_CHAR', in characters: int32."""
    return apply('StringLength', input, unit=unit, name=name)


@export('strings.strip', 'string_strip')
def string_strip(input, name=None):
    """Strings without white space at their ends."""
    return apply('StringStrip', input, name=name)


@export('strings.lower')
def string_lower(input, encoding='', name=None):
    """Strings in lower case; of other letters than ASCII's only for encoding 'utf-8'."""
    return apply('StringLower', input, encoding=encoding, name=name)


@export('strings.upper')
def string_upper(input, encoding='', name=None):
    """Strings in upper case; of other letters than ASCII's only for encoding 'utf-8'."""
    return apply('StringUpper', input, encoding=encoding, name=name)


@export('strings.reduce_join', 'reduce_join')
def reduce_join(inputs, axis=None, keep_dims=None, separator='', name=None, reduction_indices=None, keepdims=None):
    """Joins the strings along the dimensions `axis` (an int or a list; default: all), in the order they are named."""
    keep_dims = bool(deprecated_argument_lookup('keepdims', keepdims, 'keep_dims', keep_dims))
    axis = deprecated_argument_lookup('axis', axis, 'reduction_indices', reduction_indices)
    inputs = convert.to_tensor(inputs, dtype=dtypes.string)
    with scopes.name_scope(name, 'ReduceJoin', [inputs]):
        if axis is None:
            axis = _all_axes_from_last(inputs)
        return apply('ReduceJoin', inputs, axis, keep_dims=keep_dims, separator=separator)


def _all_axes_from_last(inputs):
    rank = inputs.shape.ndims
    if rank is None:
        from graphflow.ops import array
        return fill.range(array.rank(inputs) - 1, -1, -1)
    return convert.to_tensor(np.arange(rank - 1, -1, -1, dtype=np.int32), name='Const')


@export('strings.regex_replace', 'regex_replace')
def regex_replace(input, pattern, rewrite, replace_global=True, name=None):
    r"""Replaces what matches a regular expression, everywhere or once; \1 in `rewrite` stands for the first group."""
    if isinstance(pattern, (str, bytes)) and isinstance(rewrite, (str, bytes)):
        return apply('StaticRegexReplace', input, pattern=pattern, rewrite=rewrite, replace_global=replace_global,
                     name=name)
    return apply('RegexReplace', input, pattern, rewrite, replace_global=replace_global, name=name)


@export('strings.regex_full_match')
def regex_full_match(input, pattern, name=None):
    """Whether strings match a regular expression as a whole."""
    if isinstance(pattern, (str, bytes)):
        return apply('StaticRegexFullMatch', input, pattern=pattern, name=name)
    return apply('RegexFullMatch', input, pattern, name=name)


@export('encode_base64', 'io.encode_base64')
def encode_base64(input, pad=False, name=None):
    """Strings in web-safe base64 (RFC 4648, with - and _), filled up with = if `pad`."""
    return apply('EncodeBase64', input, pad=pad, name=name)


@export('decode_base64', 'io.decode_base64')
def decode_base64(input, name=None):
    """What web-safe base64 stands for."""
    return apply('DecodeBase64', input, name=name)


@export('decode_raw', 'io.decode_raw')
def decode_raw(input_bytes=None, out_type=None, little_endian=True, name=None, bytes=None):
    """The bytes of strings of one length as numbers of `out_type`: a tensor with one more dimension."""
    input_bytes = deprecated_argument_lookup('input_bytes', input_bytes, 'bytes', bytes)
    if out_type is None:
        raise ValueError("decode_raw_v1() missing 1 positional argument: 'out_type'")
    return apply('DecodeRaw', input_bytes, out_type=out_type, little_endian=little_endian, name=name)


@export('string_split')
def string_split(source, sep=None, skip_empty=True, delimiter=None, result_type='SparseTensor', name=None):
    """Splits each string of a vector at each of the characters of `sep` (default: a blank; '': between all bytes).

    Args:
      source: [n] strings.
      sep: a scalar string; `delimiter` is its old name.
      skip_empty: whether empty parts are left out.

    Returns: a SparseTensor of shape [n, the largest number of parts].
    """
    delimiter = deprecated_argument_lookup('sep', sep, 'delimiter', delimiter)
    _only_sparse(result_type)
    with scopes.name_scope(name, 'StringSplit', [source]):
        delimiter = ' ' if delimiter is None else delimiter
        delimiter = convert.to_tensor(delimiter, dtype=dtypes.string)
        source = convert.to_tensor(source, dtype=dtypes.string)
        return _sparse(apply('StringSplit', source, delimiter=delimiter, skip_empty=skip_empty))


@export('strings.split')
def strings_split(input=None, sep=None, maxsplit=-1, result_type='SparseTensor', source=None, name=None):
    """Splits each string of a vector as Python's `bytes.split(sep, maxsplit)` does; see `tf.string_split`."""
    input = deprecated_argument_lookup('input', input, 'source', source)
    _only_sparse(result_type)
    with scopes.name_scope(name, 'StringSplit', [input]):
        input = convert.to_tensor(input, dtype=dtypes.string)
        sep = convert.to_tensor('' if sep is None else sep, dtype=dtypes.string)
        return _sparse(apply('StringSplitV2', input, sep=sep, maxsplit=maxsplit))


def _only_sparse(result_type):
    if result_type == 'RaggedTensor':
        raise NotImplementedError('graphflow has no ragged tensors: use result_type="SparseTensor"')
    if result_type != 'SparseTensor':
        raise ValueError('result_type must be "SparseTensor" or "RaggedTensor".')


def _sparse(parts):
    indices, values, shape = parts
    indices.set_shape([None, 2])
    values.set_shape([None])
    shape.set_shape([2])
    return SparseTensor(indices, values, shape)
