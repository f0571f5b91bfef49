"""The graph of a two-layer MNIST classifier, in the four parts that "TensorFlow Mechanics 101" programs use.

`inference` predicts, `loss` says how wrong it is, `training` adds the step that lowers the loss, `evaluation`
counts right answers.
"""
import graphflow as tf

NUM_CLASSES = 10
IMAGE_SIZE = 28
IMAGE_PIXELS = IMAGE_SIZE * IMAGE_SIZE


def inference(images, hidden1_units, hidden2_units):
    """The logits of two ReLU layers and a linear one.

    Args:
        images: float32 tensor of shape [batch, IMAGE_PIXELS].
        hidden1_units: size of the first hidden layer.
        hidden2_units: size of the second.

    Returns:
        float32 tensor of shape [batch, NUM_CLASSES].
    """
    hidden1 = _layer(images, IMAGE_PIXELS, hidden1_units, 'hidden1', tf.nn.relu)
    hidden2 = _layer(hidden1, hidden1_units, hidden2_units, 'hidden2', tf.nn.relu)
    return _layer(hidden2, hidden2_units, NUM_CLASSES, 'softmax_linear')


def loss(logits, labels):
    """The mean cross-entropy of `logits`, [batch, NUM_CLASSES], and `labels`, integers of shape [batch]."""
    return tf.losses.sparse_softmax_cross_entropy(labels=tf.cast(labels, tf.int64), logits=logits)


def training(loss, learning_rate):
    """The operation that makes one step of gradient descent, counted by a variable `global_step`.

    The loss becomes a summary too: `tf.summary.merge_all()` has it.
    """
    tf.summary.scalar('loss', loss)
    global_step = tf.Variable(0, name='global_step', trainable=False)
    return tf.train.GradientDescentOptimizer(learning_rate).minimize(loss, global_step=global_step)


def evaluation(logits, labels):
    """How many rows of `logits`, [batch, NUM_CLASSES], are largest at their label, [batch]; int32 scalar."""
    return tf.reduce_sum(tf.cast(tf.nn.in_top_k(logits, labels, 1), tf.int32))


def _layer(inputs, fan_in, units, name, activation=None):
    with tf.name_scope(name):
        initial = tf.truncated_normal([fan_in, units], stddev=fan_in**-0.5)   # outputs vary as inputs do
        weights = tf.Variable(initial, name='weights')
        biases = tf.Variable(tf.zeros([units]), name='biases')
        outputs = tf.matmul(inputs, weights) + biases
        return activation(outputs) if activation else outputs
