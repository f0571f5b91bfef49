"""Switches between TensorFlow 1 and 2 behaviour. graphflow is TensorFlow 1's graph mode, so most are settled."""

from graphflow.framework.export import export


def _already_so(*names):
    """Publishes functions that ask for what is the case anyway."""
    for name in names:
        def settled():
            """Does nothing: graphflow always behaves so."""
        settled.__name__ = settled.__qualname__ = name
        export(name)(settled)


def _never(reason, *names):
    """Publishes functions that ask for what graphflow does not do, and say so."""
    for name in names:
        export(name)(_refusal(name, reason))


def _refusal(name, reason):
    def refuse(*args, **kwargs):
        raise NotImplementedError(f'tf.{name}: {reason}')
    refuse.__name__ = refuse.__qualname__ = name
    return refuse


_already_so('disable_v2_behavior', 'disable_eager_execution', 'disable_v2_tensorshape', 'disable_control_flow_v2',
            'disable_tensor_equality')
_never('graphflow builds graphs and runs them in a tf.Session; it does not execute eagerly',
       'enable_eager_execution', 'enable_v2_behavior')
_never('shapes have the type tf.Dimension for their sizes, as in TensorFlow 1', 'enable_v2_tensorshape')
_never('control flow is made of Switch, Merge, Enter and Exit ops, as in TensorFlow 1', 'enable_control_flow_v2')
_never('tensors are compared by identity, as in TensorFlow 1', 'enable_tensor_equality')


@export('executing_eagerly')
def executing_eagerly():
    """False: ops are added to a graph and run by a session."""
    return False


@export('control_flow_v2_enabled')
def control_flow_v2_enabled():
    """False: `tf.cond` and `tf.while_loop` build Switch, Merge, Enter and Exit ops."""
    return False
