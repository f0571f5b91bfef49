"""Several graphs and sessions at once; counters by assign; state that belongs to its session."""
import numpy as np


def outcome(function):
    try:
        return str(function())
    except Exception as error:
        return '%s: %s' % (type(error).__name__, str(error).split('\n')[0])


def build(tf):
    g1, g2 = tf.Graph(), tf.Graph()
    with g1.as_default():
        v = tf.get_variable('v', shape=[2], initializer=tf.zeros_initializer())
        c1 = tf.constant(5.0)
    with g2.as_default():
        tf.set_random_seed(3)
        v2 = tf.get_variable('v', initializer=tf.ones_initializer()(shape=[1]))
        noise = tf.random_normal([2])
    state = tf.Variable(0, name='counter')
    one = tf.constant(1)
    new_value = tf.add(state, one)
    update = tf.assign(state, new_value)
    plus = state.assign_add(10)
    minus = tf.assign_sub(state, 3)
    double = state.assign(state * 2)
    W = tf.Variable(10)
    assign_op = W.assign(100)
    dependent = tf.Variable(W.initialized_value() * 2)
    return g1, g2, v, c1, v2, noise, state, update, plus, minus, double, W, assign_op, dependent


def run(tf, built):
    g1, g2, v, c1, v2, noise, state, update, plus, minus, double, W, assign_op, dependent = built
    out, said = {}, []
    with tf.Session(graph=g1) as sess:
        sess.run(g1.get_operation_by_name('v/Assign'))
        with tf.variable_scope('', reuse=True):
            out['g1'] = sess.run(tf.get_variable('v'))
        said += [outcome(lambda: sess.run(v2)), outcome(lambda: sess.run('nothing:0')), outcome(lambda: sess.run('nothing')),
                 outcome(lambda: sess.run(c1 + v2)), str(c1.graph is g1), str(tf.get_default_graph() is g1)]
    with tf.Session(graph=g2) as sess:
        with g2.as_default():
            sess.run(tf.global_variables_initializer())
            out['g2'], out['noise'] = sess.run(['v:0', noise])
    init = tf.global_variables_initializer()
    with tf.Session() as one, tf.Session() as two:
        one.run(init)
        two.run(init)
        out['one'] = [one.run(update) for _ in range(4)] + [one.run(plus), one.run(minus), one.run(double)]
        out['two'] = [two.run(update), two.run(state)]
        W.initializer.run(session=one)
        out['W'] = [W.eval(session=one)]
        one.run(assign_op)
        out['W'] += [one.run(W), two.run(W), dependent.eval(one)]
        W.load(7, two)
        out['W'].append(two.run(W))
    with tf.Session() as sess:
        said += [outcome(lambda: sess.run(state)), outcome(lambda: W.eval()), str(sess.graph is tf.get_default_graph())]
    said += [outcome(lambda: sess.run(state)), outcome(lambda: state.eval()), outcome(lambda: update.op.run())]
    return dict(out, said=said)
