"""Policy gradients: a bandit, and an agent on a small corridor with gradients held back in buffers."""
import numpy as np


def build(tf):
    weights = tf.Variable(tf.ones([4]))
    chosen_action = tf.argmax(weights, 0)
    reward_holder = tf.placeholder(shape=[1], dtype=tf.float32)
    action_holder = tf.placeholder(shape=[1], dtype=tf.int32)
    responsible_weight = tf.slice(weights, action_holder, [1])
    bandit_loss = -(tf.log(responsible_weight) * reward_holder)
    bandit_update = tf.train.GradientDescentOptimizer(learning_rate=0.1).minimize(bandit_loss)

    class agent():
        def __init__(self, lr, s_size, a_size, h_size):
            self.state_in = tf.placeholder(shape=[None, s_size], dtype=tf.float32)
            w1 = tf.get_variable('w1', [s_size, h_size], initializer=tf.glorot_uniform_initializer(seed=3))
            w2 = tf.get_variable('w2', [h_size, a_size], initializer=tf.variance_scaling_initializer(seed=4))
            self.output = tf.nn.softmax(tf.matmul(tf.nn.relu(tf.matmul(self.state_in, w1)), w2))
            self.chosen_action = tf.argmax(self.output, 1)
            self.reward_holder = tf.placeholder(shape=[None], dtype=tf.float32)
            self.action_holder = tf.placeholder(shape=[None], dtype=tf.int32)
            self.indexes = tf.range(0, tf.shape(self.output)[0]) * tf.shape(self.output)[1] + self.action_holder
            self.responsible_outputs = tf.gather(tf.reshape(self.output, [-1]), self.indexes)
            self.loss = -tf.reduce_mean(tf.log(self.responsible_outputs) * self.reward_holder)
            tvars = tf.trainable_variables()[1:]
            self.gradient_holders = []
            for idx, var in enumerate(tvars):
                placeholder = tf.placeholder(tf.float32, name=str(idx) + '_holder')
                self.gradient_holders.append(placeholder)
            self.gradients = tf.gradients(self.loss, tvars)
            optimizer = tf.train.AdamOptimizer(learning_rate=lr)
            self.update_batch = optimizer.apply_gradients(zip(self.gradient_holders, tvars))
            log_prob = tf.nn.sparse_softmax_cross_entropy_with_logits(logits=tf.log(self.output), labels=self.action_holder)
            self.entropy = -tf.reduce_sum(self.output * tf.log(self.output + 1e-8), 1)
            self.sample = tf.multinomial(tf.log(self.output), 3, seed=5)
            self.neg_log = tf.reduce_mean(log_prob * self.reward_holder)

    return chosen_action, reward_holder, action_holder, bandit_loss, bandit_update, weights, agent(0.02, 4, 2, 8)


def run(tf, built):
    chosen_action, reward_holder, action_holder, bandit_loss, bandit_update, weights, me = built
    out = {'actions': [], 'returns': [], 'probabilities': []}
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for i in range(20):
            action = np.random.randint(4)
            reward = 1 if action == 2 else -1
            sess.run(bandit_update, {reward_holder: [reward], action_holder: [action]})
            out['actions'].append(sess.run(chosen_action))
        buffer = [np.zeros([4, 8]), np.zeros([8, 2])]
        for episode in range(12):
            s, history = 0, []
            for step in range(5):
                state = np.eye(4)[s]
                p = sess.run(me.output, feed_dict={me.state_in: [state]})[0]
                a = int(np.random.rand() < p[1])
                s = min(3, s + 1) if a else max(0, s - 1)
                history.append((state, a, float(s == 3)))
            states, actions, rewards = map(np.array, zip(*history))
            discounted = np.array([sum(r * 0.9 ** k for k, r in enumerate(rewards[i:])) for i in range(5)])
            feed = {me.reward_holder: discounted, me.action_holder: actions, me.state_in: states}
            for i, g in enumerate(sess.run(me.gradients, feed)):
                buffer[i] += g
            if episode % 3 == 2:
                sess.run(me.update_batch, dict(zip(me.gradient_holders, buffer)))
                buffer = [b * 0 for b in buffer]
            out['returns'].append(rewards.sum())
            out['probabilities'].append(p[1])
        out['entropy'], out['sample'], out['neg_log'], out['weights'] = sess.run(
            [me.entropy, me.sample, me.neg_log, weights], feed)
    return out
