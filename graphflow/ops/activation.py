"""Activation functions of neural networks: relu and its kin, elu, selu, softplus, softsign, swish."""
import numpy as np

from graphflow.framework import convert, dtypes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.graph import get_default_graph
from graphflow.framework.registry import gradient, op
from graphflow.framework.scopes import control_dependencies, name_scope
from graphflow.framework.shape_rules import merged, unchanged
from graphflow.ops import array, fill
from graphflow.ops.cast import cast
from graphflow.ops.concat import concat

_REAL = '{float,double,int32,uint8,int16,int8,int64,bfloat16,uint16,half,uint32,uint64}'
_FLOATS = '{half,bfloat16,float,double}'

op('Relu', 'features:T -> activations:T', 'T:type' + _REAL.replace('}', ',qint8}'), shape=unchanged)
op('Relu6', 'features:T -> activations:T', 'T:type' + _REAL, shape=unchanged)
for _name in ('ReluGrad', 'Relu6Grad'):
    op(_name, 'gradients:T, features:T -> backprops:T', 'T:type' + _REAL, shape=merged)
for _name in ('Elu', 'Selu', 'Softplus', 'Softsign'):
    op(_name, 'features:T -> activations:T', 'T:type' + _FLOATS, shape=unchanged)
for _name in ('EluGrad', 'SeluGrad'):
    op(_name, 'gradients:T, outputs:T -> backprops:T', 'T:type' + _FLOATS, shape=merged)
for _name in ('SoftplusGrad', 'SoftsignGrad'):
    op(_name, 'gradients:T, features:T -> backprops:T', 'T:type' + _FLOATS, shape=merged)
_ALPHA = 'alpha:float=0.20000000298023224; T:type=float' + _FLOATS
op('LeakyRelu', 'features:T -> activations:T', _ALPHA, shape=unchanged)
op('LeakyReluGrad', 'gradients:T, features:T -> backprops:T', _ALPHA, shape=merged)


@gradient('Relu')
def _(op, grad):
    return apply('ReluGrad', grad, op.outputs[0])


@gradient('Relu6')
def _(op, grad):
    return apply('Relu6Grad', grad, op.outputs[0])


@gradient('Elu')
def _(op, grad):
    return apply('EluGrad', grad, op.outputs[0])


@gradient('Selu')
def _(op, grad):
    return apply('SeluGrad', grad, op.outputs[0])


@gradient('LeakyRelu')
def _(op, grad):
    return apply('LeakyReluGrad', grad, op.inputs[0], alpha=op.get_attr('alpha'))


@gradient('Softplus')
def _(op, grad):
    return grad * apply('Sigmoid', op.inputs[0])


@gradient('Softsign')
def _(op, grad):
    return apply('SoftsignGrad', grad, op.inputs[0])


def _zeros_of(x):
    return fill.zeros(array.shape(x), dtype=x.dtype)


@gradient('ReluGrad', 'Relu6Grad')
def _(op, grad):
    x = op.inputs[1]
    return apply(op.type, grad, x), _zeros_of(x)


@gradient('LeakyReluGrad')
def _(op, grad):
    x = op.inputs[1]
    return apply('LeakyReluGrad', grad, x, alpha=op.get_attr('alpha')), _zeros_of(x)


@gradient('EluGrad', 'SeluGrad')
def _(op, grad):
    # Below zero the derivative is the output plus a constant, so that of the derivative by the output is one.
    dy, y = op.inputs
    return apply(op.type, grad, y), apply('Select', y < 0, grad * dy, fill.zeros_like(y))


@gradient('SoftplusGrad')
def _(op, grad):
    dy, x = op.inputs
    with control_dependencies([grad]):
        to_dy = apply('SoftplusGrad', grad, x)
        to_x = grad * dy / (apply('Exp', -x) + 2.0 + apply('Exp', x))
    return to_dy, to_x


@export('nn.relu')
def relu(features, name=None):
    """max(features, 0), elementwise (Nair and Hinton, 2010).

    Args:
      features: a Tensor of any real type, or what converts to one.
      name: name of the node.

    Returns: a Tensor like `features`.
    """
    return apply('Relu', features, name=name)


@export('nn.relu6')
def relu6(features, name=None):
    """min(max(features, 0), 6), elementwise (Krizhevsky, 2010); see `relu`."""
    return apply('Relu6', features, name=name)


@export('nn.elu')
def elu(features, name=None):
    """exp(features) - 1 where it is negative, else features (Clevert et al., 2015).

    Args:
      features: a Tensor of floats, or what converts to one.
      name: name of the node.

    Returns: a Tensor like `features`.
    """
    return apply('Elu', features, name=name)


@export('nn.selu')
def selu(features, name=None):
    """scale * alpha * (exp(features) - 1) below zero, else scale * features (Klambauer et al., 2017); see `elu`."""
    return apply('Selu', features, name=name)


@export('nn.softplus', 'math.softplus')
def softplus(features, name=None):
    """log(exp(features) + 1), elementwise; see `elu`."""
    return apply('Softplus', features, name=name)


@export('nn.softsign', 'math.softsign')
def softsign(features, name=None):
    """features / (abs(features) + 1), elementwise; see `elu`."""
    return apply('Softsign', features, name=name)


@export('nn.leaky_relu')
def leaky_relu(features, alpha=0.2, name=None):
    """features where positive, else alpha * features (Maas et al., 2013).

    Args:
      features: a Tensor of floats or integers (which become float32).
      alpha: the slope below zero, a Python number.
      name: name of the node.

    Returns: a Tensor of the shape of `features`.
    """
    with name_scope(name, 'LeakyRelu', [features, alpha]) as name:
        features = convert.to_tensor(features, name='features')
        if features.dtype.is_integer:
            features = cast(features, dtypes.float32)
        if isinstance(alpha, np.ndarray):
            alpha = alpha.item()
        return apply('LeakyRelu', features, alpha=alpha, name=name)


@export('nn.crelu')
def crelu(features, name=None, axis=-1):
    """relu of features and of their negatives, side by side (Shang et al., 2016).

    Args:
      features: a Tensor of a real type.
      name: name of the node.
      axis: the dimension along which the two halves are concatenated.

    Returns: a Tensor like `features`, twice as long along `axis`.
    """
    with name_scope(name, 'CRelu', [features]) as name:
        features = convert.to_tensor(features, name='features')
        return relu(concat([features, -features], axis, name=name))


@export('nn.swish')
def swish(features):
    """features * sigmoid(features) (Ramachandran et al., 2017).

    Backprop computes the sigmoid anew, so that it need not be kept from the forward pass.

    Args:
      features: a Tensor of floats, or what converts to one.

    Returns: a Tensor like `features`.
    """
    features = convert.to_tensor(features, name='features')
    product = features * apply('Sigmoid', features)
    array.identity(product)
    with get_default_graph().gradient_override_map({'IdentityN': 'Swish'}):
        return apply('IdentityN', [product, features])[0]


@gradient('Swish')
def _(op, grad, _):
    features = op.inputs[1]
    with control_dependencies([grad]):
        sigmoid = apply('Sigmoid', features)
    return None, grad * (sigmoid * (1.0 + features * (1.0 - sigmoid)))
