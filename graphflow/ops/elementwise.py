"""What declarations of elementwise ops share: lists of types, ops over the values of sparse tensors."""
from graphflow.framework.apply import apply
from graphflow.framework.registry import op
from graphflow.framework.scopes import name_scope
from graphflow.framework.shape_rules import broadcast, unchanged
from graphflow.framework.sparse_tensor import SparseTensor

REAL = 'bfloat16,half,float,double'
INT = ',int32,int64'
COMPLEX = ',complex64,complex128'
INTEGERS = 'int8,int16,int32,int64,uint8,uint16,uint32,uint64'


def unary(names, types):
    """Declares ops of one tensor x whose result y has its type and shape."""
    for name in names.split():
        op(name, 'x:T -> y:T', f'T:type{{{types}}}', shape=unchanged)


def binary(names, types):
    """Declares ops of x and y, which broadcast; the result z has their type."""
    for name in names.split():
        op(name, 'x:T, y:T -> z:T', f'T:type{{{types}}}', shape=broadcast)


def apply_to_values(op_type, x, name):
    """The op of one tensor applied to a Tensor, or to the values of a SparseTensor, which keep their places."""
    if not isinstance(x, SparseTensor):
        return apply(op_type, x, name=name)
    with name_scope(name, op_type):
        pass        # TensorFlow tries `x` as a Tensor first, which takes the name
    return SparseTensor(x.indices, apply(op_type, x.values, name=name), x.dense_shape)
