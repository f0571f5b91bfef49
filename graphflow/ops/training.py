"""The ops that optimizers end in: each changes a variable and its slots by a gradient, dense or sparse."""
from graphflow.framework.registry import op
from graphflow.framework.shape_rules import merge, no_outputs
from graphflow.framework.tensor_shape import TensorShape

_T = ('T:type{float,double,int32,uint8,int16,int8,complex64,int64,qint8,quint8,qint32,bfloat16,uint16,complex128,half,'
      'uint32,uint64}; ')
_SPARSE = _T + 'Tindices:type{int32,int64}; '


def _update_shape(c):
    """The variable's shape, which its slots and a dense gradient share."""
    shape = c.shape(0)
    sparse = c.op.type.startswith('Sparse')
    for i, arg in enumerate(c.op.op_def_.inputs):
        if arg.is_ref or arg.name in ('grad', 'delta') and not sparse:
            shape = merge(shape, c.shape(i))
        elif arg.name == 'grad' and c.shape(i).ndims:
            shape = merge(shape, TensorShape([None]).concatenate(c.shape(i)[1:]))     # rows of the variable
        elif arg.name not in ('grad', 'delta', 'indices') and c.shape(i).ndims not in (None, 0):
            raise ValueError(f'Shape must be rank 0 but is rank {c.shape(i).ndims}')
    return shape


# An op a line: its inputs (name& is a variable or slot; the others of type T unless they say), then its own attrs.
_UPDATES = '''
ApplyAdaMax: var& m& v& beta1_power lr beta1 beta2 epsilon grad
ApplyAdadelta: var& accum& accum_update& lr rho epsilon grad
ApplyAdagrad: var& accum& lr grad; update_slots:bool=True
ApplyAdagradDA: var& gradient_accumulator& gradient_squared_accumulator& grad lr l1 l2 global_step:int64
ApplyAdagradV2: var& accum& lr epsilon grad; update_slots:bool=True
ApplyAdam: var& m& v& beta1_power beta2_power lr beta1 beta2 epsilon grad; use_nesterov:bool=False
ApplyAddSign: var& m& lr alpha sign_decay beta grad
ApplyCenteredRMSProp: var& mg& ms& mom& lr rho momentum epsilon grad
ApplyFtrl: var& accum& linear& grad lr l1 l2 lr_power
ApplyFtrlV2: var& accum& linear& grad lr l1 l2 l2_shrinkage lr_power
ApplyGradientDescent: var& alpha delta
ApplyMomentum: var& accum& lr grad momentum; use_nesterov:bool=False
ApplyPowerSign: var& m& lr logbase sign_decay beta grad
ApplyProximalAdagrad: var& accum& lr l1 l2 grad
ApplyProximalGradientDescent: var& alpha l1 l2 delta
ApplyRMSProp: var& ms& mom& lr rho momentum epsilon grad
SparseApplyAdadelta: var& accum& accum_update& lr rho epsilon grad indices:Tindices
SparseApplyAdagrad: var& accum& lr grad indices:Tindices; update_slots:bool=True
SparseApplyAdagradDA: var& gradient_accumulator& gradient_squared_accumulator& grad indices:Tindices lr l1 l2 global_step:int64
SparseApplyAdagradV2: var& accum& lr epsilon grad indices:Tindices; update_slots:bool=True
SparseApplyCenteredRMSProp: var& mg& ms& mom& lr rho momentum epsilon grad indices:Tindices
SparseApplyFtrl: var& accum& linear& grad indices:Tindices lr l1 l2 lr_power
SparseApplyFtrlV2: var& accum& linear& grad indices:Tindices lr l1 l2 l2_shrinkage lr_power
SparseApplyMomentum: var& accum& lr grad indices:Tindices momentum; use_nesterov:bool=False
SparseApplyProximalAdagrad: var& accum& lr l1 l2 grad indices:Tindices
SparseApplyProximalGradientDescent: var& alpha l1 l2 grad indices:Tindices
SparseApplyRMSProp: var& ms& mom& lr rho momentum epsilon grad indices:Tindices
'''


def _declare(line):
    name, _, rest = line.partition(': ')
    inputs, _, attrs = rest.partition('; ')
    attrs = (_SPARSE if name.startswith('Sparse') else _T) + 'use_locking:bool=False' + (attrs and '; ' + attrs)
    for prefix, reference, output in (('', 'ref(T)', ' out:ref(T)'), ('Resource', 'resource', '')):
        args = ', '.join(i.replace('&', ':' + reference) if i.endswith('&') else i if ':' in i else i + ':T'
                         for i in inputs.split())
        op(prefix + name, f'{args} ->{output}', attrs, shape=no_outputs if prefix else _update_shape, stateful=bool(prefix))


for _line in _UPDATES.strip().splitlines():
    _declare(_line)
