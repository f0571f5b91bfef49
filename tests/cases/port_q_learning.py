"""Q-learning on a corridor: a table by one-hot rows, and a net with a target net copied by assigns."""
import numpy as np


def build(tf):
    inputs1 = tf.placeholder(shape=[1, 5], dtype=tf.float32)
    W = tf.Variable(tf.random_uniform([5, 2], 0, 0.01))
    Qout = tf.matmul(inputs1, W)
    predict = tf.argmax(Qout, 1)
    nextQ = tf.placeholder(shape=[1, 2], dtype=tf.float32)
    loss = tf.reduce_sum(tf.square(nextQ - Qout))
    updateModel = tf.train.GradientDescentOptimizer(learning_rate=0.1).minimize(loss)

    def net(x, names, size=6):
        w_init, b_init = tf.random_normal_initializer(0., 0.3), tf.constant_initializer(0.1)
        with tf.variable_scope('l1'):
            w1 = tf.get_variable('w1', [5, size], initializer=w_init, collections=names)
            b1 = tf.get_variable('b1', [1, size], initializer=b_init, collections=names)
            l1 = tf.nn.relu(tf.matmul(x, w1) + b1)
        with tf.variable_scope('l2'):
            w2 = tf.get_variable('w2', [size, 2], initializer=w_init, collections=names)
            b2 = tf.get_variable('b2', [1, 2], initializer=b_init, collections=names)
            return tf.matmul(l1, w2) + b2

    s = tf.placeholder(tf.float32, [None, 5], name='s')
    s_ = tf.placeholder(tf.float32, [None, 5], name='s_')
    r = tf.placeholder(tf.float32, [None], name='r')
    a = tf.placeholder(tf.int32, [None], name='a')
    with tf.variable_scope('eval_net'):
        q_eval = net(s, ['eval_net_params', tf.GraphKeys.GLOBAL_VARIABLES])
    with tf.variable_scope('target_net'):
        q_next = net(s_, ['target_net_params', tf.GraphKeys.GLOBAL_VARIABLES])
    with tf.variable_scope('q_target'):
        q_target = tf.stop_gradient(r + 0.9 * tf.reduce_max(q_next, axis=1, name='Qmax_s_'))
    with tf.variable_scope('q_eval'):
        a_indices = tf.stack([tf.range(tf.shape(a)[0], dtype=tf.int32), a], axis=1)
        q_eval_wrt_a = tf.gather_nd(params=q_eval, indices=a_indices)
    with tf.variable_scope('loss'):
        dqn_loss = tf.reduce_mean(tf.squared_difference(q_target, q_eval_wrt_a, name='TD_error'))
    with tf.variable_scope('train'):
        train_op = tf.train.AdamOptimizer(0.02).minimize(dqn_loss, var_list=tf.get_collection('eval_net_params'))
    t_params, e_params = tf.get_collection('target_net_params'), tf.get_collection('eval_net_params')
    with tf.variable_scope('soft_replacement'):
        replace = [tf.assign(t, e) for t, e in zip(t_params, e_params)]
        soft = [tf.assign(t, 0.99 * t + 0.01 * e) for t, e in zip(t_params, e_params)]
    return inputs1, Qout, predict, nextQ, updateModel, W, (s, s_, r, a, q_eval, dqn_loss, train_op, replace, soft)


def run(tf, built):
    inputs1, Qout, predict, nextQ, updateModel, W, (s, s_, r, a, q_eval, dqn_loss, train_op, replace, soft) = built
    losses, memory = [], []
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        state = 0
        for i in range(30):
            action, allQ = sess.run([predict, Qout], feed_dict={inputs1: np.identity(5)[state:state + 1]})
            if np.random.rand(1) < 0.5:
                action[0] = np.random.randint(2)
            new = min(4, state + 1) if action[0] else max(0, state - 1)
            reward = float(new == 4)
            maxQ1 = np.max(sess.run(Qout, feed_dict={inputs1: np.identity(5)[new:new + 1]}))
            targetQ = allQ
            targetQ[0, action[0]] = reward + .9 * maxQ1
            sess.run(updateModel, {inputs1: np.identity(5)[state:state + 1], nextQ: targetQ})
            memory.append((state, action[0], reward, new))
            state = 0 if new == 4 else new
        for i in range(25):
            states, actions, rewards, news = zip(*[memory[k] for k in np.random.choice(30, 8)])
            if i % 5 == 0:
                sess.run(replace)
            _, loss = sess.run([train_op, dqn_loss], {s: np.eye(5)[list(states)], s_: np.eye(5)[list(news)], r: rewards, a: actions})
            sess.run(soft)
            losses.append(loss)
        return {'losses': losses, 'W': W.eval(), 'q': sess.run(q_eval, {s: np.eye(5)}), 'states': [m[0] for m in memory]}
