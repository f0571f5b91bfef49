"""A convolutional network with dropout: from 92 to 99 of 100 digits.

Softmax regression sees 784 unrelated numbers. A convolution slides one small filter over the whole picture
instead, so what it learns about strokes in one place it knows everywhere. Two layers of convolution and 2x2
max pooling turn 28x28 pixels into 7x7 places with 64 features each; a dense layer of 1024 neurons looks at
all of them together. Dropout switches half of these off at random in each training step, so that none can
rely on another.

    python mnist_conv.py --steps 1000            (20000 steps reach about 99.2 % on MNIST)
"""
import os

import numpy as np
import options
import pictures
from tqdm import trange

import graphflow as tf
from graphflow.examples.tutorials.mnist import input_data


def weight_variable(shape):
    """Small random numbers: were all weights equal, all neurons would learn the same."""
    return tf.Variable(tf.truncated_normal(shape, stddev=0.1))


def bias_variable(shape):
    """Slightly positive, so that ReLU neurons start in the part where they have a gradient."""
    return tf.Variable(tf.constant(0.1, shape=shape))


def conv2d(x, W):
    return tf.nn.conv2d(x, W, strides=[1, 1, 1, 1], padding='SAME')


def max_pool_2x2(x):
    return tf.nn.max_pool(x, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding='SAME')


def network(x, keep_prob):
    """The logits for [batch, 784] images; and the first layer's filters, to look at."""
    W_conv1 = weight_variable([5, 5, 1, 32])
    h_conv1 = tf.nn.relu(conv2d(tf.reshape(x, [-1, 28, 28, 1]), W_conv1) + bias_variable([32]))
    h_pool1 = max_pool_2x2(h_conv1)                           # [batch, 14, 14, 32]
    h_conv2 = tf.nn.relu(conv2d(h_pool1, weight_variable([5, 5, 32, 64])) + bias_variable([64]))
    h_pool2 = max_pool_2x2(h_conv2)                           # [batch, 7, 7, 64]
    flat = tf.reshape(h_pool2, [-1, 7 * 7 * 64])
    h_fc1 = tf.nn.relu(tf.matmul(flat, weight_variable([7 * 7 * 64, 1024])) + bias_variable([1024]))
    dropped = tf.nn.dropout(h_fc1, keep_prob)
    return tf.matmul(dropped, weight_variable([1024, 10])) + bias_variable([10]), W_conv1


def main():
    arguments = options.parser(__doc__, steps=1000, batch=50, rate=1e-4).parse_args()
    tf.logging.set_verbosity(tf.logging.ERROR)
    tf.set_random_seed(arguments.seed)
    mnist = input_data.read_data_sets(arguments.data_dir, one_hot=True, seed=arguments.seed)

    x = tf.placeholder(tf.float32, [None, 784])
    y_ = tf.placeholder(tf.float32, [None, 10])
    keep_prob = tf.placeholder(tf.float32)
    logits, first_filters = network(x, keep_prob)
    cross_entropy = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=y_, logits=logits))
    train_step = tf.train.AdamOptimizer(arguments.rate).minimize(cross_entropy)
    predicted = tf.argmax(logits, 1)
    accuracy = tf.reduce_mean(tf.cast(tf.equal(predicted, tf.argmax(y_, 1)), tf.float32))

    losses = []
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        bar = trange(arguments.steps, desc='training', disable=None)
        for step in bar:
            batch_x, batch_y = mnist.train.next_batch(arguments.batch)
            if step % 100 == 0:
                seen = session.run(accuracy, {x: batch_x, y_: batch_y, keep_prob: 1})
                bar.write('step %d, training accuracy %g' % (step, seen))
            _, loss = session.run([train_step, cross_entropy], {x: batch_x, y_: batch_y, keep_prob: 0.5})
            losses.append(loss)
        answers = np.concatenate([              # a thousand at a time: activations take memory
            session.run(predicted, {x: mnist.test.images[start:start + 1000], keep_prob: 1})
            for start in range(0, mnist.test.num_examples, 1000)])
        kernels = session.run(first_filters)

    def picture(name):
        return os.path.join(arguments.out, 'mnist_conv_%s.png' % name)

    truth = mnist.test.labels.argmax(axis=1)
    print('After %d steps: test accuracy %.4f' % (arguments.steps, np.mean(answers == truth)))
    pictures.filters(picture('filters'), kernels)
    pictures.curves(picture('loss'), {'cross-entropy': losses}, 'step', 'loss', log=True)
    pictures.mistakes(picture('mistakes'), mnist.test.images, truth, answers)


if __name__ == '__main__':
    main()
