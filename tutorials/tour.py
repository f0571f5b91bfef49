"""A tour: what a graph is, and what a session does with it.

Programs in other libraries compute as they go. Here a program works in two phases: first it describes a
computation as a graph of operations, then a session runs the parts of it that are asked for. This tour walks
through the pieces: operations and tensors, sessions, names, placeholders, variables, gradients.

    python tour.py
"""
import os

import options
import pictures

import graphflow as tf


def heading(text):
    print('\n%s\n%s' % (text, '-' * len(text)))


def operations_and_sessions():
    heading('A tensor is a promise, a session keeps it')
    a = tf.add(3, 5)
    print('tf.add(3, 5) is not 8, but a node in a graph:', a)
    with tf.Session() as session:
        print('A session computes it:', session.run(a))


def a_larger_graph(out):
    heading('(x + y) to the power (x y), for x = 2 and y = 3')
    with tf.Graph().as_default() as graph:                 # a graph of its own, apart from the default one
        x = tf.constant(2, name='x')
        y = tf.constant(3, name='y')
        total = tf.add(x, y, name='sum')
        product = tf.multiply(x, y, name='product')
        power = tf.pow(total, product, name='power')
        for op in graph.get_operations():
            print('  %-8s %-6s of %s' % (op.name, op.type, [tensor.name for tensor in op.inputs]))
        with tf.Session() as session:
            print('5 to the power 6 =', session.run(power))
            print('One run may fetch several values, in any structure:',
                  session.run({'power': power, 'parts': [total, product]}))
        pictures.graph(os.path.join(out, 'tour_graph.png'), graph.get_operations())
        logs = os.path.join(out, 'tour_logs')
        tf.summary.FileWriter(logs, graph).close()
        print('TensorBoard draws the graph too: tensorboard --logdir', logs)


def names():
    heading('Every operation has a name of its own')
    with tf.Graph().as_default():
        print([tf.constant(0, name='c').name for _ in range(3)])
        with tf.name_scope('layer'):
            print(tf.constant(0, name='c').name, '(":0" is the first output of the operation "layer/c")')


def placeholders():
    heading('A placeholder is filled in when the graph runs')
    a = tf.placeholder(tf.float32)
    b = tf.placeholder(tf.float32)
    product = tf.multiply(a, b)
    with tf.Session() as session:
        print('numbers:', session.run(product, feed_dict={a: 7, b: 2}))
        print('arrays: ', session.run(product, feed_dict={a: [7, 8], b: [2, 3]}))
        try:
            session.run(product, feed_dict={a: 7})
        except tf.errors.InvalidArgumentError as error:
            print('and without a value:', error.message.splitlines()[0])


def variables():
    heading('A variable keeps its value from run to run')
    state = tf.Variable(0, name='counter')
    update = tf.assign(state, tf.add(state, tf.constant(1)))
    with tf.Session() as session:
        try:
            session.run(state)
        except tf.errors.FailedPreconditionError as error:
            print('Before its initializer has run:', error.message.splitlines()[0])
        session.run(tf.global_variables_initializer())
        print('Initialized:', session.run(state))
        print('Three updates:', [int(session.run(update)) for _ in range(3)])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        print('Another session has values of its own:', session.run(state))


def gradients():
    heading('Derivatives are operations too')
    x = tf.placeholder(tf.float32, name='x')
    y = x**3 - 2 * x
    slope, = tf.gradients(y, x)
    with tf.Session() as session:
        print('y = x^3 - 2x has the slope 3x^2 - 2, at x = 2:', session.run(slope, {x: 2}))
    print('Optimizers build on this: they add an operation that moves each variable down its gradient.')


def main():
    arguments = options.parser(__doc__).parse_args()
    tf.set_random_seed(arguments.seed)
    operations_and_sessions()
    a_larger_graph(arguments.out)
    names()
    placeholders()
    variables()
    gradients()


if __name__ == '__main__':
    main()
