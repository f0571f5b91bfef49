"""tf.train.Saver's bookkeeping, checkpoints' management, readers, and variables that begin with values of a checkpoint."""
import os

import numpy as np
import pytest

import graphflow as tf
from graphflow.python.tools import inspect_checkpoint


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


@pytest.fixture
def saved(tmp_path):
    """The path of a checkpoint."""
    with tf.Graph().as_default(), tf.Session() as session:
        tf.Variable([1., 2.], name='a'), tf.Variable([[3.]], name='s/b'), tf.Variable([5.], name='s/t/c')
        tf.get_variable('p', initializer=np.float32(np.arange(8)).reshape(4, 2), partitioner=tf.fixed_size_partitioner(2))
        session.run(tf.global_variables_initializer())
        return tf.train.Saver().save(session, str(tmp_path / 'm'))


def files(folder, part=''):
    return sorted(f for f in os.listdir(folder) if part in f)


def test_old_checkpoints_are_deleted(tmp_path):
    tf.Variable(1., name='v')
    saver = tf.train.Saver(max_to_keep=2)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for i in range(4):
            assert saver.save(session, str(tmp_path / 'm'), global_step=i) == str(tmp_path / f'm-{i}')
        assert saver.last_checkpoints == [str(tmp_path / 'm-2'), str(tmp_path / 'm-3')]
        assert files(tmp_path) == ['checkpoint'] + [
            f'm-{i}.{end}' for i in (2, 3) for end in ('data-00000-of-00001', 'index', 'meta')]
        state = tf.train.get_checkpoint_state(str(tmp_path))
        assert list(state.all_model_checkpoint_paths) == saver.last_checkpoints
        again = tf.train.Saver(max_to_keep=2)
        again.recover_last_checkpoints(state.all_model_checkpoint_paths)
        again.save(session, str(tmp_path / 'm'), global_step=tf.constant(4))
        assert files(tmp_path, '.index') == ['m-3.index', 'm-4.index']


@pytest.mark.parametrize('arguments, names', [
    (dict(max_to_keep=None), 'm-0 m-1 m-2'), (dict(max_to_keep=1), 'm-2'),
    (dict(max_to_keep=1, keep_checkpoint_every_n_hours=1e-9), 'm-0 m-1 m-2'),
    (dict(pad_step_number=True), 'm-00000000 m-00000001 m-00000002'),
    (dict(sharded=True), 'm-0 m-1 m-2'), (dict(write_version=1), 'm-0 m-1 m-2')])
def test_which_are_kept(arguments, names, tmp_path):
    tf.Variable(1., name='v')
    saver = tf.train.Saver(**arguments)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for i in range(3):
            saver.save(session, str(tmp_path / 'm'), global_step=i, write_meta_graph=False)
        saver.restore(session, tf.train.latest_checkpoint(str(tmp_path)))
    found = files(tmp_path, '.index') or [f for f in files(tmp_path) if f != 'checkpoint']
    assert [f.replace('.index', '') for f in found] == names.split()


def test_relative_paths(tmp_path):
    tf.Variable(1., name='v')
    saver = tf.train.Saver(save_relative_paths=True)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        saver.save(session, str(tmp_path / 'm'), latest_filename='newest')
    assert (tmp_path / 'newest').read_text() == 'model_checkpoint_path: "m"\nall_model_checkpoint_paths: "m"\n'
    assert tf.train.latest_checkpoint(str(tmp_path), 'newest') == str(tmp_path / 'm')
    assert tf.train.latest_checkpoint(str(tmp_path)) is None
    (tmp_path / 'checkpoint').write_text('garbage {')
    assert tf.train.get_checkpoint_state(str(tmp_path)) is None
    (tmp_path / 'checkpoint').write_text('model_checkpoint_path: "gone"')
    assert tf.train.latest_checkpoint(str(tmp_path)) is None
    tf.train.remove_checkpoint(str(tmp_path / 'm'))
    assert files(tmp_path) == ['checkpoint', 'newest']


def test_what_is_refused(tmp_path):
    v = tf.Variable(1., name='v')
    saver_def = tf.train.SaverDef
    for make, error, message in (
            (lambda: tf.train.Saver([v, v]), ValueError, 'At least two variables have the same name: v'),
            (lambda: tf.train.Saver([tf.constant(1.)]), TypeError, 'Variable to save is not a Variable'),
            (lambda: tf.train.Saver({'a': tf.constant(1.)}), TypeError, 'Not a variable: Tensor'),
            (lambda: tf.train.Saver({v: 'a'}), TypeError, 'Name is not a string: <tf.Variable'),
            (lambda: tf.train.Saver({'a': [v]}), ValueError, 'Slices must all be slices: <tf.Variable'),
            (lambda: tf.train.Saver({'a': v, 'b': v}), ValueError, 'same saveable will be restored with two names: b'),
            (lambda: tf.train.Saver(3), TypeError, 'should be passed in a dict or a list: 3'),
            (lambda: tf.train.Saver([v], defer_build=True), ValueError, 'If `var_list` is provided then build cannot be'),
            (lambda: tf.train.Saver(saver_def=saver_def()), ValueError, 'saver_def must specify the save_tensor_name'),
            (lambda: tf.train.Saver(defer_build=True).save(tf.Session(), 'x'), RuntimeError, 'should be called before save'),
            (lambda: tf.train.Saver().save(None, 'x'), TypeError, "'sess' must be a Session; None"),
            (lambda: tf.train.Saver().save(tf.Session(), 'x', latest_filename='a/b'), ValueError, 'not contain path components'),
            (lambda: tf.train.Saver().save(tf.Session(), 'a/checkpoint'), ValueError, "collides with 'save_path'")):
        with pytest.raises(error) as raised:
            make()
        assert message in str(raised.value)
    with tf.Graph().as_default():
        with pytest.raises(ValueError, match='No variables to save'):
            tf.train.Saver()
        empty = tf.train.Saver(allow_empty=True)
        with tf.Session() as session:
            assert empty.save(session, str(tmp_path / 'e')) is None and empty.restore(session, None) is None


def test_saver_def_stands_for_the_saver(tmp_path):
    v = tf.Variable(1., name='v')
    saver = tf.train.Saver(max_to_keep=3)
    twin = tf.train.Saver.from_proto(saver.to_proto())
    with tf.Session() as session:
        session.run(v.initializer)
        path = twin.save(session, str(tmp_path / 'm'))
        session.run(v.assign(7.))
        saver.restore(session, path)
        assert session.run(v) == 1
    assert saver.to_proto('elsewhere') is None
    scoped = tf.train.SaverDef.FromString(saver.to_proto().SerializeToString())
    assert tf.train.Saver.from_proto(scoped, import_scope='s').as_saver_def().restore_op_name == 's/save/restore_all'


def test_objects_that_save_themselves(tmp_path):
    from graphflow.python.training import saver as module
    kept = {'value': 3.}
    state = tf.Variable(0., name='state')

    class Object(module.BaseSaverBuilder.SaveableObject):
        def __init__(self):
            spec = module.BaseSaverBuilder.SaveSpec
            super().__init__(self, [spec(lambda: tf.constant(kept['value']), '', 'o-value', tf.float32, '')], 'o')

        def restore(self, restored_tensors, restored_shapes):
            return state.assign(restored_tensors[0])
    saver = tf.train.Saver([Object()])
    with tf.Session() as session:
        path = saver.save(session, str(tmp_path / 'm'))
        saver.restore(session, path)
        assert session.run(state) == 3
    assert tf.train.list_variables(path) == [('o-value', [])]


def test_reader(saved, capsys):
    reader = tf.train.load_checkpoint(os.path.dirname(saved))
    assert reader.get_variable_to_shape_map() == {'a': [2], 'p': [4, 2], 's/b': [1, 1], 's/t/c': [1]}
    assert reader.get_variable_to_dtype_map()['p'] is tf.float32
    assert reader.has_tensor('a') and not reader.has_tensor('z')
    assert b'a (DT_FLOAT) [2]\n' in reader.debug_string()
    assert tf.train.load_variable(saved, 'a:0').tolist() == [1, 2]
    assert reader.get_tensor('p').tolist() == np.arange(8.).reshape(4, 2).tolist()
    with pytest.raises(tf.errors.NotFoundError, match='Key z not found in checkpoint'):
        reader.get_tensor('z')
    with pytest.raises(tf.errors.NotFoundError, match='Failed to find any matching files for ' + saved + 'x'):
        tf.train.NewCheckpointReader(saved + 'x')
    inspect_checkpoint.print_tensors_in_checkpoint_file(saved, 's/b', False)
    assert capsys.readouterr().out == 'tensor_name:  s/b\n[[3.]]\n# Total number of params: 12\n'


@pytest.mark.parametrize('use_resource', [False, True])
def test_init_from_checkpoint(use_resource, saved):
    with tf.variable_scope('x', use_resource=use_resource):
        a, b = tf.get_variable('a', [2]), tf.get_variable('b', [1, 1])
        with tf.variable_scope('t'):
            c = tf.get_variable('c', [1])
    q = tf.get_variable('q', [4, 2], partitioner=tf.fixed_size_partitioner(2, axis=1))
    tf.train.init_from_checkpoint(saved, {'a': a, 's/b': 'x/b', 's/t/': 'x/t/', 'p': 'q'})
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        assert [v.tolist() for v in session.run([a, b, c])] == [[1, 2], [[3]], [5]]
        assert session.run(q.as_tensor()).tolist() == np.arange(8.).reshape(4, 2).tolist()
    for assignment, message in (
            ({'z': 'x/a'}, 'Tensor z is not found in'), ({'a': 'nowhere'}, 'Assignment map with scope only name'),
            ({'s/b': 'x/a'}, "Shape of variable x/a:0 ((2,)) doesn't match with shape of tensor s/b ([1, 1])"),
            ({'s/': 'x/'}, 'Tensor s/a (a in s/) is not found')):
        with pytest.raises(ValueError) as raised:
            tf.train.init_from_checkpoint(saved, assignment)
        assert message in str(raised.value)


def test_warm_start(saved):
    a, new = tf.get_variable('a', [2]), tf.get_variable('new', [1, 1])
    tf.train.warm_start(saved, var_name_to_prev_var_name={'new': 's/b'})
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        assert [v.tolist() for v in session.run([a, new])] == [[1, 2], [[3]]]
    with pytest.raises(ValueError, match='it must be all `Variable` or all `str`'):
        tf.train.warm_start(saved, [3])


def test_assign_by_name(saved):
    framework = tf.contrib.framework
    a = tf.get_variable('a', [2])
    with tf.variable_scope('s'):
        tf.get_variable('b', [1, 1])
    absent = tf.get_variable('absent', [1], initializer=tf.zeros_initializer())
    assert framework.get_variables_to_restore(exclude=['s', 'absent']) == [a]
    assert [v.op.name for v in framework.get_variables_by_name('b')] == ['s/b']
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        assign, feeds = framework.assign_from_checkpoint(saved, framework.get_variables('s'))
        session.run(assign, feeds)
        framework.assign_from_checkpoint_fn(saved, tf.global_variables(), ignore_missing_vars=True)(session)
        assert [v.tolist() for v in session.run(tf.global_variables())] == [[1, 2], [[3]], [0]]
        framework.assign_from_values_fn({'a': np.array([7., 8.])})(session)
        assert session.run(a).tolist() == [7, 8]
    with pytest.raises(ValueError, match=r'Checkpoint is missing variable \[absent\]'):
        framework.assign_from_checkpoint(saved, [absent])


def test_checkpoints_iterator(saved, tmp_path):
    folder = os.path.dirname(saved)
    found = tf.train.checkpoints_iterator(folder, timeout=0)
    assert next(found) == saved
    assert list(found) == []


# Monitored sessions

def build():
    step = tf.train.get_or_create_global_step()
    v = tf.Variable(1., name='v')
    return step, v, tf.group(tf.assign_add(step, 1), tf.assign_add(v, 2.))


def test_a_monitored_session_saves_and_goes_on(tmp_path):
    _, _, train = build()
    with tf.train.MonitoredTrainingSession(checkpoint_dir=str(tmp_path), save_checkpoint_steps=3) as session:
        for _ in range(8):
            session.run(train)
    assert files(tmp_path, '.index') == ['model.ckpt-%d.index' % i for i in (0, 3, 6, 8)]
    assert files(tmp_path, 'graph.pbtxt') and files(tmp_path, 'events')
    for make, expected in (
            (lambda: tf.train.MonitoredTrainingSession(checkpoint_dir=str(tmp_path)), [8, 17.]),
            (lambda: tf.train.SingularMonitoredSession(checkpoint_dir=str(tmp_path)), [8, 17.]),
            (lambda: tf.train.SingularMonitoredSession(checkpoint_filename_with_path=str(tmp_path / 'model.ckpt-3')),
             [3, 7.]), (lambda: tf.train.SingularMonitoredSession(), [0, 1.])):
        with tf.Graph().as_default():
            step, v, _ = build()
            with make() as session:
                assert session.run([step, v]) == expected


class Listener(tf.train.CheckpointSaverListener):
    def __init__(self):
        self.said = []

    def begin(self):
        self.said.append('begin')

    def before_save(self, session, global_step_value):
        self.said.append('before %d' % global_step_value)

    def after_save(self, session, global_step_value):
        self.said.append('after %d' % global_step_value)
        return global_step_value >= 4

    def end(self, session, global_step_value):
        self.said.append('end %d' % global_step_value)


def test_listeners(tmp_path):
    _, _, train = build()
    listener = Listener()
    hook = tf.train.CheckpointSaverHook(str(tmp_path), save_steps=2, saver=tf.train.Saver(), listeners=[listener])
    with tf.train.MonitoredSession(hooks=[hook]) as session:
        while not session.should_stop():
            session.run(train)
    assert listener.said == ['begin', 'before 0', 'after 0', 'before 2', 'after 2', 'before 4', 'after 4', 'end 4']
    with pytest.raises(ValueError, match='You cannot provide both saver and scaffold.'):
        tf.train.CheckpointSaverHook('x', save_steps=1, saver=1, scaffold=2)
