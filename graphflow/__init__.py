"""graphflow: the TensorFlow 1 programming model on current Python.

    import graphflow as tf
"""

import importlib as _importlib

from graphflow.framework import namespaces as _namespaces

__version__ = '1.15.5'      # the TensorFlow whose behaviour this is; programs check it
__graphflow_version__ = '0.1.0'

# What fills the table of public names, in the order of import. Only light modules: no numba, protobuf or absl.
# A module that another one here imports anyway may be left out.
_MODULES = (
    'framework.errors',
    'framework.dtypes',
    'framework.tensor_shape',
    'framework.graph',
    'framework.random_seed',
    'framework.apply',
    'framework.sparse_tensor',
    'framework.tensor_proto',
    'framework.tensor_spec',
    'framework.constant_value',
    'ops.constant',
    'ops.array',
    'ops.fill',
    'ops.broadcast',
    'ops.concat',
    'ops.stitch',
    'ops.slicing',
    'ops.mesh',
    'ops.gather',
    'ops.select',
    'ops.matrix_parts',
    'ops.order',
    'ops.space_batch',
    'ops.sparse_input',
    'ops.sets',
    'ops.math',
    'ops.operators',
    'ops.reduce',
    'ops.matmul',
    'ops.scan',
    'ops.segment',
    'ops.tensordot',
    'ops.einsum',
    'ops.linalg',
    'ops.spectral',
    'ops.confusion_matrix',
    'ops.trigonometry',
    'ops.special',
    'ops.bitwise',
    'ops.clip',
    'ops.histogram',
    'ops.nn',
    'ops.losses',
    'ops.gradients',
    'ops.control_flow',
    'ops.cond',
    'ops.while_loop',
    'ops.logging',
    'ops.check',
    'ops.script',
    'ops.string',
    'ops.state',
    'ops.variables',
    'ops.ref_variable',
    'ops.initialization',
    'ops.resource_variable',
    'ops.batch_scatter',
    'ops.variable_scope',
    'ops.template',
    'ops.custom_gradient',
    'ops.gradient_checker',
    'ops.random',
    'ops.candidate_sampling',
    'runtime.session',
    'platform.version',
    'platform.behavior',
    'platform.compat',
    'platform.sysconfig',
    'platform.tf_logging',
    'platform.gfile',
    'platform.resource_loader',
    'platform.app',
    'util.nest',
    'util.deprecation',
    'train.gradient_descent',
    'train.adam',
    'train.momentum',
    'train.adagrad',
    'train.adadelta',
    'train.rmsprop',
    'train.ftrl',
    'train.proximal',
    'train.adagrad_da',
    'train.training_util',
    'train.learning_rate_decay',
    'train.moving_averages',
    'contrib',
    'python',
)

_namespaces.install()
for _name in _MODULES:
    _importlib.import_module('graphflow.' + _name)
del _name
