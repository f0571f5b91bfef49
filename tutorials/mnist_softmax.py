"""Softmax regression: a digit classifier of one matrix, right for about 92 of 100 digits.

Each class i adds up evidence, a weighted sum of all pixels plus a bias, and softmax turns the ten sums into
probabilities: y = softmax(x W + b). Training lowers the cross-entropy -sum(y' log y) between them and the
truth y'. Afterwards each column of W is itself a picture: blue where ink speaks for the digit, red where it
speaks against it.

    python mnist_softmax.py --steps 1000
"""
import os

import options
import pictures
from tqdm import trange

import graphflow as tf
from graphflow.examples.tutorials.mnist import input_data


def main():
    arguments = options.parser(__doc__, steps=1000, batch=100, rate=0.5).parse_args()
    tf.set_random_seed(arguments.seed)
    mnist = input_data.read_data_sets(arguments.data_dir, one_hot=True, seed=arguments.seed)

    # The model. None stands for "as many rows as are fed".
    x = tf.placeholder(tf.float32, [None, 784])
    W = tf.Variable(tf.zeros([784, 10]))
    b = tf.Variable(tf.zeros([10]))
    y = tf.nn.softmax(tf.matmul(x, W) + b)

    # The loss: cross-entropy, summed over classes, averaged over the batch. Should a probability be exactly
    # 0, this becomes NaN; mnist_losses.py shows the safe way to write it.
    y_ = tf.placeholder(tf.float32, [None, 10])
    cross_entropy = tf.reduce_mean(-tf.reduce_sum(y_ * tf.log(y), axis=1))
    train_step = tf.train.GradientDescentOptimizer(arguments.rate).minimize(cross_entropy)

    predicted = tf.argmax(y, 1)
    accuracy = tf.reduce_mean(tf.cast(tf.equal(predicted, tf.argmax(y_, 1)), tf.float32))
    test = {x: mnist.test.images, y_: mnist.test.labels}

    losses = []
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        print('Untrained, all digits look alike: accuracy %.4f' % session.run(accuracy, test))
        for _ in trange(arguments.steps, desc='training', disable=None):
            batch_x, batch_y = mnist.train.next_batch(arguments.batch)
            _, loss = session.run([train_step, cross_entropy], feed_dict={x: batch_x, y_: batch_y})
            losses.append(loss)
        print('After %d steps: test accuracy %.4f' % (arguments.steps, session.run(accuracy, test)))
        weights, answers = session.run([W, predicted], test)

    def picture(name):
        return os.path.join(arguments.out, 'mnist_softmax_%s.png' % name)

    pictures.weight_maps(picture('weights'), weights)
    pictures.curves(picture('loss'), {'cross-entropy': losses}, 'step', 'loss')
    truth = mnist.test.labels.argmax(axis=1)
    wrong = pictures.mistakes(picture('mistakes'), mnist.test.images, truth, answers)
    print('%d of %d test images are taken for another digit.' % (wrong, len(answers)))


if __name__ == '__main__':
    main()
