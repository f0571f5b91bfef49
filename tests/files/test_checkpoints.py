"""Checkpoints: those that TensorFlow 1.15.5 wrote are read, those written here are the same, damaged ones change nothing."""
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tarfile
import time

import numpy as np
import pytest

import graphflow as tf
from files import checkpoint_models

_HERE = pathlib.Path(__file__).parent
_ARCHIVE = _HERE.parent / 'golden' / 'files' / 'checkpoints.tar.gz'


@pytest.fixture(scope='module')
def recorded(tmp_path_factory):
    folder = tmp_path_factory.mktemp('recorded')
    with tarfile.open(_ARCHIVE) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope='module')
def written(tmp_path_factory):
    """The same checkpoints by graphflow, and losses.json."""
    folder = tmp_path_factory.mktemp('written')
    losses = checkpoint_models.write(tf, str(folder))
    (folder / 'losses.json').write_text(json.dumps(losses))
    return folder


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def same(found, expected):
    assert found.shape == expected.shape
    if expected.dtype == object:
        assert found.tolist() == expected.tolist()
    else:
        assert found.dtype == expected.dtype and found.tobytes() == expected.tobytes()


@pytest.mark.parametrize('name', ['types', 'first'])
def test_read_what_tensorflow_wrote(name, recorded):
    reader = tf.train.NewCheckpointReader(str(recorded / name))
    for key, value in checkpoint_models.values().items():
        same(reader.get_tensor(key), value)
    variables = {n: v for n, v in checkpoint_models.variables(tf).items() if reader.has_tensor(n)}
    with tf.Session() as session:
        tf.train.Saver(variables).restore(session, str(recorded / name))
        for key, value in session.run(variables).items():
            if key != 'bfloat16':
                same(np.asarray(value, object) if isinstance(value, bytes) else np.asarray(value),
                     checkpoint_models.values()[key])


def test_bfloat16(recorded):
    variables = checkpoint_models.variables(tf)
    with tf.Session() as session:
        tf.train.Saver({'bfloat16': variables['bfloat16']}).restore(session, str(recorded / 'types'))
        values = session.run(tf.cast(variables['bfloat16'], tf.float32))
    np.testing.assert_allclose(values, [1., 2.296875, -3e38], rtol=4e-3)


@pytest.mark.parametrize('name', ['types', 'many', 'parts', 'shards', 'first'])
def test_the_same_bytes(name, recorded, written):
    files = sorted(f.name for f in recorded.iterdir() if f.name == name or f.name.startswith(name + '.'))
    assert files == sorted(f.name for f in written.iterdir() if f.name == name or f.name.startswith(name + '.'))
    for file in files:
        assert (written / file).read_bytes() == (recorded / file).read_bytes(), file


@pytest.mark.parametrize('name', ['parts', 'shards'])
@pytest.mark.parametrize('pieces', [1, 2, 3])
def test_partitions_need_not_agree(name, pieces, recorded):
    values = np.arange(20, dtype=np.float32).reshape(5, 4)
    p = tf.get_variable('p', [5, 4], partitioner=tf.fixed_size_partitioner(pieces, axis=1))
    q = tf.get_variable('q', [5, 4], partitioner=tf.fixed_size_partitioner(pieces), use_resource=True)
    saver = tf.train.Saver([p, q])
    with tf.Session() as session:
        saver.restore(session, str(recorded / name))
        np.testing.assert_array_equal(np.concatenate(session.run(list(p)), axis=1), values)
        np.testing.assert_array_equal(np.concatenate(session.run(list(q))), -values)


def test_training_goes_on_as_tensorflow_went_on(recorded):
    train, loss, feed = checkpoint_models.network(tf)
    with tf.Session() as session:
        tf.train.Saver().restore(session, tf.train.latest_checkpoint(str(recorded / 'train')))
        losses = checkpoint_models.losses(session, train, loss, feed, 30, 50)
    np.testing.assert_allclose(losses, json.loads((recorded / 'losses.json').read_text()), atol=1e-4)


@pytest.mark.parametrize('folder', ['recorded', 'written'])
def test_a_meta_file_restores_by_itself(folder, request):
    path = tf.train.latest_checkpoint(str(request.getfixturevalue(folder) / 'train'))
    saver = tf.train.import_meta_graph(path + '.meta')
    with tf.Session() as session:
        saver.restore(session, path)
        assert session.run('global_step:0') == 30
        assert session.run('net/w:0').shape == (8, 40)


def test_missing_and_mismatched(recorded):
    train = str(recorded / 'train' / 'model.ckpt-30')
    other = tf.get_variable('net/w', [8, 3], initializer=tf.zeros_initializer())
    fits = tf.get_variable('net/b', [40], initializer=tf.ones_initializer())
    absent = tf.get_variable('absent', [1], initializer=tf.ones_initializer())
    wrong = tf.get_variable('net/v', [40, 1], tf.int32, initializer=tf.ones_initializer())
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        with pytest.raises(tf.errors.NotFoundError, match='Key absent not found in checkpoint') as error:
            tf.train.Saver([fits, absent]).restore(session, train)
        assert error.value.message.startswith(
            'Restoring from checkpoint failed. This is most likely due to a Variable name or other graph key that is missing '
            'from the checkpoint. Please ensure that you have not altered the graph expected based on the checkpoint.')
        with pytest.raises(tf.errors.InvalidArgumentError, match='tensor_name = net/v; expected dtype int32 does not equal'):
            tf.train.Saver([fits, wrong]).restore(session, train)
        assert session.run(fits).tolist() == [1] * 40
        with pytest.raises(tf.errors.InvalidArgumentError, match='Assign requires shapes of both tensors to match'):
            tf.train.Saver([other]).restore(session, train)
        for path, message in ((None, 'when it is None'), ('/no/such', 'not a valid checkpoint: /no/such')):
            with pytest.raises(ValueError, match=message):
                tf.train.Saver([fits]).restore(session, path)


# Damage

def damaged(path, rng):
    """Changes, cuts or lengthens one of the files; returns what was done."""
    data = bytearray(path.read_bytes())
    kind = rng.choice(['flip', 'flip', 'flip', 'byte', 'cut', 'insert', 'zeros'])
    at = rng.randrange(len(data))
    if kind == 'flip':
        data[at] ^= 1 << rng.randrange(8)
    elif kind == 'byte':
        data[at] = rng.randrange(256)
    elif kind == 'cut':
        del data[at:]
    elif kind == 'insert':
        data[at:at] = bytes([rng.randrange(256)])
    else:
        data[at:at + 8] = bytes(len(data[at:at + 8]))
    path.write_bytes(data)
    return f'{kind} at {at} of {path.name}'


def restore_damaged(session, saver, variables, initial, expected, source, folder, rng):
    """Restores from a copy with some damage: all variables get their values, or none is changed."""
    for file in source:
        (folder / file.name).write_bytes(file.read_bytes())
    what = damaged(folder / rng.choice(source).name, rng)
    session.run(initial)
    before = session.run(variables)
    try:
        saver.restore(session, str(folder / 'model.ckpt-30'))
    except (tf.errors.DataLossError, tf.errors.NotFoundError, tf.errors.OutOfRangeError, tf.errors.InvalidArgumentError,
            tf.errors.UnimplementedError, ValueError):
        after, wanted = session.run(variables), before
    else:       # damage where nothing is read
        after, wanted = session.run(variables), expected
    for found, value in zip(after, wanted):
        assert found.tobytes() == value.tobytes(), what


def flips(recorded, folder, count, seed=0):
    rng = random.Random(seed)
    checkpoint_models.network(tf)
    variables, saver, initial = tf.global_variables(), tf.train.Saver(), tf.global_variables_initializer()
    source = [f for f in (recorded / 'train').iterdir() if f.name.startswith('model') and 'meta' not in f.name]
    with tf.Session() as session:
        saver.restore(session, str(recorded / 'train' / 'model.ckpt-30'))
        expected = session.run(variables)
        for _ in range(count):
            restore_damaged(session, saver, variables, initial, expected, source, folder, rng)


def test_damaged_files_change_nothing(recorded, tmp_path):
    flips(recorded, tmp_path, 300)


def test_errors_name_file_and_tensor(recorded, tmp_path):
    for file in (recorded / 'train').iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    path = tmp_path / 'model.ckpt-30.data-00000-of-00001'
    good = path.read_bytes()
    reader = tf.train.NewCheckpointReader(str(tmp_path / 'model.ckpt-30'))
    for name in reader.get_variable_to_shape_map():
        path.write_bytes(bytes(b ^ 1 for b in good))
        with pytest.raises(tf.errors.DataLossError, match='Checksum does not match') as error:
            reader.get_tensor(name)
        assert name in error.value.message and str(tmp_path / 'model.ckpt-30') in error.value.message
    path.write_bytes(good[:3])
    with pytest.raises(tf.errors.OutOfRangeError, match='Read less bytes than requested'):
        reader.get_tensor('net/w')
    path.unlink()
    with pytest.raises(tf.errors.NotFoundError, match='data-00000-of-00001; No such file or directory'):
        reader.get_tensor('net/w')


@pytest.mark.parametrize('contents, message', [
    (b'', 'file is too short to be an sstable'), (b'h' * 100, 'bad magic number'),
    (b'\0' * 40 + bytes.fromhex('57fb808b247547db'), 'checksum mismatch|truncated'),
    (b'\xff' * 40 + bytes.fromhex('57fb808b247547db'), 'bad block handle')])
def test_no_index(contents, message, tmp_path):
    (tmp_path / 'model.index').write_bytes(contents)
    with pytest.raises(tf.errors.DataLossError, match=message):
        tf.train.NewCheckpointReader(str(tmp_path / 'model'))


def hostile_index(path, entry):
    """Writes an index whose only tensor is described by `entry`, a BundleEntryProto."""
    from graphflow import protos
    from graphflow.io import table
    header = protos.load('tensor_bundle').BundleHeaderProto(num_shards=1)
    with open(path, 'wb') as file:
        writer = table.TableWriter(file)
        writer.add(b'', header.SerializeToString())
        writer.add(b'x', entry.SerializeToString())
        writer.finish()


@pytest.mark.parametrize('dims', [[1 << 40], [1 << 62, 0], [1 << 62] * 8, [-1], [2] * 60, [1 << 31, 1 << 31, 1 << 31]])
@pytest.mark.parametrize('sliced', [False, True])
@pytest.mark.parametrize('dtype', [1, 7, 10, 20, 99])
def test_sizes_that_are_not_there(dims, sliced, dtype, tmp_path):
    from graphflow import protos
    entry = protos.load('tensor_bundle').BundleEntryProto(dtype=dtype, size=8)
    for dim in dims:
        entry.shape.dim.add(size=dim)
    if sliced:
        extents = entry.slices.add().extent
        for _ in dims:
            extents.add()
    hostile_index(tmp_path / 'model.index', entry)
    (tmp_path / 'model.data-00000-of-00001').write_bytes(bytes(8))
    with pytest.raises(tf.errors.OpError):
        tf.train.NewCheckpointReader(str(tmp_path / 'model')).get_tensor('x')


def test_keys_that_unpack_to_more_than_there_is(tmp_path):
    from graphflow.io import checksum, table, varint
    entries = varint.encode(0) + varint.encode(1 << 17) + varint.encode(0) + b'k' * (1 << 17)
    for i in range(40000):      # each shares all of the key before it, and adds a byte
        entries += varint.encode((1 << 17) + i) + b'\1\0' + b'k'
    block = entries + (0).to_bytes(4, 'little') + (1).to_bytes(4, 'little')
    with open(tmp_path / 'model.index', 'wb') as file:
        writer = table.TableWriter(file)
        handle = writer._write(block)
        writer._last_key, writer._pending = b'z', handle
        writer.finish()
    assert checksum.CHUNK
    with pytest.raises(tf.errors.DataLossError, match='bad entry in block'):
        tf.train.NewCheckpointReader(str(tmp_path / 'model'))


# Interruption

def killed_saves(folder, kills, seed=0):
    """Kills a process that saves over and over, at random moments; the newest checkpoint must be whole each time."""
    rng = random.Random(seed)
    root = str(_HERE.parent.parent)
    with subprocess.Popen([sys.executable, str(_HERE / 'save_forever.py'), str(folder)], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True, cwd=root, env=dict(os.environ, PYTHONPATH=root)) as parent:
        for i in range(kills):
            print(i, file=parent.stdin, flush=True)
            said = {parent.stdout.readline().strip() for _ in range(2)}     # in either order
            said.remove('saved')
            time.sleep(rng.uniform(0, .05))
            os.kill(int(said.pop()), signal.SIGKILL)
            assert parent.stdout.readline().strip() == 'killed'
            for name in 'numbered', 'same':
                check_newest(str(folder / name))


def check_newest(folder):
    path = tf.train.latest_checkpoint(folder)
    assert path is not None
    reader = tf.train.NewCheckpointReader(path)
    step = reader.get_tensor('step')
    for key in reader.get_variable_to_shape_map():
        assert (reader.get_tensor(key) == step).all(), (path, key)
    assert tf.train.checkpoint_exists(path)


def test_a_killed_save_leaves_a_whole_checkpoint(tmp_path):
    killed_saves(tmp_path, 20)


def test_threads_that_save_the_same_checkpoint_at_once(tmp_path):
    import threading
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.Variable(np.arange(1000, dtype=np.float32))
        session.run(v.initializer)
        saver = tf.train.Saver()
        failures = []

        def save():
            try:
                for _ in range(10):
                    saver.save(session, str(tmp_path / 'model'), write_meta_graph=False)
            except Exception as error:      # to be raised in the test's thread
                failures.append(error)
        threads = [threading.Thread(target=save) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures
        np.testing.assert_array_equal(tf.train.load_variable(str(tmp_path / 'model'), 'Variable'), np.arange(1000))
