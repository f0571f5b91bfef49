import tensorflow as tf

from peers import tf1

tf.logging.set_verbosity(tf.logging.ERROR)
VERSION = tf.__version__
WORKLOADS = tf1.workloads(tf)
