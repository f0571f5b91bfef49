"""Saving variables to files and restoring them: in the same program, in another, and after an interruption.

A checkpoint holds the values of variables by name. `tf.train.Saver` writes one with `save` and reads it back with
`restore`; nothing else is needed of the program that wrote it, not even its code: the `.meta` file has the graph.
A training that is stopped goes on from its newest checkpoint.

    python save_restore.py
"""
import glob
import os
import shutil

import numpy as np
import options

import graphflow as tf


def line(rate=0.05):
    """A line to fit: the input, the loss, and the Operation that makes the loss smaller and counts steps."""
    x = tf.placeholder(tf.float32, [None], name='x')
    slope = tf.get_variable('slope', [], initializer=tf.zeros_initializer())
    offset = tf.get_variable('offset', [], initializer=tf.zeros_initializer())
    predicted = tf.add(slope * x, offset, name='predicted')
    loss = tf.reduce_mean(tf.square(predicted - (3 * x + 1)), name='loss')
    step = tf.train.get_or_create_global_step()
    return x, loss, tf.train.AdamOptimizer(rate).minimize(loss, global_step=step)


def save(folder, data, steps):
    print('Saving')
    x, loss, train = line()
    saver = tf.train.Saver(max_to_keep=2)       # only the two newest are kept
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for i in range(1, steps + 1):
            session.run(train, {x: data})
            if i % (steps // 4) == 0:
                print('  ', saver.save(session, os.path.join(folder, 'line'), global_step=i))
        value = session.run(loss, {x: data})
    for path in sorted(glob.glob(os.path.join(folder, '*'))):
        print('  %6d bytes  %s' % (os.path.getsize(path), os.path.basename(path)))
    return value


def look(folder):
    print('What a checkpoint holds, read without a graph')
    path = tf.train.latest_checkpoint(folder)
    for name, shape in tf.train.list_variables(path):
        print('   %-22s %-5s %s' % (name, shape, tf.train.load_variable(path, name)))


def restore(folder, data):
    print('Restoring into a graph made by the same code; no initializer is run')
    x, loss, _ = line()
    with tf.Session() as session:
        tf.train.Saver().restore(session, tf.train.latest_checkpoint(folder))
        return session.run(loss, {x: data})


def restore_without_code(folder, data):
    print('Restoring the graph as well')
    path = tf.train.latest_checkpoint(folder)
    saver = tf.train.import_meta_graph(path + '.meta')
    with tf.Session() as session:
        saver.restore(session, path)
        return session.run('loss:0', {'x:0': data})


def take_over_some(folder):
    print('Taking one value over into another model, under another name')
    tilt = tf.get_variable('tilt', [], initializer=tf.zeros_initializer())
    tf.get_variable('bend', [], initializer=tf.zeros_initializer())
    tf.train.init_from_checkpoint(folder, {'slope': tilt})
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for variable in tf.global_variables():
            print('   %-6s %.4f' % (variable.op.name, session.run(variable)))


def go_on(folder, data, steps):
    """MonitoredTrainingSession restores the newest checkpoint of its folder, and saves there."""
    x, loss, train = line()
    with tf.train.MonitoredTrainingSession(checkpoint_dir=folder, save_checkpoint_steps=10, log_step_count_steps=None,
                                           save_summaries_steps=None) as session:
        print('   begins at step', session.run(tf.train.get_global_step()))
        for _ in range(steps):
            session.run(train, {x: data})
        print('   ends with loss %.6f' % session.run(loss, {x: data}))


def main():
    arguments = options.parser(__doc__, steps=100).parse_args()
    folder = os.path.join(arguments.out, 'save_restore')
    shutil.rmtree(folder, ignore_errors=True)
    data = np.linspace(-1, 1, 50)

    def in_a_graph_of_its_own(function, *args):
        with tf.Graph().as_default():
            return function(*args)
    trained = in_a_graph_of_its_own(save, folder, data, arguments.steps)
    look(folder)
    for function in restore, restore_without_code:
        value = in_a_graph_of_its_own(function, folder, data)
        print('   loss %.6f, %s' % (value, 'the same' if value == trained else 'another'))
    in_a_graph_of_its_own(take_over_some, folder)
    print('Training in parts')
    for _ in range(3):
        in_a_graph_of_its_own(go_on, os.path.join(folder, 'parts'), data, arguments.steps)


if __name__ == '__main__':
    main()
