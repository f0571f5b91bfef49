"""Small programs around tf.saved_model, and what is to be compared of them.

`tests/record/files_programs.py` runs them under TensorFlow 1.15.5, `tests/files/test_graph_def.py` under graphflow.
"""
import importlib
import os
import tempfile

import numpy as np


def folder():
    return os.path.join(tempfile.mkdtemp(), 'model')


def files_in(path):
    return sorted(os.path.relpath(os.path.join(where, name), path) for where, _, names in os.walk(path) for name in names)


def module(tf, name):
    return importlib.import_module(tf.__name__ + '.python.saved_model.' + name)


def model(tf, resource=False):
    x = tf.placeholder(tf.float32, [None, 2], name='x')
    w = tf.get_variable('w', initializer=np.arange(6, dtype=np.float32).reshape(2, 3), use_resource=resource)
    return x, tf.matmul(x, w, name='y')


def saved(tf, path, tags=('serve',), resource=False, **kwargs):
    """Writes the model in a graph of its own."""
    with tf.Graph().as_default(), tf.Session() as session:
        x, y = model(tf, resource)
        session.run(tf.global_variables_initializer())
        builder = tf.saved_model.builder.SavedModelBuilder(path)
        signature = tf.saved_model.signature_def_utils.predict_signature_def({'in': x}, {'out': y})
        builder.add_meta_graph_and_variables(session, list(tags), {'serving_default': signature}, **kwargs)
        return builder


def messages(tf, path):
    """The MetaGraphDefs of a SavedModel as plain data."""
    load = module(tf, 'loader_impl')
    return [describe(graph) for graph in load.SavedModelLoader(path).saved_model.meta_graphs]


def describe(graph):
    saver = graph.saver_def
    collections = {}
    for key, value in graph.collection_def.items():
        if key not in ('variables', 'trainable_variables'):
            items = getattr(value, value.WhichOneof('kind')).value
            collections[key] = [[i.type_url, i.value.decode()] if hasattr(i, 'type_url') else str(i) for i in items]
    return {'nodes': [[n.name, n.op, list(n.input), sorted(n.attr), n.device] for n in graph.graph_def.node],
            'tags': list(graph.meta_info_def.tags), 'stripped': graph.meta_info_def.stripped_default_attrs,
            'saver': [saver.filename_tensor_name, saver.save_tensor_name, saver.restore_op_name, saver.sharded],
            'signatures': {name: ' '.join(str(s).split()) for name, s in graph.signature_def.items()},
            'collections': collections}


def simple(resource):
    def program(tf):
        path = folder()
        with tf.Session() as session:
            x, y = model(tf, resource)
            session.run(tf.global_variables_initializer())
            tf.saved_model.simple_save(session, path, {'in': x}, {'out': y})
        return [files_in(path), messages(tf, path), loaded(tf, path), loaded(tf, path, import_scope='q')]
    return program


def loaded(tf, path, tags=('serve',), fetch='y:0', feeds=None, **kwargs):
    with tf.Graph().as_default() as graph, tf.Session() as session:
        try:
            message = tf.saved_model.loader.load(session, list(tags), path, **kwargs)
            scope = kwargs.get('import_scope', '')
            scope = scope and scope + '/'
            feeds = {scope + 'x:0': [[1., 2.]]} if feeds is None else feeds
            value = np.asarray(session.run(scope + fetch, feeds)).tolist()
            value = value.decode().replace(path, 'DIR') if isinstance(value, bytes) else value
            return [type(message).__name__, value, [op.name for op in graph.get_operations()],
                    [repr(v) for v in tf.global_variables()]]
        except Exception as error:
            return [type(error).__name__, str(error).replace(path, 'DIR')]


def wrong_tags(tags):
    def program(tf):
        path = folder()
        saved(tf, path).save()
        return loaded(tf, path, tags)
    return program


def missing(tf):
    return loaded(tf, '/nonexistent')


def empty_file(tf):
    path = folder()
    os.makedirs(path)
    open(os.path.join(path, 'saved_model.pb'), 'w').close()
    return loaded(tf, path), tf.saved_model.contains_saved_model(path), tf.saved_model.contains_saved_model(path + '2')


def exists(tf):
    path = folder()
    os.makedirs(path)
    made = [type(tf.saved_model.builder.SavedModelBuilder(path)).__name__]
    open(os.path.join(path, 'x'), 'w').close()
    try:
        tf.saved_model.builder.SavedModelBuilder(path)
    except AssertionError as error:
        return made, str(error).replace(path, 'DIR')


def graph_first(tf):
    tf.saved_model.builder.SavedModelBuilder(folder()).add_meta_graph(['t'])


def variables_twice(tf):
    builder = saved(tf, folder())
    with tf.Session() as session:
        builder.add_meta_graph_and_variables(session, ['t'])


def without_variables(tf):
    path = folder()
    builder = tf.saved_model.builder.SavedModelBuilder(path)
    with tf.Session() as session:
        x = tf.placeholder(tf.float32, [], name='x')
        tf.identity(x, name='y')
        builder.add_meta_graph_and_variables(session, ['t'])
    written = builder.save()
    return written.decode().replace(path, 'DIR'), files_in(path), messages(tf, path), loaded(tf, path, ['t'],
                                                                                           feeds={'x:0': 3.})


def two_graphs(tf):
    path = folder()
    builder = saved(tf, path, ['t'])
    with tf.Graph().as_default(), tf.device('/cpu:0'):
        model(tf)
        builder.add_meta_graph(['u', 'v'], strip_default_attrs=True, clear_devices=True)
    written = builder.save(as_text=True)
    return [written.decode().replace(path, 'DIR'), files_in(path), messages(tf, path)] + [
        loaded(tf, path, tags) for tags in (['t'], ['v', 'u'])]


def with_assets(tf):
    path = folder()
    vocabulary = os.path.join(tempfile.mkdtemp(), 'vocab.txt')
    with open(vocabulary, 'w') as file:
        file.write('hello')
    name = tf.constant(vocabulary, name='vocab')
    v = tf.Variable('x', name='v')
    tf.add_to_collection(tf.GraphKeys.ASSET_FILEPATHS, name)
    builder = tf.saved_model.builder.SavedModelBuilder(path)
    with tf.Session() as session:
        session.run(v.initializer)
        main = tf.group(tf.assign(v, name), name='main')
        builder.add_meta_graph_and_variables(session, ['t'], main_op=main, assets_collection=tf.get_collection(
            tf.GraphKeys.ASSET_FILEPATHS))
    builder.save()
    with open(os.path.join(path, 'assets', 'vocab.txt')) as file:
        return files_in(path), file.read(), messages(tf, path), loaded(tf, path, ['t'], 'v:0', {})


def assets_of_one_name(tf):
    path = folder()
    names = []
    for i in range(2):
        file_name = os.path.join(tempfile.mkdtemp(), 'vocab.txt')
        with open(file_name, 'w') as file:
            file.write(str(i))
        names.append(tf.constant(file_name, name='n%d' % i))
    with tf.Session() as session:
        builder = tf.saved_model.builder.SavedModelBuilder(path)
        builder.add_meta_graph_and_variables(session, ['t'], assets_collection=names + names[:1])
    builder.save()
    return files_in(path), messages(tf, path)


def initialized(*arguments):
    def program(tf):
        path = folder()
        builder = tf.saved_model.builder.SavedModelBuilder(path)
        v = tf.Variable(1., name='v')
        more = tf.group(tf.assign_add(v, 1.), name='more')
        with tf.Session() as session:
            session.run(v.initializer)
            builder.add_meta_graph_and_variables(session, ['t'], **dict.fromkeys(arguments, more))
        builder.save()
        return messages(tf, path), loaded(tf, path, ['t'], 'v:0', {})
    return program


def refused_op(argument):
    def program(tf):
        builder = tf.saved_model.builder.SavedModelBuilder(folder())
        with tf.Session() as session:
            builder.add_meta_graph_and_variables(session, ['t'], **{argument: 3})
    return program


def refused_asset(value):
    def program(tf):
        builder = tf.saved_model.builder.SavedModelBuilder(folder())
        with tf.Session() as session:
            builder.add_meta_graph_and_variables(session, ['t'], assets_collection=[value(tf)])
    return program


def refused_signature(change):
    def program(tf):
        x = tf.placeholder(tf.float32, [None, 2], name='x')
        info = tf.saved_model.utils.build_tensor_info(x)
        key = change(info) or 'key'
        builder = tf.saved_model.builder.SavedModelBuilder(folder())
        with tf.Session() as session:
            builder.add_meta_graph_and_variables(
                session, ['t'], {key: tf.saved_model.signature_def_utils.build_signature_def({'a': info})})
    return program


def signatures(tf):
    """Every kind of signature, of tensors that suit and of others."""
    x = tf.placeholder(tf.float32, [None, 2], name='x')
    s = tf.placeholder(tf.string, [None], name='s')
    i = tf.placeholder(tf.int64, name='i')
    make = tf.saved_model.signature_def_utils
    info = tf.saved_model.utils.build_tensor_info
    calls = [
        lambda: make.predict_signature_def({'a': x, 'b': s}, {'c': i}),
        lambda: make.predict_signature_def(None, {'b': x}),
        lambda: make.predict_signature_def({'a': x}, {}),
        lambda: make.regression_signature_def(s, x),
        lambda: make.regression_signature_def(None, x),
        lambda: make.regression_signature_def(x, x),
        lambda: make.regression_signature_def(s, i),
        lambda: make.regression_signature_def(s, None),
        lambda: make.classification_signature_def(s, s, x),
        lambda: make.classification_signature_def(s, None, x),
        lambda: make.classification_signature_def(s, s, None),
        lambda: make.classification_signature_def(s, None, None),
        lambda: make.classification_signature_def(None, s, x),
        lambda: make.classification_signature_def(x, s, x),
        lambda: make.classification_signature_def(s, x, x),
        lambda: make.classification_signature_def(s, s, s),
        lambda: make.build_signature_def(),
        lambda: make.build_signature_def({'a': info(x)}, None, 'name'),
        lambda: make.build_signature_def({'inputs': info(x)}, {'outputs': info(x)}, 'tensorflow/serving/regress'),
        lambda: make.build_signature_def({'inputs': info(s)}, {'classes': info(x)}, 'tensorflow/serving/classify'),
        lambda: make.build_signature_def({'inputs': info(s)}, {'other': info(s)}, 'tensorflow/serving/classify'),
        lambda: make.build_signature_def({'other': info(s)}, {'scores': info(x)}, 'tensorflow/serving/classify'),
        lambda: info(tf.SparseTensor([[0]], [1.], [3])),
        lambda: info(i),
        lambda: info(tf.Variable(1., name='v')),
        lambda: info(3),
    ]
    found = []
    for call in calls:
        try:
            made = call()
            fields = {'text': ' '.join(str(made).split())} if not hasattr(made, 'inputs') else {
                'inputs': {k: ' '.join(str(v).split()) for k, v in made.inputs.items()},
                'outputs': {k: ' '.join(str(v).split()) for k, v in made.outputs.items()},
                'method': made.method_name, 'valid': make.is_valid_signature(made)}
            found.append(fields)
        except Exception as error:
            found.append([type(error).__name__, str(error)])
    return found


def tensors(tf):
    x = tf.placeholder(tf.float32, [None, 2], name='q/x')
    sparse = tf.sparse_placeholder(tf.float32, [3], name='sp')
    utils = tf.saved_model.utils
    info = utils.build_tensor_info(x)
    found = [utils.get_tensor_from_tensor_info(info).name]
    info.name = 'x:0'
    found.append(utils.get_tensor_from_tensor_info(info, import_scope='q').name)
    again = utils.get_tensor_from_tensor_info(utils.build_tensor_info(sparse))
    return found + [again.values.name, again.indices.name, again.dense_shape.name]


def main_op(tf):
    tf.Variable(1.)
    op = tf.saved_model.main_op.main_op()
    more = tf.saved_model.main_op_with_restore(tf.no_op(name='restored'))
    return op.name, more.name, [[n.name, n.type, sorted(c.name for c in n.control_inputs)]
                                for n in tf.get_default_graph().get_operations()]


def own_saver(tf):
    path = folder()
    with tf.Session() as session:
        model(tf)
        session.run(tf.global_variables_initializer())
        builder = tf.saved_model.builder.SavedModelBuilder(path)
        builder.add_meta_graph_and_variables(session, ['t'], saver=tf.train.Saver(name='mine'))
        builder.save()
    return files_in(path), messages(tf, path), loaded(tf, path, ['t'])


def constants(tf):
    names = {'constants': 'ASSETS_DIRECTORY ASSETS_KEY LEGACY_INIT_OP_KEY MAIN_OP_KEY SAVED_MODEL_FILENAME_PB '
                          'SAVED_MODEL_FILENAME_PBTXT SAVED_MODEL_SCHEMA_VERSION VARIABLES_DIRECTORY VARIABLES_FILENAME',
             'tag_constants': 'SERVING TRAINING GPU TPU',
             'signature_constants': 'CLASSIFY_INPUTS CLASSIFY_METHOD_NAME CLASSIFY_OUTPUT_CLASSES '
                                    'CLASSIFY_OUTPUT_SCORES DEFAULT_SERVING_SIGNATURE_DEF_KEY PREDICT_INPUTS '
                                    'PREDICT_METHOD_NAME PREDICT_OUTPUTS REGRESS_INPUTS REGRESS_METHOD_NAME '
                                    'REGRESS_OUTPUTS'}
    return [[getattr(getattr(tf.saved_model, module), name) for name in found.split()] for module, found in names.items()]


PROGRAMS = {
    'simple save': simple(False),
    'simple save of resources': simple(True),
    'unknown tag': wrong_tags(['train']),
    'more tags': wrong_tags(['serve', 'gpu']),
    'no tags': wrong_tags([]),
    'no directory': missing,
    'empty file': empty_file,
    'directory exists': exists,
    'graph without variables before': graph_first,
    'variables twice': variables_twice,
    'no variables': without_variables,
    'two graphs': two_graphs,
    'assets': with_assets,
    'assets of one name': assets_of_one_name,
    'asset that is not constant': refused_asset(lambda tf: tf.placeholder(tf.string, [], name='p')),
    'asset that is no text': refused_asset(lambda tf: tf.constant(1, name='c')),
    'asset that is no tensor': refused_asset(lambda tf: 'name'),
    'legacy init op': initialized('legacy_init_op'),
    'main op': initialized('main_op'),
    'both ops': initialized('main_op', 'legacy_init_op'),
    'main op is none': refused_op('main_op'),
    'legacy init op is none': refused_op('legacy_init_op'),
    'signature without dtype': refused_signature(lambda info: info.ClearField('dtype')),
    'signature without name': refused_signature(lambda info: info.ClearField('name')),
    'signature of reserved name': refused_signature(lambda info: '__saved_model_init_op'),
    'signature of another reserved name': refused_signature(lambda info: '__saved_model_train_op'),
    'signatures': signatures,
    'tensors': tensors,
    'main_op function': main_op,
    'own saver': own_saver,
    'constants': constants,
}


def names():
    return list(PROGRAMS)


def outcome(tf, name):
    """What the program does under `tf`, as plain data, or the error."""
    with tf.Graph().as_default():
        try:
            return {'returned': PROGRAMS[name](tf)}
        except Exception as error:
            return {'error': [type(error).__name__, str(error)]}
