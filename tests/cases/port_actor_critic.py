"""An actor with a Gaussian and a critic, TD errors fed by hand, soft copies, entropies, gradients combined."""
import numpy as np


def build(tf):
    s = tf.placeholder(tf.float32, [1, 3], 'state')
    v_ = tf.placeholder(tf.float32, [1, 1], 'v_next')
    r = tf.placeholder(tf.float32, None, 'r')
    a = tf.placeholder(tf.float32, None, name='act')
    td = tf.placeholder(tf.float32, None, name='td_error')
    init_w, init_b = tf.random_normal_initializer(0., .1), tf.constant_initializer(0.1)

    def dense(x, units, name, activation=None):
        with tf.variable_scope(name):
            w = tf.get_variable('kernel', [x.shape[1].value, units], initializer=init_w)
            b = tf.get_variable('bias', [units], initializer=init_b)
            y = tf.nn.bias_add(tf.matmul(x, w), b)
            return y if activation is None else activation(y)

    with tf.variable_scope('Critic'):
        v = dense(dense(s, 6, 'l1', tf.nn.relu), 1, 'V')
        with tf.variable_scope('squared_TD_error'):
            td_error = tf.reduce_mean(r + 0.9 * v_ - v)
            critic_loss = tf.square(td_error)
    with tf.variable_scope('train'):
        train_critic = tf.train.AdamOptimizer(0.01).minimize(critic_loss)
    with tf.variable_scope('Actor'):
        l1 = dense(s, 6, 'l1', tf.nn.tanh)
        mu = tf.squeeze(dense(l1, 1, 'mu', tf.nn.tanh) * 2)
        sigma = tf.squeeze(dense(l1, 1, 'sigma', tf.nn.softplus) + 0.1)
        log_prob = -0.5 * tf.square((a - mu) / sigma) - tf.log(sigma) - 0.5 * np.log(2 * np.pi).astype(np.float32)
        entropy = 0.5 + 0.5 * tf.log(2 * np.pi * sigma ** 2)
        exp_v = log_prob * td + 0.01 * entropy
        action = tf.clip_by_value(mu + sigma * tf.random_normal([], seed=4), -2, 2)
    actor_params = tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, scope='Actor')
    train_actor = tf.train.AdamOptimizer(0.005).minimize(-exp_v, tf.train.get_or_create_global_step(), var_list=actor_params)
    policy_grads = tf.gradients(ys=mu, xs=actor_params, grad_ys=td)
    target = [tf.Variable(p.initialized_value(), trainable=False) for p in actor_params]
    soft = [t.assign(tf.multiply(p, 0.1) + tf.multiply(t, 0.9)) for t, p in zip(target, actor_params)]
    return s, v_, r, a, td, v, td_error, train_critic, exp_v, train_actor, policy_grads, action, tf.group(*soft), target


def run(tf, built):
    s, v_, r, a, td, v, td_error, train_critic, exp_v, train_actor, policy_grads, action, soft, target = built
    out = {'error': [], 'exp_v': [], 'action': []}
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        state = np.array([1., 0., 0.5])
        for i in range(25):
            act = sess.run(action, {s: state[np.newaxis, :]})
            new = np.tanh(state + [0.1, act * 0.1, -0.1])
            reward = -float(np.sum(new ** 2))
            value = sess.run(v, {s: new[np.newaxis]})
            error, _ = sess.run([td_error, train_critic], {s: state[np.newaxis], v_: value, r: reward})
            _, e = sess.run([train_actor, exp_v], {s: state[np.newaxis], a: act, td: error})
            sess.run(soft)
            for key, item in zip(('error', 'exp_v', 'action'), (error, e, act)):
                out[key].append(item)
            state = new
        grads = sess.run([g for g in policy_grads if g is not None], {s: state[np.newaxis], td: 2.})
        out['grads'] = np.concatenate([g.ravel() for g in grads])
        out['missing'] = [g is None for g in policy_grads]
        out['target'] = sess.run(target[0])
    return out
