"""What the recorded checkpoints hold, and the training that goes on from one of them.

`tests/record/checkpoints.py` runs this under TensorFlow 1.15.5 and keeps the files in `tests/golden/files/checkpoints.tar.gz`.
"""
import os

import numpy as np


def values():
    """{name: array} of every type, and of odd shapes and names."""
    random = np.random.RandomState(0)
    numbers = random.randn(3, 4) * 3
    found = {np.dtype(kind).name: numbers.astype(kind) for kind in (
        'f2', 'f4', 'f8', 'i1', 'i2', 'i4', 'i8', 'u1', 'u2', 'c8', 'c16')}
    found.update({
        'bool': numbers > 0, 'scalar': np.float32(2.5), 'integer': np.int64(1 << 40), 'empty': np.zeros([0, 3], np.float32),
        'no text': np.zeros([0], object), 'text': np.array([[b'', b'abc'], [b'x' * 300, b'\0\xff']], object),
        'one text': np.array(b'hello', object), 'a/b.c/d-e_1': np.float32([1, 2]), 'long/' * 20 + 'name': np.float32([3]),
        'special': np.float32([np.inf, -np.inf, np.nan, -0.0, 1e-45]),
    })
    return found


def variables(tf):
    """Variables of all those values, with names that are valid: {name in the checkpoint: variable}."""
    made = {}
    for i, (name, value) in enumerate(sorted(values().items())):
        made[name] = tf.Variable(value, name=f'v{i}', use_resource=bool(i % 2), trainable=False)
    made['bfloat16'] = tf.Variable(tf.cast(tf.constant([1., 2.3, -3e38]), tf.bfloat16), name='b', trainable=False)
    return made


def many(tf):
    """500 variables of a few elements each."""
    return [tf.Variable(np.float32([i, -i]), name=f'layer_{i // 10}/part_{i}', trainable=False) for i in range(500)]


def partitioned(tf):
    """A partitioned variable of references and one of resources."""
    values = np.arange(20, dtype=np.float32).reshape(5, 4)
    cut = tf.fixed_size_partitioner(2)
    p = tf.get_variable('p', initializer=tf.constant(values), partitioner=cut)
    q = tf.get_variable('q', initializer=tf.constant(-values), partitioner=cut, use_resource=True)
    return [p, q]


def network(tf, hidden=40):
    """A small network: (Operation that trains it, loss, feeds by step)."""
    x = tf.placeholder(tf.float32, [None, 8])
    y = tf.placeholder(tf.float32, [None, 1])
    with tf.variable_scope('net', initializer=tf.glorot_uniform_initializer(seed=4)):
        w = tf.get_variable('w', [8, hidden])
        b = tf.get_variable('b', [hidden], initializer=tf.zeros_initializer())
        h = tf.nn.tanh(tf.matmul(x, w) + b)
        v = tf.get_variable('v', [hidden, 1], use_resource=True)
        loss = tf.reduce_mean(tf.square(tf.matmul(h, v) - y))
    step = tf.train.get_or_create_global_step()
    train = tf.train.AdamOptimizer(.01).minimize(loss, global_step=step)

    def feed(i):
        random = np.random.RandomState(i)
        inputs = random.randn(32, 8).astype(np.float32)
        return {x: inputs, y: inputs[:, :1] * inputs[:, 1:2]}
    return train, loss, feed


def losses(session, train, loss, feed, begin, end):
    """The losses of some steps of training."""
    return [float(session.run([loss, train], feed(i))[0]) for i in range(begin, end)]


def write(tf, folder):
    """Writes one checkpoint of each kind; returns the losses of the training that went on after the last."""
    def save(name, var_list, **arguments):
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            tf.train.Saver(var_list, **arguments).save(session, os.path.join(folder, name), write_meta_graph=False,
                                                       write_state=False)
    with tf.Graph().as_default():
        save('types', variables(tf))
    with tf.Graph().as_default():
        save('many', many(tf))
    with tf.Graph().as_default():
        parts = partitioned(tf)
        save('parts', parts)
        save('shards', parts, sharded=True)
    with tf.Graph().as_default():
        plain = {n: v for n, v in variables(tf).items() if n not in ('bfloat16', 'uint32', 'uint64')}
        save('first', plain, write_version=tf.train.SaverDef.V1)
    with tf.Graph().as_default():
        train, loss, feed = network(tf)
        saver = tf.train.Saver()
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            losses(session, train, loss, feed, 0, 30)
            saver.save(session, os.path.join(folder, 'train', 'model.ckpt'), global_step=30)
            return losses(session, train, loss, feed, 30, 50)
