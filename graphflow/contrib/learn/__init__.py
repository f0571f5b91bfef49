"""`tf.contrib.learn`: only its data sets. Its estimators are not part of graphflow."""
from graphflow.contrib.learn.python.learn import datasets

__all__ = ['datasets']
