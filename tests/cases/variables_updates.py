"""Reading, assigning, scattering: values and the errors of a run, after which an update by assignment left no trace."""
import numpy as np


def build(tf):
    return None


def outcome(function):
    try:
        return np.asarray(function()).astype(str).tolist()
    except Exception as error:
        return getattr(error, 'message', str(error)).partition('\n')[0]


def run(tf, _):
    results = {}
    p, i = tf.placeholder(tf.float32), tf.placeholder(tf.int32)
    sess = tf.Session()

    def made(value, **options):
        variable = tf.Variable(value, **options)
        sess.run(variable.initializer)
        return variable

    def note(name, fetch, feed=None):
        results[name] = outcome(lambda: sess.run(fetch, feed))

    def steps(name, *fetches):
        results[name] = [str(outcome(lambda: sess.run(f, d))) for f, d in fetches]

    cold = tf.Variable([1., 2.], name='cold')
    for name, fetch in dict(read=cold, add=cold.assign_add([1., 1.]), plus=cold + 1, scatter=tf.scatter_add(cold, [0], [1.]),
                            rank=tf.assert_variables_initialized([cold]),
                            count=tf.count_up_to(tf.Variable(1, name='cold2'), 3)).items():
        note('cold ' + name, fetch)
    note('is initialized', [tf.is_variable_initialized(cold), tf.is_variable_initialized(made(1.))])
    v = made([1., 2.])
    note('assign of another shape', tf.assign(v, p), {p: [1, 2, 3]})
    note('assign of another shape to cold', tf.assign(cold, p), {p: [1, 2, 3]})
    note('add of another shape', tf.assign_add(v, p), {p: [1, 2, 3]})
    note('add of a scalar', tf.assign_add(v, p), {p: 1.})
    note('unchanged', v)
    any_shape = tf.Variable(p, validate_shape=False)
    steps('any shape', (any_shape.initializer, {p: [1., 2.]}), (any_shape, None), (any_shape.assign(p), {p: [1, 2, 3]}),
          (tf.assign(any_shape, p, validate_shape=False), {p: [[1, 2, 3]]}), (any_shape, None))
    for op in 'update add sub mul div min max'.split():
        scatter = getattr(tf, 'scatter_' + op)
        a = made(np.arange(1, 7, dtype=np.float32).reshape(3, 2))
        note(f'{op} rows', scatter(a, [[0], [2], [0]], [[[10., 1.]], [[2., 3.]], [[4., .5]]]))
        note(f'{op} one number', scatter(a, [1, 1], 4.))
        note(f'{op} ints', scatter(made(np.arange(1, 4)), [0, 2], [2, -2]))
        note(f'{op} int64 indices', scatter(made([1., 2.]), np.int64([1]), [3.]))
        slices = tf.IndexedSlices(values=tf.constant([3.]), indices=[1])
        note(f'{op} slices', getattr(made([1., 2.]), 'scatter_' + op)(slices))
        for kind in (tf.float64, tf.int64) if op in ('min', 'max') else (tf.float64, tf.int64, tf.complex64, tf.uint8):
            note(f'{op} {kind.name}', scatter(made(tf.cast([4, 6, 8], kind)), [0, 2, 0], tf.cast([2, 1, 2], kind)))
    a = made([1., 2., 3.])
    update = tf.scatter_update(a, i, p)
    steps('scatter errors', *[(update, {i: x, p: y}) for x, y in (
        ([5], [1.]), ([-1], [1.]), ([0, 1], [1.]), ([[0, 1]], [1., 1.]), (1, 5.), ([], []), ([0, 1], 7.))])
    for op in 'update add sub'.split():
        a = made(np.arange(6, dtype=np.float32).reshape(3, 2))
        scatter = getattr(tf, 'scatter_nd_' + op)(a, i, p)
        steps(f'nd {op}', *[(scatter, {i: x, p: y}) for x, y in (
            ([[0], [2], [0]], [[1., 2], [3, 4], [5, 6]]), ([[0, 1], [2, 0], [0, 1]], [10., 20, 30]), ([[5]], [[1., 1]]),
            ([[0, 5]], [1.]), ([[0, 0, 0]], [1.]), ([[0]], [1.]), (np.zeros((0, 2)), []), ([0, 1], 5.), ([1], [1., 2.]),
            ([[[0], [1]]], [[[1., 1], [2, 2]]]), (np.zeros((1, 0)), [[[1., 1], [2, 2], [3, 3]]]), ([[0, 1]], [1., 2.]),
            (1, 1.))])
        note(f'nd method {op}', getattr(made([1., 2.]), 'scatter_nd_' + op)([[1]], [5.]))
    rows = made(np.zeros([2, 3, 2], np.float32))
    note('batch', rows.batch_scatter_update(tf.IndexedSlices(values=tf.ones([2, 1, 2]), indices=tf.constant([[2], [0]]))))
    counter = made(0)
    up = counter.count_up_to(2)
    steps('count up', (up, None), (up, None), (up, None), (counter, None))
    v = made([1., 2.])
    v.load([3., 4.], sess)
    results['loaded'] = v.eval(sess)
    results['loaded wrongly'] = outcome(lambda: v.load([3.], sess))
    note('assigned slice', v[0].assign(9.))
    note('assigned part', v[:1].assign([8.]))
    note('strings', tf.scatter_update(made(['a', 'b']), [0], ['z']))
    note('many', [v, v.assign_add([1., 1.]), v.value(), v.read_value()])
    with tf.control_dependencies([v.assign_add([1., 1.])]):
        note('read after', v.read_value())
    note('names', tf.report_uninitialized_variables([cold, v]))
    note('booleans', made([True, False]).assign([False, True]))
    temporary = tf.raw_ops.TemporaryVariable(shape=[2], dtype=tf.float32, var_name='t')
    changed = tf.assign_add(tf.assign(temporary, [1., 2.]), [3., 4.])
    note('temporary', tf.raw_ops.DestroyTemporaryVariable(ref=changed, var_name='t'))
    return {name: value if isinstance(value, np.ndarray) else [str(value)] for name, value in results.items()}
