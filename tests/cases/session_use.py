"""Sessions, default sessions and graphs, callables: what users see, as text."""
import warnings


def build(tf):
    return dict(c=tf.constant(2., name='c'), p=tf.placeholder(tf.float32, name='p'), q=tf.placeholder(tf.float32, [2]))


def run(tf, n):
    import numpy as np
    c, p, q = n['c'], n['p'], n['q']
    s = tf.Session()
    found = {}

    def note(name, function):
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter('always')
            try:
                value = function()
                text = '%s %s' % (type(value).__name__, np.asarray(value).tolist() if not isinstance(value, dict) else sorted(value))
            except Exception as error:
                text = '%s: %s' % (type(error).__name__, str(error).split('\n')[0])
        found[name] = text + ''.join(' W ' + str(w.message)[:60] for w in said if w.category is UserWarning)

    note('options', lambda: s.run(c, options=tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), run_metadata=tf.RunMetadata()))
    note('bad options', lambda: s.run(c, options=5))
    note('callable', lambda: s.make_callable(c + p, [p])(1.))
    note('callable too many', lambda: s.make_callable(c + p, [p])(1., 2.))
    note('callable too few', lambda: s.make_callable(c + p, [p])())
    note('callable list', lambda: s.make_callable([c, c + p, p], [p])(1.))
    note('callable options', lambda: s.make_callable(c + p, [p], accept_options=True)(1., options=tf.RunOptions()))
    note('callable no list', lambda: s.make_callable(c + p, p))
    note('callable name', lambda: s.make_callable(c + p, ['p:0'])(1.))
    note('callable int', lambda: s.make_callable(c + p, [5])(1.))
    note('callable None', lambda: s.make_callable(None))
    note('callable nothing', lambda: s.make_callable([])())
    note('callable dict', lambda: s.make_callable({'a': c, 'b': c.op})())
    note('callable bad value', lambda: s.make_callable(c + p, [p])('a'))
    note('callable bad shape', lambda: s.make_callable(q * 2., [q])([1, 2, 3]))
    note('callable cast', lambda: s.make_callable(q * 2., [q])(np.zeros(2)))
    note('sess_str', lambda: s.sess_str.decode())
    note('graph_def', lambda: len(s.graph_def.node))
    note('device', lambda: s.list_devices()[0].name)
    note('config', lambda: tf.Session(config=tf.ConfigProto(
        intra_op_parallelism_threads=1, inter_op_parallelism_threads=2, allow_soft_placement=True,
        gpu_options=tf.GPUOptions(allow_growth=True))).run(c))

    i = tf.InteractiveSession()
    note('interactive', lambda: [tf.get_default_session() is i, float(c.eval())])
    note('interactive again', lambda: [x.close() for x in [tf.InteractiveSession()]])
    note('interactive inner closed', lambda: tf.get_default_session() is i)
    note('interactive closed', lambda: [i.close(), i.close(), tf.get_default_session()])
    note('interactive run', lambda: i.run(c))
    g = tf.Graph()
    j = tf.InteractiveSession(graph=g)
    note('interactive graph', lambda: tf.get_default_graph() is g)
    note('interactive graph closed', lambda: [j.close(), tf.get_default_graph() is c.graph])

    def nested(inner):
        with tf.Session() as outer:
            with inner(outer):
                pass
            return outer.run(c)
    note('with twice', lambda: nested(lambda x: x))
    note('as_default within', lambda: nested(lambda x: x.as_default()))

    def after():
        with tf.Session() as x:
            pass
        return x.run(c)
    note('after with', after)

    def default():
        with s.as_default():
            a = c.eval()
        with s.as_default() as same:
            return [float(a), float(c.eval()), same is s, tf.get_default_session() is s]
    note('as_default', default)

    def raising():
        with tf.Session():
            raise KeyError('x')
    note('raising', raising)
    note('stack', lambda: [tf.get_default_session(), tf.get_default_graph() is c.graph])

    def other_graph():
        h = tf.Graph()
        with tf.Session(graph=h) as x:
            d = tf.constant(5.)
            return [d.graph is h, x.graph is h, float(x.run(d)), float(d.eval())]
    note('other graph', other_graph)
    note('other graph eval', lambda: c.eval(session=tf.Session(graph=tf.Graph())))
    note('close twice', lambda: [s.close(), s.close()])
    note('closed', lambda: s.run(c))
    return found
