"""The training ops that no optimizer of tf.train adds."""


def build(tf):
    raw, steps, variables = tf.raw_ops, [], []
    grad = tf.constant([[.5, -1.], [2., 0.]])
    for prefix in ('', 'Resource'):
        def slots(count):
            made = [tf.Variable(tf.constant([[1., 2.], [3., .5]]) * (.5 ** k), use_resource=bool(prefix))
                    for k in range(count)]
            variables.extend(made)
            return [v.handle if prefix else v._ref() for v in made]
        var, m, v = slots(3)
        steps.append(getattr(raw, prefix + 'ApplyAdaMax')(
            var=var, m=m, v=v, beta1_power=.9, lr=.1, beta1=.9, beta2=.99, epsilon=1e-3, grad=grad))
        for update_slots in (True, False):
            var, accum = slots(2)
            steps.append(getattr(raw, prefix + 'ApplyAdagradV2')(
                var=var, accum=accum, lr=.1, epsilon=.01, grad=grad, update_slots=update_slots))
            var, accum = slots(2)
            steps.append(getattr(raw, prefix + 'SparseApplyAdagradV2')(
                var=var, accum=accum, lr=.1, epsilon=.01, grad=grad[:1], indices=[1],
                update_slots=update_slots))
        var, m = slots(2)
        steps.append(getattr(raw, prefix + 'ApplyAddSign')(
            var=var, m=m, lr=.1, alpha=.7, sign_decay=.9, beta=.8, grad=grad))
        var, m = slots(2)
        steps.append(getattr(raw, prefix + 'ApplyPowerSign')(
            var=var, m=m, lr=.1, logbase=.5, sign_decay=.9, beta=.8, grad=grad))
    return tf.global_variables_initializer(), steps, variables


def run(tf, built):
    init, steps, variables = built
    values = {}
    with tf.Session() as session:
        session.run(init)
        for k in range(2):
            for step in steps:
                session.run(step.op if hasattr(step, 'op') else step)
            for i, v in enumerate(variables):
                values['%d %d' % (k, i)] = session.run(v)
    return values
