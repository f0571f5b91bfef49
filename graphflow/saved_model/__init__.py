"""tf.saved_model: a directory with graphs, their signatures, one set of variables and other files they read."""
from graphflow.saved_model import (builder, constants, loader, main_op, signature_constants,    # noqa: F401
                                   signature_def_utils, simple, tag_constants, utils)
