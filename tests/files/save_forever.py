"""Saves checkpoints until it is killed: `python save_forever.py FOLDER`.

For each line that it is given, a number to count from, a process of its own begins to save; its id is printed, and `saved`
after its first checkpoints. All elements of a checkpoint are its step; those in `numbered` have names of their own, those
in `same` are written over.
"""
import os
import sys

import graphflow as tf
from graphflow import kernels

FOLDER = sys.argv[1]


def save_forever(step):
    value = tf.placeholder(tf.float32, [])
    counter = tf.Variable(0., name='step', trainable=False)
    variables = [tf.Variable(tf.zeros([200, 300]), name='v%d' % i) for i in range(4)]
    assign = [tf.assign(counter, value)] + [tf.assign(v, tf.fill([200, 300], value)) for v in variables]
    numbered, same = tf.train.Saver(max_to_keep=2), tf.train.Saver(sharded=True)
    first = True
    with tf.Session() as session:
        while True:
            step += 1
            session.run(assign, {value: step})
            numbered.save(session, os.path.join(FOLDER, 'numbered', 'model'), global_step=step, write_meta_graph=False)
            same.save(session, os.path.join(FOLDER, 'same', 'model'), write_meta_graph=False)
            if first:
                print('saved', flush=True)
                first = False


def main():
    for name in 'numbered', 'same':
        os.makedirs(os.path.join(FOLDER, name), exist_ok=True)
    kernels.load()      # once for all processes
    for line in sys.stdin:
        child = os.fork()
        if not child:
            save_forever(int(line) * 1000)
        print(child, flush=True)
        os.waitpid(child, 0)
        print('killed', flush=True)


if __name__ == '__main__':
    main()
