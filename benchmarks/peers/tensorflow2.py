import tensorflow
import tensorflow.compat.v1 as tf

from peers import tf1

tf.disable_v2_behavior()
VERSION = tensorflow.__version__
WORKLOADS = tf1.workloads(tf)
