"""The model of the "Mechanics 101" programs."""
import numpy as np

import graphflow as tf
from graphflow.examples.tutorials.mnist import mnist, synthetic


def test_model_has_the_usual_names():
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [60, mnist.IMAGE_PIXELS])
        y = tf.placeholder(tf.int32, [60])
        logits = mnist.inference(x, 32, 16)
        assert logits.op.name == 'softmax_linear/add' and logits.shape.as_list() == [60, mnist.NUM_CLASSES]
        assert mnist.loss(logits, y).shape.as_list() == mnist.evaluation(logits, y).shape.as_list() == []
        assert [v.op.name for v in tf.trainable_variables()] == [
            'hidden1/weights', 'hidden1/biases', 'hidden2/weights', 'hidden2/biases',
            'softmax_linear/weights', 'softmax_linear/biases']


def test_model_learns_a_batch():
    images, labels = synthetic.draw(60, 3)
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(1)
        x = tf.placeholder(tf.float32, [60, mnist.IMAGE_PIXELS])
        y = tf.placeholder(tf.int32, [60])
        logits = mnist.inference(x, 32, 16)
        loss = mnist.loss(logits, y)
        step = mnist.training(loss, 0.1)
        right = mnist.evaluation(logits, y)
        session.run(tf.global_variables_initializer())
        feed = {x: images.reshape(60, -1) / np.float32(255), y: labels}
        before = session.run(loss, feed)
        for _ in range(150):
            session.run(step, feed)
        assert session.run(loss, feed) < before / 4 and session.run(right, feed) >= 50
        assert session.run(tf.train.get_global_step()) == 150
