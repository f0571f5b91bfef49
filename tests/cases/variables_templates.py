"""tf.make_template."""


def outcome(function):
    try:
        return str(function()).partition('\n')[0]
    except Exception as error:
        return f'{type(error).__name__}: {str(error)}'.partition('\n')[0].partition(' Originally')[0]


def build(tf):
    said = {}

    def scaled(x):
        return tf.get_variable('w', [1]) * x

    shared = tf.make_template('f', scaled)
    said['calls'] = [shared(1.).name, shared(2.).name]
    said['about'] = [str(x) for x in (shared.variables, shared.name, shared.variable_scope_name, shared.trainable_variables,
                                      shared.global_variables, shared.local_variables, shared.func is scaled)]
    for options in ({}, {'create_scope_now_': True}, {'unique_name_': 'uf'}, {'x': 3.}):
        template = tf.make_template('f', scaled, **options)
        result = template() if 'x' in options else template(1.)
        said[f'options {len(said)}'] = [result.name, template.variable_scope.name]
    said['taken'] = outcome(lambda: tf.make_template('f', scaled, unique_name_='uf')(1.))
    said['no name'] = outcome(lambda: tf.make_template(None, scaled))
    inner = tf.make_template('outer', lambda x: tf.make_template('inner', scaled)(x))
    said['nested'] = outcome(lambda: inner(1.).name)
    changing = tf.make_template('h', lambda: tf.get_variable(f'n{len(tf.global_variables())}', [1]))
    changing()
    said['another'] = outcome(changing)
    unshared = tf.make_template('k', lambda: tf.Variable(1.))
    unshared()
    said['unshared'] = outcome(unshared)
    harmless = tf.make_template('l', lambda: tf.Variable(1., trainable=False))
    said['harmless'] = [harmless().name, harmless().name]

    def getter(getter, name, *args, **kwargs):
        return getter(name + '_got', *args, **kwargs)
    said['getter'] = tf.make_template('g', scaled, custom_getter_=getter)(1.).op.inputs[0].name
    with tf.variable_scope('vs'):
        late = tf.make_template('late', scaled)
        now = tf.make_template('now', scaled, create_scope_now_=True)
    said['late'] = [late(1.).name, now(1.).name, late.var_scope.name, now.var_scope.name, now(1.).name]
    return said


def run(tf, said):
    return said
