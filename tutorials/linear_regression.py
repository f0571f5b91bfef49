"""Fitting a line to y = x + 20 sin(x / 10), the smallest program that learns.

The four parts of every training program are here: data, a model with variables, a loss that says how wrong
the model is, and an optimizer whose one operation makes it a little less so. A line cannot follow the sine,
so the loss stays well above zero; the best possible line is known from algebra and printed for comparison.

    python linear_regression.py --steps 2000
"""
import os

import numpy as np
import options
import pictures
from tqdm import trange

import graphflow as tf

SAMPLES = 1000


def main():
    arguments = options.parser(__doc__, steps=2000, batch=100, rate=0.1).parse_args()
    tf.set_random_seed(arguments.seed)
    random = np.random.RandomState(arguments.seed)

    # Data. Shapes are exact: 1000 rows of one number each.
    x_data = np.linspace(0, 100, SAMPLES).reshape(SAMPLES, 1)
    y_data = x_data + 20 * np.sin(x_data / 10)

    # Model.
    x = tf.placeholder(tf.float32, shape=(arguments.batch, 1), name='x')
    y = tf.placeholder(tf.float32, shape=(arguments.batch, 1), name='y')
    weight = tf.get_variable('weight', (1, 1), initializer=tf.random_normal_initializer())
    bias = tf.get_variable('bias', (1,), initializer=tf.constant_initializer(0.0))
    predicted = tf.matmul(x, weight) + bias

    # Loss and optimizer.
    loss = tf.reduce_mean((y - predicted)**2)
    step = tf.train.AdamOptimizer(arguments.rate).minimize(loss)

    losses = []
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in trange(arguments.steps, desc='training', disable=None):
            rows = random.choice(SAMPLES, arguments.batch)
            _, value = session.run([step, loss], feed_dict={x: x_data[rows], y: y_data[rows]})
            losses.append(value)
        slope, intercept = session.run([weight, bias])

    slope, intercept = slope.item(), intercept.item()
    best_slope, best_intercept = np.polyfit(x_data[:, 0], y_data[:, 0], 1)
    error = np.mean((slope * x_data + intercept - y_data)**2)
    best_error = np.mean((best_slope * x_data + best_intercept - y_data)**2)
    print('learned  y = %.3f x %+.3f   mean squared error %.2f' % (slope, intercept, error))
    print('best     y = %.3f x %+.3f   mean squared error %.2f' % (best_slope, best_intercept, best_error))
    pictures.scatter(os.path.join(arguments.out, 'linear_regression.png'), {
        'x + 20 sin(x / 10)': (x_data, y_data), 'learned line': (x_data, slope * x_data + intercept)})
    pictures.curves(os.path.join(arguments.out, 'linear_regression_loss.png'), {'loss': losses}, 'step',
                    'loss', log=True)


if __name__ == '__main__':
    main()
