"""Inner names of python.ops.gradients_impl."""
from graphflow.framework.apply import apply
from graphflow.ops import array, gradients as gradients_lib


def _hessian_vector_product(ys, xs, v):
    """The products of the Hessian of the sum of `ys` by `xs` with the vectors `v`, one an x.

    It is never formed: the gradient of (gradient . v) is the product (Pearlmutter 1994).

    Raises: ValueError if there are not as many vectors as xs.
    """
    if len(v) != len(xs):
        raise ValueError('xs and v must have the same length.')
    grads = gradients_lib.gradients(ys, xs)
    products = [apply('Mul', grad, array.stop_gradient(part)) for grad, part in zip(grads, v) if grad is not None]
    return gradients_lib.gradients(products, xs)
