"""Gradient descent."""
from graphflow.framework import convert
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.indexed_slices import IndexedSlices
from graphflow.ops import math
from graphflow.train.optimizer import Optimizer


@export('train.GradientDescentOptimizer')
class GradientDescentOptimizer(Optimizer):
    """Plain gradient descent: variable -= learning_rate * gradient.

    Args:
      learning_rate: a float, a scalar Tensor, or a function that gives one.
      use_locking, name: see Optimizer.
    """

    def __init__(self, learning_rate, use_locking=False, name='GradientDescent'):
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate

    def _prepare(self):
        self._learning_rate_tensor = convert.to_tensor(
            self._call_if_callable(self._learning_rate), name='learning_rate')

    def _rate(self, dtype):
        return math.cast(self._learning_rate_tensor, dtype.base_dtype)

    def _apply_dense(self, grad, var):
        return apply('ApplyGradientDescent', var, self._rate(var.dtype), grad, use_locking=self._use_locking).op

    def _resource_apply_dense(self, grad, var):
        return apply('ResourceApplyGradientDescent', var.handle, self._rate(grad.dtype), grad,
                     use_locking=self._use_locking)

    def _apply_sparse_duplicate_indices(self, grad, var):
        delta = IndexedSlices(grad.values * self._rate(var.dtype), grad.indices, grad.dense_shape)
        return var.scatter_sub(delta, use_locking=self._use_locking)

    def _resource_apply_sparse_duplicate_indices(self, grad, var, indices):
        return apply('ResourceScatterAdd', var.handle, indices, -grad * self._learning_rate)
