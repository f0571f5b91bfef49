"""A recurrent net of characters unrolled by hand, sampled with a temperature; and an LSTM cell of one matrix."""
import numpy as np

text = 'hello world hello words '
chars = sorted(set(text))
codes = [chars.index(c) for c in text]
V, H, T = len(chars), 8, 6


def build(tf):
    inputs = tf.placeholder(tf.int32, [None, T])
    targets = tf.placeholder(tf.int32, [None, T])
    init_state = tf.placeholder(tf.float32, [1, H], name='state')
    temperature = tf.placeholder_with_default(1.0, [])
    initializer = tf.random_normal_initializer(stddev=0.1)
    onehot = tf.one_hot(inputs, V)
    with tf.variable_scope('RNN') as scope:
        hs_t = init_state
        ys = []
        for t, xs_t in enumerate(tf.split(onehot, T, axis=1)):
            if t > 0:
                scope.reuse_variables()
            xs_t = tf.squeeze(xs_t, [1])
            Wxh = tf.get_variable('Wxh', [V, H], initializer=initializer)
            Whh = tf.get_variable('Whh', [H, H], initializer=initializer)
            Why = tf.get_variable('Why', [H, V], initializer=initializer)
            bh = tf.get_variable('bh', [H], initializer=initializer)
            by = tf.get_variable('by', [V], initializer=initializer)
            hs_t = tf.tanh(tf.matmul(xs_t, Wxh) + tf.matmul(hs_t, Whh) + bh)
            ys.append(tf.matmul(hs_t, Why) + by)
    hprev = hs_t
    output_softmax = tf.nn.softmax(ys[-1] / temperature)
    outputs = tf.concat(ys, axis=0)
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(logits=outputs, labels=tf.reshape(targets, [-1])))
    minimizer = tf.train.AdamOptimizer(0.02)
    grads_and_vars = minimizer.compute_gradients(loss)
    grad_clipping = tf.constant(5.0, name='grad_clipping')
    clipped = [(tf.clip_by_value(grad, -grad_clipping, grad_clipping), var) for grad, var in grads_and_vars]
    updates = minimizer.apply_gradients(clipped)

    with tf.variable_scope('lstm'):
        embedding = tf.get_variable('embedding', [V, H])
        W = tf.get_variable('W', [2 * H, 4 * H])
        b = tf.get_variable('b', [4 * H], initializer=tf.zeros_initializer())
        c, h = tf.zeros([1, H]), tf.zeros([1, H])
        hidden = []
        for x in tf.unstack(tf.nn.embedding_lookup(embedding, inputs), axis=1):
            i, j, f, o = tf.split(tf.matmul(tf.concat([x, h], 1), W) + b, 4, 1)
            c = c * tf.sigmoid(f + 1.) + tf.sigmoid(i) * tf.tanh(j)
            h = tf.tanh(c) * tf.sigmoid(o)
            hidden.append(h)
        logits = tf.tensordot(tf.stack(hidden, 1), embedding, [[2], [1]])
        lstm_loss = tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits))
        lstm_step = tf.train.RMSPropOptimizer(0.01).minimize(lstm_loss)
    return inputs, targets, init_state, temperature, loss, updates, hprev, output_softmax, lstm_loss, lstm_step


def run(tf, built):
    inputs, targets, init_state, temperature, loss, updates, hprev, output_softmax, lstm_loss, lstm_step = built
    out = {'loss': [], 'lstm': []}
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        state = np.zeros([1, H])
        for n in range(24):
            p = n % 3 * T
            feed = {inputs: [codes[p:p + T]], targets: [codes[p + 1:p + T + 1]], init_state: state}
            state, l, _ = sess.run([hprev, loss, updates], feed_dict=feed)
            out['loss'].append(l)
            out['lstm'].append(sess.run([lstm_step, lstm_loss], feed)[1])
        feed.update({temperature: 0.5})
        out['cold'] = sess.run(output_softmax, feed)
        out['hot'], out['state'] = sess.run([output_softmax, hprev], {inputs: feed[inputs], init_state: state, temperature: 5.})
    return out
