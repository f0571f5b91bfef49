"""Going on with a training that TensorFlow 1.15.5 began, from the checkpoint that it wrote.

`tf_checkpoint/` holds a checkpoint of a small network after 30 steps of Adam: weights, the two slots of each, and the
step. The same graph built here has variables of the same names, so a Saver restores them, and the losses of the next steps
are those that TensorFlow went on with. What is saved here TensorFlow restores in turn.

    python resume_from_tf_checkpoint.py
"""
import os
import shutil

import numpy as np
import options
import pictures

import graphflow as tf

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'tf_checkpoint')
# The losses of steps 31 to 50 in TensorFlow.
TENSORFLOW = [
    1.1484606, 1.4610697, 0.7476140, 1.1927298, 0.9250398, 1.9350717, 0.4661459, 1.0624986, 1.1428127,
    0.6455636, 0.9195394, 0.9873547, 0.3493740, 1.2969443, 1.3256309, 0.8638983, 0.4534694, 0.5078138,
    0.8900834, 0.8055801]


def network():
    """A network that learns to multiply two of its inputs: x, y, the loss, the Operation that trains."""
    x = tf.placeholder(tf.float32, [None, 8])
    y = tf.placeholder(tf.float32, [None, 1])
    with tf.variable_scope('net'):
        w = tf.get_variable('w', [8, 40])
        b = tf.get_variable('b', [40], initializer=tf.zeros_initializer())
        h = tf.nn.tanh(tf.matmul(x, w) + b)
        v = tf.get_variable('v', [40, 1], use_resource=True)
        loss = tf.reduce_mean(tf.square(tf.matmul(h, v) - y))
    step = tf.train.get_or_create_global_step()
    return x, y, loss, tf.train.AdamOptimizer(.01).minimize(loss, global_step=step)


def batch(i):
    """The examples of step i: inputs of 8 numbers, answers of one."""
    inputs = np.random.RandomState(i).randn(32, 8).astype(np.float32)
    return inputs, inputs[:, :1] * inputs[:, 1:2]


def main():
    arguments = options.parser(__doc__).parse_args()
    path = tf.train.latest_checkpoint(HERE)
    for name, shape in tf.train.list_variables(path):
        print('%-20s %s' % (name, shape))

    x, y, loss, train = network()
    saver = tf.train.Saver()
    losses = []
    with tf.Session() as session:
        saver.restore(session, path)
        begin = session.run(tf.train.get_global_step())
        for i in range(begin, begin + len(TENSORFLOW)):
            inputs, answers = batch(i)
            value, _ = session.run([loss, train], {x: inputs, y: answers})
            losses.append(value)
            print('step %2d  loss %.6f  TensorFlow %.6f' % (i + 1, value, TENSORFLOW[i - begin]))
        folder = os.path.join(arguments.out, 'resumed')
        shutil.rmtree(folder, ignore_errors=True)
        print('Saved', saver.save(session, os.path.join(folder, 'model.ckpt'), global_step=begin + len(TENSORFLOW)))
    print('largest difference %.1e' % np.abs(np.array(losses) - TENSORFLOW).max())
    pictures.curves(os.path.join(arguments.out, 'resume_loss.png'), {'graphflow': losses, 'TensorFlow': TENSORFLOW},
                    'step', 'loss')


if __name__ == '__main__':
    main()
