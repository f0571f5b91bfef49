"""Mirrors where TensorFlow 1 keeps `tf.contrib.testing`."""
