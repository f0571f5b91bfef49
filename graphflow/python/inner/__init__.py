"""Names that TensorFlow has only in its inner modules, one file a module: `framework_ops` is `python.framework.ops`.

`mirror.py` looks here first. What a name does is done elsewhere in graphflow; here it gets the arguments and results
that programs written against those modules expect.
"""
