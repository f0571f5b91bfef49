"""Four ways to write the loss of softmax regression, trained side by side on the same batches.

mean of logs    reduce_mean(-reduce_sum(y_ * log(softmax(z)), 1)), rate 0.5. By the book.
sum of logs     -reduce_sum(y_ * log(softmax(z))), rate 0.01. Not divided by the 100 images of a batch, so the
                gradient is 100 times as large and the steps are twice as far.
fused           softmax_cross_entropy_with_logits(z), rate 0.5. The same mathematics as the first, computed
                without ever taking the log of a probability that rounded to 0.
softmax twice   softmax_cross_entropy_with_logits(softmax(z)), rate 0.5. A frequent slip: the function applies
                softmax itself. Probabilities lie between 0 and 1, so the second softmax can never be sure of
                anything, and the gradients stay small: it learns, but slowly.

    python mnist_losses.py --steps 1000
"""
import os

import numpy as np
import options
import pictures
from tqdm import trange

import graphflow as tf
from graphflow.examples.tutorials.mnist import input_data


def mean_of_logs(z, y_):
    return tf.reduce_mean(-tf.reduce_sum(y_ * tf.log(tf.nn.softmax(z)), axis=1))


def sum_of_logs(z, y_):
    return -tf.reduce_sum(y_ * tf.log(tf.nn.softmax(z)))


def fused(z, y_):
    return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=y_, logits=z))


def softmax_twice(z, y_):
    return fused(tf.nn.softmax(z), y_)


LOSSES = {mean_of_logs: 0.5, sum_of_logs: 0.01, fused: 0.5, softmax_twice: 0.5}


def main():
    arguments = options.parser(__doc__, steps=1000, batch=100).parse_args()
    tf.logging.set_verbosity(tf.logging.ERROR)
    tf.set_random_seed(arguments.seed)
    mnist = input_data.read_data_sets(arguments.data_dir, one_hot=True, seed=arguments.seed)
    x = tf.placeholder(tf.float32, [None, 784])
    y_ = tf.placeholder(tf.float32, [None, 10])

    models = {}
    for loss, rate in LOSSES.items():           # four models in one graph, each in a scope of its own
        name = loss.__name__.replace('_', ' ')
        with tf.variable_scope(loss.__name__):
            W = tf.get_variable('W', [784, 10], initializer=tf.zeros_initializer())
            b = tf.get_variable('b', [10], initializer=tf.zeros_initializer())
            z = tf.matmul(x, W) + b
            step = tf.train.GradientDescentOptimizer(rate).minimize(loss(z, y_))
            correct = tf.equal(tf.argmax(z, 1), tf.argmax(y_, 1))
            models[name] = (step, tf.reduce_mean(tf.cast(correct, tf.float32)))
    steps, accuracies = ({name: model[part] for name, model in models.items()} for part in (0, 1))

    history = {name: [] for name in models}
    every = max(1, arguments.steps // 50)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for number in trange(arguments.steps, desc='training', disable=None):
            batch_x, batch_y = mnist.train.next_batch(arguments.batch)
            session.run(steps, feed_dict={x: batch_x, y_: batch_y})
            if number % every == 0:
                some = {x: mnist.validation.images[:1000], y_: mnist.validation.labels[:1000]}
                for name, value in session.run(accuracies, some).items():
                    history[name].append(value)
        final = session.run(accuracies, {x: mnist.test.images, y_: mnist.test.labels})
    for name, value in final.items():
        print('%-14s test accuracy %.4f' % (name, value))
    pictures.curves(os.path.join(arguments.out, 'mnist_losses.png'), history, 'step / %d' % every,
                    'accuracy on 1000 validation images')

    # Why the fused form exists: in float32 the softmax of an unlikely class can be 0, and its log infinite.
    certain, truth = np.float32([[200, 0, 0]]), np.float32([[0, 1, 0]])
    with tf.Session() as session:
        print('Certain but wrong: mean of logs gives a loss of %g, fused %g'
              % tuple(session.run([mean_of_logs(certain, truth), fused(certain, truth)])))


if __name__ == '__main__':
    main()
