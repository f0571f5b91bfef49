"""Scalar functions of the activation ops and their gradients."""
from graphflow.framework import errors
from graphflow.kernels.branch_free import where
from graphflow.kernels.elementwise import elementwise, shape_text
from graphflow.kernels.mathlib import exp, like, softplus

SELU_SCALE = 1.0507009873554805         # Klambauer et al., Self-Normalizing Neural Networks (2017)
SELU_SCALE_ALPHA = 1.7580993408473766   # scale times alpha


@elementwise('Relu')
def relu(x):
    return where(x < 0, like(0, x), x)


@elementwise('Relu6')
def relu6(x):
    return where(x < 0, like(0, x), where(x > 6, like(6, x), x))


@elementwise('Elu')
def elu(x):
    return where(x < 0, exp(x) - like(1, x), x)


@elementwise('Selu')
def selu(x):
    return where(x < 0, like(SELU_SCALE_ALPHA, x) * (exp(x) - like(1, x)), like(SELU_SCALE, x) * x)


@elementwise('LeakyRelu', attrs=('alpha',))
def leaky_relu(x, alpha):
    return where(x > 0, x, x * like(alpha, x))


elementwise('Softplus')(softplus)


@elementwise('Softsign')
def softsign(x):
    return x / (like(1, x) + abs(x))


def _gradient(op, **properties):
    """Registers the gradient op of an activation, whose two inputs must have one shape."""
    def check(gradients, other):
        if gradients.shape != other.shape:
            raise errors.InvalidArgumentError(
                None, None, 'Inputs to operation %s of type %s must have the same size and shape.  '
                'Input 0: %s != input 1: %s' % (op, op, shape_text(gradients.shape), shape_text(other.shape)))
    return elementwise(op, check=check, **properties)


@_gradient('ReluGrad')
def relu_grad(gradient, feature):
    # A product, not a choice: a gradient of inf or NaN shows through.
    return gradient * like(feature > 0, gradient)


@_gradient('Relu6Grad')
def relu6_grad(gradient, feature):
    return gradient * like((feature > 0) & (feature < 6), gradient)


@_gradient('EluGrad')
def elu_grad(gradient, output):
    return where(output < 0, gradient * (output + like(1, output)), gradient)


@_gradient('SeluGrad')
def selu_grad(gradient, output):
    factor = where(output < 0, output + like(SELU_SCALE_ALPHA, output), like(SELU_SCALE, output))
    return gradient * factor


@_gradient('LeakyReluGrad', attrs=('alpha',))
def leaky_relu_grad(gradient, feature, alpha):
    return where(feature > 0, gradient, gradient * like(alpha, gradient))


@_gradient('SoftplusGrad')
def softplus_grad(gradient, feature):
    return gradient / (exp(-feature) + like(1, feature))


@_gradient('SoftsignGrad')
def softsign_grad(gradient, feature):
    denominator = like(1, feature) + abs(feature)
    return gradient / (denominator * denominator)
