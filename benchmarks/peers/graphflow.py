import graphflow as tf

from peers import tf1

VERSION = tf.__graphflow_version__
WORKLOADS = tf1.workloads(tf)
