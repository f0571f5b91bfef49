"""The ops that optimizers end in: each changes a variable and its slots by a gradient, dense or sparse."""
from graphflow.framework.registry import op
from graphflow.framework.shape_rules import merge

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
        elif arg.name not in ('grad', 'delta', 'indices') and c.shape(i).ndims not in (None, 0):
            raise ValueError(f'Shape must be rank 0 but is rank {c.shape(i).ndims}')
    return shape


_UPDATES = {
    'ApplyAdaMax':
        ('var:ref(T), m:ref(T), v:ref(T), beta1_power:T, lr:T, beta1:T, beta2:T, epsilon:T, grad:T', 'use_locking:bool=False'),
    'ApplyAdadelta':
        ('var:ref(T), accum:ref(T), accum_update:ref(T), lr:T, rho:T, epsilon:T, grad:T', 'use_locking:bool=False'),
    'ApplyAdagrad':
        ('var:ref(T), accum:ref(T), lr:T, grad:T', 'use_locking:bool=False; update_slots:bool=True'),
    'ApplyAdagradDA':
        ('var:ref(T), gradient_accumulator:ref(T), gradient_squared_accumulator:ref(T), grad:T, lr:T, l1:T, l2:T, global_step:int64', 'use_locking:bool=False'),
    'ApplyAdagradV2':
        ('var:ref(T), accum:ref(T), lr:T, epsilon:T, grad:T', 'use_locking:bool=False; update_slots:bool=True'),
    'ApplyAdam':
        ('var:ref(T), m:ref(T), v:ref(T), beta1_power:T, beta2_power:T, lr:T, beta1:T, beta2:T, epsilon:T, grad:T', 'use_locking:bool=False; use_nesterov:bool=False'),
    'ApplyAddSign':
        ('var:ref(T), m:ref(T), lr:T, alpha:T, sign_decay:T, beta:T, grad:T', 'use_locking:bool=False'),
    'ApplyCenteredRMSProp':
        ('var:ref(T), mg:ref(T), ms:ref(T), mom:ref(T), lr:T, rho:T, momentum:T, epsilon:T, grad:T', 'use_locking:bool=False'),
    'ApplyFtrl':
        ('var:ref(T), accum:ref(T), linear:ref(T), grad:T, lr:T, l1:T, l2:T, lr_power:T', 'use_locking:bool=False'),
    'ApplyFtrlV2':
        ('var:ref(T), accum:ref(T), linear:ref(T), grad:T, lr:T, l1:T, l2:T, l2_shrinkage:T, lr_power:T', 'use_locking:bool=False'),
    'ApplyGradientDescent':
        ('var:ref(T), alpha:T, delta:T', 'use_locking:bool=False'),
    'ApplyMomentum':
        ('var:ref(T), accum:ref(T), lr:T, grad:T, momentum:T', 'use_locking:bool=False; use_nesterov:bool=False'),
    'ApplyPowerSign':
        ('var:ref(T), m:ref(T), lr:T, logbase:T, sign_decay:T, beta:T, grad:T', 'use_locking:bool=False'),
    'ApplyProximalAdagrad':
        ('var:ref(T), accum:ref(T), lr:T, l1:T, l2:T, grad:T', 'use_locking:bool=False'),
    'ApplyProximalGradientDescent':
        ('var:ref(T), alpha:T, l1:T, l2:T, delta:T', 'use_locking:bool=False'),
    'ApplyRMSProp':
        ('var:ref(T), ms:ref(T), mom:ref(T), lr:T, rho:T, momentum:T, epsilon:T, grad:T', 'use_locking:bool=False'),
    'SparseApplyAdadelta':
        ('var:ref(T), accum:ref(T), accum_update:ref(T), lr:T, rho:T, epsilon:T, grad:T, indices:Tindices', 'use_locking:bool=False'),
    'SparseApplyAdagrad':
        ('var:ref(T), accum:ref(T), lr:T, grad:T, indices:Tindices', 'use_locking:bool=False; update_slots:bool=True'),
    'SparseApplyAdagradDA':
        ('var:ref(T), gradient_accumulator:ref(T), gradient_squared_accumulator:ref(T), grad:T, indices:Tindices, lr:T, l1:T, l2:T, global_step:int64', 'use_locking:bool=False'),
    'SparseApplyAdagradV2':
        ('var:ref(T), accum:ref(T), lr:T, epsilon:T, grad:T, indices:Tindices', 'use_locking:bool=False; update_slots:bool=True'),
    'SparseApplyCenteredRMSProp':
        ('var:ref(T), mg:ref(T), ms:ref(T), mom:ref(T), lr:T, rho:T, momentum:T, epsilon:T, grad:T, indices:Tindices', 'use_locking:bool=False'),
    'SparseApplyFtrl':
        ('var:ref(T), accum:ref(T), linear:ref(T), grad:T, indices:Tindices, lr:T, l1:T, l2:T, lr_power:T', 'use_locking:bool=False'),
    'SparseApplyFtrlV2':
        ('var:ref(T), accum:ref(T), linear:ref(T), grad:T, indices:Tindices, lr:T, l1:T, l2:T, l2_shrinkage:T, lr_power:T', 'use_locking:bool=False'),
    'SparseApplyMomentum':
        ('var:ref(T), accum:ref(T), lr:T, grad:T, indices:Tindices, momentum:T', 'use_locking:bool=False; use_nesterov:bool=False'),
    'SparseApplyProximalAdagrad':
        ('var:ref(T), accum:ref(T), lr:T, l1:T, l2:T, grad:T, indices:Tindices', 'use_locking:bool=False'),
    'SparseApplyProximalGradientDescent':
        ('var:ref(T), alpha:T, l1:T, l2:T, grad:T, indices:Tindices', 'use_locking:bool=False'),
    'SparseApplyRMSProp':
        ('var:ref(T), ms:ref(T), mom:ref(T), lr:T, rho:T, momentum:T, epsilon:T, grad:T, indices:Tindices', 'use_locking:bool=False'),
}
for _name, (_inputs, _attrs) in _UPDATES.items():
    op(_name, f'{_inputs} -> out:ref(T)', (_SPARSE if _name.startswith('Sparse') else _T) + _attrs, shape=_update_shape)
