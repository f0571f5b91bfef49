"""A convolutional network from functions that make layers; saved to a file and restored.

The network is larger than one wants to write down variable by variable, so a function makes each kind of
layer and gives back what the next needs. After training, `tf.train.Saver` writes all variables to a
checkpoint; a new session restores them and answers just the same, with no training.

    python mnist_layers.py --steps 1000
"""
import os

import numpy as np
import options
import pictures
from tqdm import trange

import graphflow as tf
from graphflow.examples.tutorials.mnist import input_data

SIDE, CHANNELS, CLASSES = 28, 1, 10


def new_weights(shape):
    return tf.Variable(tf.truncated_normal(shape, stddev=0.05))


def new_biases(length):
    return tf.Variable(tf.constant(0.05, shape=[length]))


def new_conv_layer(input, num_input_channels, filter_size, num_filters, use_pooling=True):
    """Convolution, 2x2 max pooling if wanted, ReLU. Returns the layer's output and its weights.

    Pooling comes before ReLU: the largest of four numbers is the same either way, and ReLU has less to do
    after it.
    """
    weights = new_weights([filter_size, filter_size, num_input_channels, num_filters])
    layer = tf.nn.conv2d(input, weights, strides=[1, 1, 1, 1], padding='SAME') + new_biases(num_filters)
    if use_pooling:
        layer = tf.nn.max_pool(layer, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding='SAME')
    return tf.nn.relu(layer), weights


def flatten_layer(layer):
    """[images, height, width, channels] to [images, features]; returns that and the number of features."""
    num_features = layer.get_shape()[1:4].num_elements()
    return tf.reshape(layer, [-1, num_features]), num_features


def new_fc_layer(input, num_inputs, num_outputs, use_relu=True):
    """A fully connected layer."""
    layer = tf.matmul(input, new_weights([num_inputs, num_outputs])) + new_biases(num_outputs)
    return tf.nn.relu(layer) if use_relu else layer


def predict(session, predicted, x, images):
    """Labels for all images, a thousand at a time."""
    return np.concatenate([session.run(predicted, {x: images[start:start + 1000]})
                           for start in range(0, len(images), 1000)])


def main():
    arguments = options.parser(__doc__, steps=1000, batch=64, rate=1e-4).parse_args()
    tf.logging.set_verbosity(tf.logging.ERROR)
    tf.set_random_seed(arguments.seed)
    mnist = input_data.read_data_sets(arguments.data_dir, one_hot=True, seed=arguments.seed)

    x = tf.placeholder(tf.float32, [None, SIDE * SIDE], name='x')
    y_true = tf.placeholder(tf.float32, [None, CLASSES], name='y_true')
    x_image = tf.reshape(x, [-1, SIDE, SIDE, CHANNELS])
    layer_conv1, weights_conv1 = new_conv_layer(x_image, CHANNELS, filter_size=5, num_filters=16)
    layer_conv2, weights_conv2 = new_conv_layer(layer_conv1, 16, filter_size=5, num_filters=36)
    layer_flat, num_features = flatten_layer(layer_conv2)
    layer_fc1 = new_fc_layer(layer_flat, num_features, 128)
    logits = new_fc_layer(layer_fc1, 128, CLASSES, use_relu=False)
    for layer in (x_image, layer_conv1, layer_conv2, layer_flat, layer_fc1, logits):
        print('%-24s %s' % (layer.name, layer.get_shape()))

    predicted = tf.argmax(tf.nn.softmax(logits), axis=1)
    cost = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=logits, labels=y_true))
    train_step = tf.train.AdamOptimizer(arguments.rate).minimize(cost)
    saver = tf.train.Saver()
    checkpoint = os.path.join(arguments.out, 'mnist_layers', 'model.ckpt')
    truth = mnist.test.labels.argmax(axis=1)

    losses = []
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in trange(arguments.steps, desc='training', disable=None):
            batch_x, batch_y = mnist.train.next_batch(arguments.batch)
            _, loss = session.run([train_step, cost], {x: batch_x, y_true: batch_y})
            losses.append(loss)
        answers = predict(session, predicted, x, mnist.test.images)
        print('After %d steps: test accuracy %.4f' % (arguments.steps, np.mean(answers == truth)))
        print('Model saved in', saver.save(session, checkpoint))
        kernels1, kernels2 = session.run([weights_conv1, weights_conv2])

    with tf.Session() as session:             # no initializer: the values come from the file
        saver.restore(session, checkpoint)
        again = predict(session, predicted, x, mnist.test.images)
        same = 'same' if np.array_equal(again, answers) else 'other'
        print('Restored: test accuracy %.4f, %s answers' % (np.mean(again == truth), same))

    def picture(name):
        return os.path.join(arguments.out, 'mnist_layers_%s.png' % name)

    pictures.filters(picture('filters1'), kernels1)
    pictures.filters(picture('filters2'), kernels2)
    pictures.curves(picture('loss'), {'cost': losses}, 'step', 'cost', log=True)
    pictures.confusion(picture('confusion'), truth, answers)
    pictures.mistakes(picture('mistakes'), mnist.test.images, truth, answers)


if __name__ == '__main__':
    main()
