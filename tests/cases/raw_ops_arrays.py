"""Ops that few public functions add, through tf.raw_ops: arrays, sets of numbers, linear algebra."""
import numpy as np


def build(tf):
    raw = tf.raw_ops
    x = tf.constant([[1.5, -2.], [.25, 3.]])
    ints = tf.constant([2, 7, 2, 9, 7, 7])
    square = np.array([[[2., .5], [.5, 3.]]])
    with tf.name_scope('arrays'):
        found = [raw.Snapshot(input=x), raw.DeepCopy(x=x), raw.GuaranteeConst(input=x), raw.OnesLike(x=x),
                 raw.OnesLike(x=ints), raw.UnravelIndex(indices=[3, 5], dims=[2, 3]),
                 raw.UnravelIndex(indices=np.int64(4), dims=np.array([2, 3], np.int64)),
                 raw.ParallelConcat(values=[x[:1], x[1:]], shape=[2, 2]), raw.Concat(concat_dim=1, values=[x, x]),
                 raw.Concat(concat_dim=0, values=[ints, ints])]
        found += [f(tensor=x, indices=[[1], [1], [0]], updates=[[1., 2.], [3., 4.], [5., 6.]])
                  for f in (raw.TensorScatterAdd, raw.TensorScatterSub)]
        found += [raw.TensorScatterAdd(tensor=ints, indices=[[0], [0]], updates=[10, 20]),
                  raw.ScatterNdNonAliasingAdd(input=x, indices=[[0, 1], [0, 1]], updates=[1., 2.])]
        for f in (raw.LowerBound, raw.UpperBound):
            found += [f(sorted_inputs=[[1, 3, 3, 5]], values=[[0, 3, 4, 9]]),
                      f(sorted_inputs=[[1., 2.], [3., 4.]], values=[[1.], [3.5]], out_type=tf.int64)]
        found += raw.UniqueWithCounts(x=ints)
        found += raw.UniqueWithCounts(x=['b', 'a', 'b'], out_idx=tf.int64)
        found += raw.UniqueWithCountsV2(x=[[1, 0], [1, 0], [2, 3]], axis=[0])
        found += [raw.InTopK(predictions=x, targets=[0, 0], k=1)]
        hypothesis = tf.SparseTensor([[0, 0], [0, 1], [1, 0]], ['a', 'b', 'c'], [2, 2])
        truth = tf.SparseTensor([[0, 0], [1, 0], [1, 1]], ['a', 'c', 'd'], [2, 2])
        found += [tf.edit_distance(hypothesis, truth), tf.edit_distance(hypothesis, truth, normalize=False)]
    with tf.name_scope('algebra'):
        found += [raw.Mod(x=[7, -7, 7], y=[3, 3, -3]), raw.Mod(x=[7.5, -7.5], y=[2., 2.]),
                  raw.BatchMatMul(x=[x, x], y=[x, 2. * x], adj_y=True),
                  raw.CholeskyGrad(l=np.linalg.cholesky(square), grad=np.tril(square * .5)),
                  raw.SoftplusGrad(gradients=x, features=-x)]
        gradients = tf.gradients(raw.BatchMatMul(x=[x], y=[x], adj_x=True), x)
        gradients += tf.gradients(raw.Concat(concat_dim=0, values=[x, x * x]), x)
        gradients += tf.gradients(raw.TensorScatterSub(tensor=x, indices=[[1]], updates=x[:1]), x)
    with tf.control_dependencies([raw.ControlTrigger(name='trigger')]):
        last = tf.identity(x, name='after')
    return list(found) + gradients + [last]


def run(tf, built):
    with tf.Session() as session:
        return {'%d %s %s' % (i, t.op.type, t.shape): session.run(t) for i, t in enumerate(built)}
