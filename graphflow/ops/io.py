"""Files: reading and writing them whole, finding them, and the tensors of checkpoints."""
from graphflow.framework import errors
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import not_differentiable, op
from graphflow.framework.shape_rules import merge, no_outputs, scalar
from graphflow.framework.tensor_shape import TensorShape, unknown_shape


def _scalars(result):
    """A shape rule for ops whose inputs are all scalars."""
    def rule(c):
        for i in range(c.num_inputs):
            c.rank(i, 0)
        return result(c)
    return rule


def _expect_dim(shape, size):
    found = shape[0].value if shape.ndims else None
    if found is not None and found != size:
        raise ValueError(f'Dimension must be {size} but is {found}')


def _save(vectors):
    def rule(c):
        c.rank(0, 0)
        for i in range(1, vectors + 1):
            _expect_dim(c.rank(i, 1), c.num_inputs - vectors - 1)
        return []
    return rule


def slice_shape(c, spec):
    """The static shape of what a text of shape and slice asks a checkpoint for: unknown if it is empty (all)."""
    from graphflow.io import tensor_slice
    spec = spec.decode() if isinstance(spec, bytes) else spec
    if not spec:
        return unknown_shape()
    try:
        shape, box = tensor_slice.parse(spec)
    except IndexError as e:
        raise errors.InternalError(None, None, c.failure(str(e))) from None
    return TensorShape([dim if length == tensor_slice.WHOLE else length for (_, length), dim in zip(box, shape)])


op('SaveV2', 'prefix:string, tensor_names:string, shape_and_slices:string, tensors:list dtypes ->',
   'dtypes:list(type)>=1', shape=_save(2), stateful=True)
op('Save', 'filename:string, tensor_names:string, data:list T ->', 'T:list(type)>=1', shape=_save(1), stateful=True)
op('SaveSlices', 'filename:string, tensor_names:string, shapes_and_slices:string, data:list T ->', 'T:list(type)>=1',
   shape=_save(2), stateful=True)


@op('RestoreV2', 'prefix:string, tensor_names:string, shape_and_slices:string -> tensors:list dtypes',
    'dtypes:list(type)>=1', stateful=True)
def _(c):
    c.rank(0, 0)
    merge(c.rank(1, 1), c.rank(2, 1))
    specs = c.value(2)
    if specs is None:
        return [unknown_shape()] * c.num_outputs
    if len(specs) != c.num_outputs:
        raise ValueError("The number of shape_and_slice doesn't match tensor outputs.")
    return [slice_shape(c, spec) for spec in specs.tolist()]


op('Restore', 'file_pattern:string, tensor_name:string -> tensor:dt', 'dt:type; preferred_shard:int=-1',
   shape=_scalars(lambda c: unknown_shape()), stateful=True)


@op('RestoreSlice', 'file_pattern:string, tensor_name:string, shape_and_slice:string -> tensor:dt',
    'dt:type; preferred_shard:int=-1', stateful=True)
def _(c):
    for i in range(3):
        c.rank(i, 0)
    spec = c.value(2)
    return unknown_shape() if spec is None else slice_shape(c, spec.item())


@op('MergeV2Checkpoints', 'checkpoint_prefixes:string, destination_prefix:string ->', 'delete_old_dirs:bool=True',
    stateful=True)
def _(c):
    c.rank(0, 1)
    c.rank(1, 0)
    return []


op('ShardedFilename', 'basename:string, shard:int32, num_shards:int32 -> filename:string', shape=_scalars(scalar))
op('ShardedFilespec', 'basename:string, num_shards:int32 -> filename:string', shape=_scalars(scalar))
op('ReadFile', 'filename:string -> contents:string', shape=_scalars(scalar))
op('WriteFile', 'filename:string, contents:string ->', shape=_scalars(no_outputs), stateful=True)


@op('MatchingFiles', 'pattern:string -> filenames:string')
def _(c):
    c.rank_at_most(0, 1)
    return [None]


not_differentiable('ReadFile', 'WriteFile', 'MatchingFiles')


@export('read_file', 'io.read_file')
def read_file(filename, name=None):
    """The contents of a file: a scalar string Tensor.

    Args:
      filename: a scalar string Tensor, its path.
      name: name of the node.

    Raises: NotFoundError when run if there is no such file.
    """
    return apply('ReadFile', filename, name=name)


@export('write_file', 'io.write_file')
def write_file(filename, contents, name=None):
    """An Operation that writes a file, over one that is there; its folder is made if it is missing.

    Args:
      filename: a scalar string Tensor, its path.
      contents: a scalar string Tensor.
      name: name of the node.
    """
    return apply('WriteFile', filename, contents, name=name)


@export('matching_files', 'io.matching_files')
def matching_files(pattern, name=None):
    """The paths of the files that match a pattern: a 1-D string Tensor, in order.

    Args:
      pattern: a string Tensor, scalar or 1-D: patterns with `*`, `?` and `[...]` in the last part.
      name: name of the node.
    """
    return apply('MatchingFiles', pattern, name=name)
