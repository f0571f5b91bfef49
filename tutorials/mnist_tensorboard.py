"""TensorBoard: watch a network learn, in the browser.

Summary operations are nodes of the graph like any other; their values are small messages: a number, a histogram, some
pictures. `tf.summary.merge_all()` is one node for all of them, and a `tf.summary.FileWriter` puts what it gives into
an event file, together with the graph itself. TensorBoard reads the files while they grow.

    python mnist_tensorboard.py --steps 500
    tensorboard --logdir tutorials_out/mnist_tensorboard

Start it twice with other values of --rate: TensorBoard shows the runs side by side.
"""
import os

import options
from tqdm import trange

import graphflow as tf
from graphflow.examples.tutorials.mnist import input_data


def layer(inputs, fan_in, units, name, activation=None):
    """A fully connected layer in a name scope of its own, which TensorBoard draws as one box."""
    with tf.name_scope(name):
        weights = tf.Variable(tf.truncated_normal([fan_in, units], stddev=fan_in ** -0.5), name='weights')
        biases = tf.Variable(tf.zeros([units]), name='biases')
        outputs = tf.matmul(inputs, weights) + biases
        if activation:
            outputs = activation(outputs)
        tf.summary.histogram('histogram_of_weights', weights)
        tf.summary.histogram('histogram_of_biases', biases)
        tf.summary.histogram('histogram_of_outputs', outputs)
        return outputs, weights


def main():
    arguments = options.parser(__doc__, steps=500, batch=100, rate=0.5).parse_args()
    tf.set_random_seed(arguments.seed)
    mnist = input_data.read_data_sets(arguments.data_dir, one_hot=True, seed=arguments.seed)

    with tf.name_scope('input'):
        x = tf.placeholder(tf.float32, [None, 784], name='x')
        y_ = tf.placeholder(tf.float32, [None, 10], name='y_')
        tf.summary.image('digits', tf.reshape(x, [-1, 28, 28, 1]), max_outputs=4)
    hidden, filters = layer(x, 784, 64, 'hidden', tf.nn.relu)
    logits, _ = layer(hidden, 64, 10, 'logits')
    with tf.name_scope('filters'):      # what the first units look for: columns of the weights, as pictures
        pictures = tf.reshape(tf.transpose(filters)[:6], [6, 28, 28, 1])
        tf.summary.image('seen', pictures, max_outputs=6)
    with tf.name_scope('cross_entropy'):
        loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=y_, logits=logits))
    with tf.name_scope('right_answers'):
        right = tf.equal(tf.argmax(logits, 1), tf.argmax(y_, 1))
        accuracy = tf.reduce_mean(tf.cast(right, tf.float32))
    tf.summary.scalar('loss', loss)
    tf.summary.scalar('accuracy', accuracy)
    with tf.name_scope('train'):
        train_step = tf.train.GradientDescentOptimizer(arguments.rate).minimize(loss)
    summaries = tf.summary.merge_all()

    logs = os.path.join(arguments.out, 'mnist_tensorboard', 'rate_%g' % arguments.rate)
    test = {x: mnist.test.images, y_: mnist.test.labels}
    with tf.Session() as session, \
            tf.summary.FileWriter(os.path.join(logs, 'train'), session.graph) as train_writer, \
            tf.summary.FileWriter(os.path.join(logs, 'test')) as test_writer:
        session.run(tf.global_variables_initializer())
        for step in trange(arguments.steps + 1, desc='training', disable=None):
            batch_x, batch_y = mnist.train.next_batch(arguments.batch)
            batch = {x: batch_x, y_: batch_y}
            if step % 10 == 0:
                train_writer.add_summary(session.run(summaries, batch), step)
            if step % 50 == 0:
                test_writer.add_summary(session.run(summaries, test), step)
            session.run(train_step, batch)
        print('After %d steps: test accuracy %.4f' % (arguments.steps, session.run(accuracy, test)))
    print('To look at it: tensorboard --logdir', os.path.join(arguments.out, 'mnist_tensorboard'))


if __name__ == '__main__':
    main()
