"""Small programs that fail, and what is to be compared of their failures.

`tests/record/errors_golden.py` runs them under TensorFlow 1.15.5, `tests/runtime/test_errors.py` under graphflow. Each
is an expression; the names in it are the members of `Names` below.
"""
import re

import numpy as np


class Names:
    """What the expressions use. `tf` is the engine."""

    def __init__(self, tf):
        self.tf, self.np = tf, np

    def f(self, *shape):
        """An array of floats 0, 1, 2..."""
        return np.arange(np.prod(shape, dtype=int), dtype=np.float32).reshape(shape)

    def i(self, *values):
        return np.array(values, np.int32)

    def p(self, *shape, **kwargs):
        return self.tf.placeholder(kwargs.get('dtype', self.tf.float32), shape, name='p')

    def fed(self, function, *arrays):
        """Runs a function of placeholders of unknown shapes on the arrays."""
        arrays = [np.asarray(a) for a in arrays]
        holders = [self.tf.placeholder(a.dtype if a.dtype.kind not in 'US' else self.tf.string) for a in arrays]
        with self.tf.Session() as session:
            return session.run(function(*holders), dict(zip(holders, arrays)))

    def run(self, fetches, feeds=None):
        with self.tf.Session() as session:
            return session.run(fetches, feeds)

    def variable(self, value, function, *arrays):
        """Runs a function of an initialized variable and placeholders."""
        return self._variable(False, value, function, arrays)

    def resource(self, value, function, *arrays):
        return self._variable(True, value, function, arrays)

    def _variable(self, use_resource, value, function, arrays):
        tf = self.tf
        v = tf.Variable(value, name='v', use_resource=use_resource)
        holders = [tf.placeholder(np.asarray(a).dtype) for a in arrays]
        made = function(v, *holders)
        with tf.Session() as session:
            session.run(v.initializer)
            return session.run(made, dict(zip(holders, arrays)))

    def fresh(self, use_resource=False):
        return self.tf.Variable(1., name='v', use_resource=use_resource)

    def foreign(self):
        with self.tf.Graph().as_default():
            return self.tf.constant(1., name='elsewhere')

    def closed(self):
        session = self.tf.Session()
        fetch = self.tf.constant(1)
        session.close()
        return session.run(fetch)

    def node(self, fetch):
        """Adds a node, so that the graph is not empty, and fetches `fetch`."""
        self.tf.constant(1., name='c')
        return self.run(fetch)


def programs():
    return [line.strip() for line in _PROGRAMS.strip().splitlines() if line.strip() and line.strip()[0] != '#']


def outcome(tf, program):
    """What `program` raises: class, message up to the first line break, and of an OpError the code, op and node.

    If it raises nothing: 'none' and its value.
    """
    names = Names(tf)
    tf.reset_default_graph()
    env = {n: getattr(names, n) for n in dir(names) if not n.startswith('_')}
    try:
        value = eval(program, env)
    except Exception as error:      # whatever it is, it is the outcome
        if isinstance(error, tf.errors.OpError):
            return [type(error).__name__, error.message.split('\n')[0], error.error_code,
                    error.op and [error.op.type, error.op.name], error.node_def and error.node_def.name]
        return [type(error).__name__, _text(str(error).split('\n')[0])]
    if isinstance(value, (np.ndarray, np.generic)):
        return ['none', value.dtype.name, isinstance(value, np.generic), repr(value.tolist())]
    return ['none', _text(repr(value))]


def _text(text):
    """Without what differs between any two programs, or the two packages."""
    return re.sub(r'(tensorflow\.python|graphflow)\.', '', re.sub(r'0x[0-9a-f]+', '0x', text))


_PROGRAMS = r"""
# Uninitialized variables, unfed placeholders.
run(fresh())
run(fresh() + 1.)
run(fresh(True))
run(fresh(True) + 1.)
run(fresh().assign_add(1.))
run(fresh(True).assign_add(1.))
run(tf.assign_sub(fresh(), 1.))
run(tf.scatter_add(tf.Variable([1., 2.], name='v'), [0], [1.]))
run(p(2))
run(p(2) + 1.)
run(p(None, 3) + 1.)
run(tf.placeholder(tf.int32, name='q'))
run(tf.placeholder(tf.float32, [], name='q') * 2.)
# Feeds.
(lambda x: run(x, {x: f(3)}))(p(2))
(lambda x: run(x, {x: f(3)}))(p(None, 2))
(lambda x: run(x, {x: 1.}))(p(2))
(lambda x: run(x, {x: [[1.], [2.]]}))(p(2))
(lambda x: run(x, {x: [1., 2.]}))(p())
(lambda x: run(x, {x: f(2, 3, 4)}))(p(None, None))
(lambda x: run(x, {x: 'a'}))(p())
(lambda x: run(x, {x: None}))(p())
(lambda x: run(x, {x: x}))(p())
(lambda x: run(x, {x: tf.constant(1.)}))(p())
(lambda x: run(x, {x: 1 << 40}))(p(dtype=tf.int32))
(lambda x: run(x, {x: 300}))(p(dtype=tf.uint8))
(lambda x: run(x, {x: -1}))(p(dtype=tf.uint8))
(lambda x: run(x, {x: 3}))(p(dtype=tf.bool))
(lambda x: run(x, {x: 1.5}))(p(dtype=tf.int32))
(lambda x: run(x, {x: f(2)}))(p(None, dtype=tf.int32))
(lambda x: run(x, {x: [1.5, 2]}))(p(None, dtype=tf.int32))
(lambda x: run(x, {x: np.float64(2)}))(p(dtype=tf.int32))
(lambda x: run(tf.identity(x), {x: 5}))(p(dtype=tf.string))
(lambda x: run(tf.identity(x), {x: [u'a', b'b']}))(p(2, dtype=tf.string))
(lambda x: run(tf.identity(x), {x: np.array(['a', 'b'])}))(p(2, dtype=tf.string))
(lambda x: run(tf.identity(x), {x: [1, 'a']}))(p(2, dtype=tf.string))
(lambda x: run(x, {'p': 1.}))(p())
(lambda x: run(x, {'p:0': 1.}))(p())
(lambda x: run(x, {'q:0': 1.}))(p())
(lambda x: run(x, {1: 1.}))(p())
(lambda x: run(x, {None: 1.}))(p())
(lambda x: run(x, {x.op: 1.}))(p())
(lambda x: run(x, {foreign(): 1.}))(p())
(lambda x: run(x, [x]))(p())
(lambda x: run(x, 5))(p())
(lambda x: run(x, {(x, x): (1., 2.)}))(p())
(lambda x: run(x, {(x,): (1., 2.)}))(p())
(lambda x: run(x, {x.shape: 1.}))(p())
(lambda x: run(x + 1, {x: [True]}))(p(1))
(lambda x: (tf.contrib.util.constant_value(x), run(x, {x: 2.})))(tf.constant(1.))
# Fetches.
node(None)
node([None])
node([1])
node(1)
node(1.5)
node('d')
node('d:0')
node('c:1')
node('c:x')
node('')
node('^c')
node({'a': None})
node(foreign())
node([foreign()])
node(foreign().op)
node(object)
node(tf.float32)
node(tf.TensorShape([1]))
node(np.zeros(2))
node({1, 2})
node([])
node(())
node({})
run([])
run('c')
closed()
tf.constant(1.).eval()
tf.no_op().run()
tf.Session(graph=5)
tf.Session(target=5)
tf.Session(config=5)
(lambda s: s.run(5))(tf.Session())
(lambda g: tf.Session(graph=g).run(tf.constant(1.)))(tf.Graph())
# Shapes that do not fit, while building.
tf.matmul(p(2, 3), p(2, 3))
tf.matmul(p(2), p(2, 3))
p(2) + p(3)
p(2, 3) * p(3, 2)
tf.reshape(p(2, 3), [4])
tf.reshape(p(2, 3), [-1, 4])
tf.reshape(p(2, 3), [-2])
tf.reshape(p(2, 3), [-2, 3])
tf.reshape(p(2, 3), [-1, -1])
tf.concat([p(2, 3), p(3, 4)], 0)
tf.concat([p(2, 3), p(3)], 0)
tf.concat([p(2, 3)] * 2, 2)
tf.assign(tf.Variable([1., 2.]), [1.])
tf.Variable([1., 2.], use_resource=True).assign([1.])
tf.stack([p(2), p(3)])
tf.fill([-2], 1.)
tf.zeros([-2])
tf.placeholder_with_default([1.], [2])
tf.broadcast_to(p(3), [2, 2])
tf.tile(p(3), [1, 2])
tf.gather(p(), [0])
tf.slice(p(3), [0], [5])
tf.slice(p(3, 3), [0], [1])
tf.split(p(5), 2)
tf.squeeze(p(2, 3), [0])
tf.expand_dims(p(2), 4)
tf.transpose(p(2, 3), [0])
tf.reduce_sum(p(2, 3), 3)
tf.argmax(p(2), 1)
tf.one_hot(p(2), 3)
tf.random_uniform([-2])
tf.random_normal([-3, 2])
p(3)[5]
p(3)[0, 0]
p(3)[::0]
tf.unstack(p(None))
tf.unstack(p(3), num=2)
tf.where(tf.constant([True]), p(2), p(3))
tf.cond(p(), lambda: 1, lambda: 2)
tf.constant([1., 2.], shape=[3, 3, 3], verify_shape=True)
tf.constant([1., 2.], shape=[1])
tf.constant([[1], [1, 2]])
# Types that do not fit.
tf.constant(1.) + tf.constant(1)
tf.add(tf.constant(1.), tf.constant(1))
tf.matmul(tf.constant([[1]]), tf.constant([[1.]]))
tf.constant(1) + 1.5
tf.constant('a') * 2
tf.constant(1.5, tf.int32)
tf.concat([tf.constant([1.]), tf.constant([1])], 0)
tf.stack([tf.constant(1.), tf.constant(1)])
tf.sqrt(tf.constant(1))
tf.logical_not(1.)
tf.assign(tf.Variable(1.), tf.constant(1))
tf.cast('a', tf.int32)
tf.gather([1.], [0.])
tf.add(foreign(), tf.constant(1.))
tf.convert_to_tensor(None)
bool(tf.constant(True))
[x for x in p(3, 3)][0].foo
[x for x in p(None)]
len(p(3))
tf.constant(True) and 1
# Shapes that do not fit, while running.
fed(tf.matmul, f(2, 3), f(2, 3))
fed(tf.matmul, f(2), f(2, 3))
fed(lambda a, b: tf.matmul(a, b, transpose_a=True), f(2, 3), f(3, 2))
fed(lambda a, b: tf.matmul(tf.placeholder_with_default(a, [2, 3, 4]), tf.placeholder_with_default(b, [2, 4, None])), f(2, 3, 4), f(2, 3, 4))
fed(lambda a, b: a + b, f(2), f(3))
fed(lambda a, b: a * b, f(2, 3), f(3, 2))
fed(lambda a, b: a - b, f(2, 3), f(4, 1, 2))
fed(lambda a, b: a / b, f(4), f(3))
fed(lambda a, b: tf.maximum(a, b), f(4), f(3))
fed(lambda a, b: tf.less(a, b), f(4), f(3))
fed(lambda a, b: tf.equal(a, b), f(4), f(3))
fed(lambda a, b: tf.pow(a, b), f(4), f(3))
fed(lambda a, b: tf.squared_difference(a, b), f(4), f(3))
fed(lambda a, b: tf.logical_and(a > 0, b > 0), f(4), f(3))
fed(lambda a, b: tf.add_n([a, b]), f(4), f(3))
fed(tf.reshape, f(6), i(4))
fed(tf.reshape, f(6), i(-1, 4))
fed(tf.reshape, f(6), i(-1, -1))
fed(tf.reshape, f(6), i(-2))
fed(tf.reshape, f(6), np.int32(3))
fed(lambda a, b: tf.concat([a, b], 0), f(2, 3), f(2, 4))
fed(lambda a, b: tf.concat([a, b], 0), f(2, 3), f(3))
fed(lambda a, b: tf.concat([a, b], 1), f(3), f(3))
fed(lambda a, b, c: tf.concat([a, b], c), f(3), f(3), np.int32(3))
fed(lambda a, b: tf.stack([a, b]), f(2), f(3))
fed(lambda a: tf.unstack(a, num=2), f(3))
fed(lambda a: tf.split(a, 2), f(3))
fed(lambda a, s: tf.split(a, s, num=2), f(3), i(1, 1))
fed(lambda a, s: tf.split(a, s, num=2), f(3), i(1, 1, 1))
fed(tf.tile, f(3), i(1, 2))
fed(tf.tile, f(3), i(-1))
fed(tf.fill, i(-1), np.float32(1))
fed(tf.fill, i(2), f(2))
fed(tf.fill, np.int32(2), np.float32(1))
fed(tf.broadcast_to, f(3), i(2))
fed(tf.broadcast_to, f(3, 1), i(2))
fed(tf.transpose, f(2, 3), i(0))
fed(tf.transpose, f(2, 3), i(0, 2))
fed(tf.transpose, f(2, 3), i(0, 0))
fed(tf.expand_dims, f(2), np.int32(4))
fed(lambda a: tf.squeeze(a, [0]), f(2))
fed(lambda a: tf.squeeze(a, [3]), f(2))
fed(tf.reduce_sum, f(2), np.int32(1))
fed(tf.reduce_mean, f(2), i(0, 1))
fed(tf.reduce_sum, f(2), i(0, 0))
fed(tf.argmax, f(2), np.int32(1))
fed(tf.cumsum, f(2), np.int32(1))
fed(tf.slice, f(3), i(0), i(5))
fed(tf.slice, f(3), i(-1), i(1))
fed(tf.slice, f(3), i(0, 0), i(1, 1))
fed(tf.slice, f(3), i(2), i(-2))
fed(lambda a: a[5], f(3))
fed(lambda a: a[0, 0], f(3))
fed(lambda a, k: a[k], f(3), np.int32(3))
fed(lambda a, k: a[k], f(3), np.int32(-4))
fed(lambda a, k: a[::k], f(3), np.int32(0))
fed(tf.gather, f(3), i(3))
fed(tf.gather, f(3), i(0, -1))
fed(tf.gather, f(3, 2), np.array([[0, 1], [1, 7]], np.int32))
fed(tf.gather, np.float32(3), i(0))
fed(lambda a, k: tf.gather(a, k, axis=1), f(2, 3), i(3))
fed(lambda a, k: tf.gather(a, k, axis=2), f(2, 3), i(0))
fed(tf.gather_nd, f(2, 3), i(0, 3))
fed(tf.gather_nd, f(2, 3), np.array([[0, 0], [2, 0]], np.int32))
fed(tf.gather_nd, f(2), i(0, 1))
fed(tf.scatter_nd, np.array([[4]], np.int32), f(1), i(4))
fed(tf.scatter_nd, np.array([[1]], np.int32), f(2), i(4))
fed(tf.tensor_scatter_update, f(4), np.array([[4]], np.int32), f(1))
fed(lambda a, k: tf.nn.embedding_lookup(a, k), f(3, 2), i(3))
fed(lambda a, s: tf.segment_sum(a, s), f(3), i(0, 1))
fed(lambda a, s: tf.segment_sum(a, s), f(3), i(0, 2, 1))
fed(lambda a, s: tf.segment_mean(a, s), f(3), i(-1, 0, 1))
fed(lambda a, s: tf.unsorted_segment_sum(a, s, 2), f(3), i(0, 1, 2))
fed(lambda a, s: tf.unsorted_segment_sum(a, s, 2), f(3), i(0, 1))
fed(lambda a, s: tf.sparse_segment_sum(a, s, s), f(3), i(0, 4))
fed(lambda a, k: tf.dynamic_partition(a, k, 2), f(3), i(0, 1, 2))
fed(lambda a, k: tf.dynamic_partition(a, k, 2), f(3), i(0, 1))
fed(lambda a, b: tf.dynamic_stitch([a], [b]), i(0, 1), f(3))
fed(lambda a, b: tf.dynamic_stitch([a], [b]), i(0, -1), f(2))
fed(lambda c, a, b: tf.where(c > 0, a, b), f(2), f(3), f(3))
fed(lambda c, a, b: tf.where(c > 0, a, b), f(3), f(3), f(2))
fed(lambda a, b: tf.boolean_mask(tf.reshape(a, [3]), tf.reshape(b, [2]) > 0), f(3), f(2))
fed(tf.invert_permutation, i(0, 0))
fed(tf.invert_permutation, i(0, 3))
fed(tf.reverse, f(3), i(1))
fed(tf.reverse, f(3), i(0, 0))
fed(tf.range, np.int32(0), np.int32(5), np.int32(0))
fed(tf.range, np.int32(5), np.int32(0), np.int32(1))
fed(tf.range, i(5), np.int32(8), np.int32(1))
fed(tf.linspace, np.float32(0), np.float32(1), np.int32(0))
fed(tf.pad, f(3), np.array([[0, 1], [0, 1]], np.int32))
fed(tf.pad, f(3), np.array([[0, -1]], np.int32))
fed(lambda a, b: tf.pad(a, b, 'REFLECT'), f(3), np.array([[0, 3]], np.int32))
fed(lambda a: tf.diag_part(a), f(3, 2))
fed(lambda a: tf.matrix_diag_part(a), f(3))
fed(lambda a: tf.matrix_inverse(a), f(3, 2))
fed(lambda a: tf.matrix_inverse(a), np.zeros((2, 2), np.float32))
fed(lambda a: tf.cholesky(a), -np.eye(2, dtype=np.float32))
fed(lambda a: tf.cholesky(a), f(2, 3))
fed(lambda a, b: tf.matrix_solve(a, b), f(2, 2), f(3, 2))
fed(lambda a: tf.matrix_determinant(a), f(2, 3))
fed(lambda a, b: tf.cross(a, b), f(2), f(2))
fed(lambda a, b: tf.cross(a, b), f(3), f(2, 3))
fed(lambda a: tf.bitcast(a, tf.float64), f(3))
fed(lambda a, k: tf.one_hot(a, k), i(0, 1), np.int32(-1))
fed(lambda a, k: tf.one_hot(a, k), i(0, 1), i(2, 3))
fed(lambda a, b: tf.clip_by_value(a, b, 2.), f(3), f(2))
fed(lambda a, k: tf.nn.top_k(a, k), f(3), np.int32(4))
fed(lambda a, k: tf.nn.top_k(a, k), f(3), np.int32(-1))
fed(lambda a, b: tf.nn.in_top_k(a, b, 1), f(2, 3), i(0, 1, 2))
fed(lambda a: tf.unique(a), f(2, 2))
fed(lambda a, b: tf.setdiff1d(a, b), f(2, 2), f(2))
fed(lambda a: tf.bincount(a), i(-1))
fed(lambda a, n: tf.random_uniform(n) + a, np.float32(1), i(-1))
fed(lambda n: tf.random_uniform([2], n, 0, dtype=tf.int32), np.int32(5))
fed(lambda a, n: tf.multinomial(a, n), f(3), np.int32(2))
fed(lambda a: tf.random_shuffle(a), np.float32(1))
fed(lambda a, b: tf.einsum('ij,jk->ik', tf.reshape(a, [2, 3]), tf.reshape(b, [3, 3])), f(6), f(6))
fed(lambda a, b: tf.tensordot(a, b, 1), f(2, 3), f(2, 3))
fed(lambda a, b: tf.space_to_batch_nd(a, b, [[0, 0]]), f(1, 3, 1), i(2))
fed(lambda a: tf.space_to_depth(a, 2), f(1, 3, 2, 1))
fed(lambda a: tf.depth_to_space(a, 2), f(1, 2, 2, 3))
fed(lambda a, b: tf.reverse_sequence(a, b, seq_axis=1, batch_axis=0), f(2, 3), i(4, 1))
fed(lambda a, b: tf.reverse_sequence(a, b, seq_axis=1, batch_axis=0), f(2, 3), i(1))
fed(lambda a: tf.ensure_shape(tf.exp(a), [2]), f(3))
fed(lambda a: tf.ensure_shape(tf.exp(a), [None, 2]), f(3))
fed(lambda a: tf.placeholder_with_default(a, [2]) * 1., f(3))
# Division, NaN, asserts.
fed(lambda a, b: a // b, i(1), i(0))
fed(lambda a, b: a % b, i(1), i(0))
fed(lambda a, b: tf.div(a, b), i(1), i(0))
fed(lambda a, b: tf.floordiv(a, b), i(1, 2), i(1, 0))
fed(lambda a, b: tf.truncatediv(a, b), i(1, 2), i(1, 0))
fed(lambda a, b: tf.floormod(a, b), i(1, 2), i(1, 0))
fed(lambda a, b: tf.truncatemod(a, b), i(1, 2), i(1, 0))
fed(lambda a, b: tf.pow(a, b), i(2), i(-1))
fed(lambda a: tf.check_numerics(a, 'it is'), np.float32('nan'))
fed(lambda a: tf.check_numerics(a, 'it is'), np.float32('inf'))
fed(lambda a: tf.check_numerics(a, 'it is'), np.array([1, np.inf, np.nan], np.float32))
fed(lambda a: tf.verify_tensor_all_finite(a, 'it is'), np.array([1, np.inf], np.float32))
fed(lambda a: tf.Assert(a > 1., [a, 'text'], name='A'), np.float32(1))
fed(lambda a: tf.Assert(a[0] > 1., [a], summarize=2), f(5))
fed(lambda a, b: tf.assert_equal(a, b), i(1, 2), i(1, 3))
fed(lambda a: tf.assert_positive(a, message='oh'), f(2))
fed(lambda a: tf.string_to_number(a), 'abc')
fed(lambda a: tf.decode_raw(a, tf.int32), 'abc')
# Neural networks.
fed(lambda a, b: tf.nn.conv2d(a, b, [1, 1, 1, 1], 'SAME'), f(1, 4, 4, 2), f(3, 3, 3, 4))
fed(lambda a, b: tf.nn.conv2d(a, b, [1, 1, 1, 1], 'VALID'), f(1, 2, 2, 3), f(3, 3, 3, 4))
fed(lambda a, b: tf.nn.conv2d(a, b, [1, 1, 1, 1], 'SAME'), f(4, 4, 2), f(3, 3, 2, 4))
fed(lambda a, b: tf.nn.conv2d(a, b, [1, 1, 1, 1], 'SAME'), f(1, 4, 4, 2), f(3, 3, 2))
fed(lambda a, b: tf.nn.depthwise_conv2d_native(a, b, [1, 1, 1, 1], 'SAME'), f(1, 4, 4, 2), f(3, 3, 3, 4))
fed(lambda a: tf.nn.max_pool(a, [1, 2, 2, 1], [1, 1, 1, 1], 'VALID'), f(1, 1, 1, 3))
fed(lambda a: tf.nn.max_pool(a, [1, 2, 2, 1], [1, 1, 1, 1], 'VALID'), f(1, 1, 3))
fed(lambda a: tf.nn.avg_pool(a, [1, 2, 2, 1], [1, 1, 1, 1], 'VALID'), f(1, 1, 1, 3))
fed(lambda a, b: tf.nn.bias_add(a, b), f(2, 3), f(2))
fed(lambda a, b: tf.nn.bias_add(a, b), f(3), f(3))
fed(lambda a, b: tf.nn.bias_add(a, b), f(2, 3), f(2, 3))
fed(lambda a: tf.nn.softmax(a), np.float32(1))
fed(lambda a, b: tf.nn.softmax_cross_entropy_with_logits_v2(labels=a, logits=b), f(2, 3), f(2, 4))
fed(lambda a, b: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.reshape(a, [2]), logits=tf.reshape(b, [2, 3])), i(0, 3), f(2, 3))
fed(lambda a, b: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.reshape(a, [2]), logits=tf.reshape(b, [2, 3])), i(0, -1), f(2, 3))
fed(lambda a, b: tf.raw_ops.SparseSoftmaxCrossEntropyWithLogits(features=b, labels=a), i(0, 3), f(2, 3))
fed(lambda a, b: tf.raw_ops.SparseSoftmaxCrossEntropyWithLogits(features=b, labels=a), i(0, 1, 2), f(2, 3))
fed(lambda a, b: tf.raw_ops.SparseSoftmaxCrossEntropyWithLogits(features=b, labels=a), i(0), f(3))
fed(lambda a: tf.nn.lrn(a), f(3))
fed(lambda a: tf.nn.l2_loss(a) + a, f(0))
fed(lambda a: tf.raw_ops.ReluGrad(gradients=a, features=tf.zeros([4])), f(3))
# Updates of variables.
variable(f(3), lambda v, a: tf.assign(v, a), f(2))
variable(f(3), lambda v, a: tf.assign_add(v, a), f(2))
variable(f(3), lambda v, a: tf.assign_sub(v, a), f(2))
variable(f(3), lambda v, k, a: tf.scatter_update(v, k, a), i(3), f(1))
variable(f(3), lambda v, k, a: tf.scatter_add(v, k, a), i(0, 1, -1), f(3))
variable(f(3, 2), lambda v, k, a: tf.scatter_sub(v, k, a), i(0, 1), f(2, 3))
variable(f(3, 2), lambda v, k, a: tf.scatter_nd_update(v, k, a), np.array([[0], [3]], np.int32), f(2, 2))
variable(f(3, 2), lambda v, k, a: tf.scatter_nd_add(v, k, a), np.array([[0], [1]], np.int32), f(3, 2))
variable(np.int32(3), lambda v: v.count_up_to(3))
variable(f(3), lambda v, a: v[0:2].assign(a), f(3))
resource(f(3), lambda v, a: v.assign(a), f(2))
resource(f(3), lambda v, a: v.assign_add(a), f(2))
resource(f(3), lambda v, a: v.assign_sub(a), f(2))
resource(f(3), lambda v, k: tf.gather(v, k), i(3))
resource(f(3), lambda v, k, a: tf.scatter_update(v, k, a), i(3), f(1))
resource(f(3), lambda v, k, a: tf.scatter_add(v, k, a), i(0, 1, -1), f(3))
resource(f(3, 2), lambda v, k, a: tf.scatter_nd_update(v, k, a), np.array([[0], [3]], np.int32), f(2, 2))
resource(f(3), lambda v, a: v[0:2].assign(a), f(3))
# No kernel for these types.
tf.matmul(tf.constant([[1]], tf.int8), tf.constant([[1]], tf.int8))
run(tf.less(tf.constant(1, tf.uint32), tf.constant(2, tf.uint32), name='m'))
run(tf.add(tf.constant(1, tf.uint16), tf.constant(2, tf.uint16)))
run(tf.subtract(tf.constant(1, tf.uint32), tf.constant(2, tf.uint32), name='m'))
run(tf.negative(tf.constant(1, tf.int8), name='m'))
run(tf.abs(tf.constant(1, tf.int8), name='m'))
run(tf.nn.relu(tf.constant([1], tf.uint32), name='m'))
run(tf.reduce_sum(tf.constant([1], tf.uint32), name='m'))
run(tf.pow(tf.constant(1, tf.int16), tf.constant(1, tf.int16), name='m'))
run(tf.matrix_inverse(tf.constant([[1.]], tf.float16), name='m'))
run(tf.nn.max_pool(tf.constant(np.ones((1, 2, 2, 1), np.uint8)), 1, 1, 'SAME', name='m'))
run(tf.segment_sum(tf.constant([1j]), [0], name='m'))
run(tf.floordiv(tf.constant(1, tf.uint32), tf.constant(1, tf.uint32), name='m'))
run(tf.sign(tf.constant(1, tf.int8), name='m'))
run(tf.maximum(tf.constant(1, tf.int8), tf.constant(1, tf.int8), name='m'))
# Declarations.
tf.nn.max_pool_with_argmax(p(1, 4, 4, 1), 2, [1, 1, 1, 1], 'SAME')
tf.nn.conv2d(p(1, 4, 4, 1), p(1, 1, 1, 1), 'a', 'SAME')
tf.nn.max_pool(p(1, 4, 4, 1), [1, 2, 2, 1], [1, 1, 1, 1], 'X')
tf.gradients(tf.Variable(1., use_resource=True), [tf.constant(1.)])
tf.gradients(tf.constant(1), 5.)
tf.gradients(tf.constant(1.), [])
"""
