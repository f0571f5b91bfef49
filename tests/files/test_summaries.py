"""Event files, records, hooks that write summaries, timelines. What TensorFlow 1.15.5 does was observed there."""
import base64
import glob
import json
import os
import struct
import subprocess
import sys
import time
import unittest

import numpy as np
import pytest

import graphflow as tf
from graphflow.io import checksum

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def files(folder):
    return sorted(glob.glob(os.path.join(str(folder), 'events.out.tfevents.*')))


def events(folder):
    return [event for file in files(folder) for event in tf.train.summary_iterator(file)]


def number(tag, value):
    return tf.Summary(value=[tf.Summary.Value(tag=tag, simple_value=value)])


# tf.summary.FileWriter


def test_events_of_a_writer(tmp_path):
    before = time.time()
    with tf.Graph().as_default() as graph, tf.Session() as session:
        summary = tf.summary.text('notes', tf.constant('words'))
        writer = tf.summary.FileWriter(str(tmp_path), graph, filename_suffix='.mine')
        for step in (1, 2):
            writer.add_summary(session.run(summary), step)
    writer.add_summary(number('loss', 1.5), np.int64(3))
    writer.add_session_log(tf.SessionLog(status=tf.SessionLog.START), 4)
    writer.add_run_metadata(tf.RunMetadata(), 'a run', 5)
    writer.add_event(tf.Event(step=6, wall_time=7))
    writer.close()
    assert writer.get_logdir() == str(tmp_path)
    file, = files(tmp_path)
    assert file.endswith('.mine') and os.path.basename(file).split('.')[3].isdigit()
    found = events(tmp_path)
    assert [e.WhichOneof('what') for e in found] == [
        'file_version', 'graph_def', 'meta_graph_def', 'summary', 'summary', 'summary', 'session_log',
        'tagged_run_metadata', None]
    assert [e.step for e in found] == [0, 0, 0, 1, 2, 3, 4, 5, 6]
    assert found[0].file_version == 'brain.Event:2'
    assert tf.GraphDef.FromString(found[1].graph_def) == graph.as_graph_def(add_shapes=True)
    assert tf.MetaGraphDef.FromString(found[2].meta_graph_def).graph_def == graph.as_graph_def(add_shapes=True)
    assert found[3].summary.value[0].metadata.plugin_data.plugin_name == 'text'
    assert not found[4].summary.value[0].HasField('metadata'), 'metadata are written once'
    assert all(before - 1 < e.wall_time < time.time() + 1 for e in found[:-1]) and found[-1].wall_time == 7


def test_what_a_writer_refuses(tmp_path):
    with pytest.raises(TypeError, match='must be an instance of `Graph`'):
        tf.summary.FileWriter(str(tmp_path), 3)
    with tf.summary.FileWriter(str(tmp_path)) as writer:
        with pytest.raises(TypeError, match='must be type MetaGraphDef'):
            writer.add_meta_graph('x')
        with pytest.raises(TypeError, match='Expected an event_pb2.Event'):
            writer.add_event('x')
        writer.add_run_metadata(tf.RunMetadata(), 'tag')
        with pytest.raises(ValueError, match='tag was already used'):
            writer.add_run_metadata(tf.RunMetadata(), 'tag')
        with pytest.raises(ValueError, match='not both'):
            writer.add_graph(tf.Graph(), graph_def=tf.GraphDef())


def test_closed_and_reopened(tmp_path):
    writer = tf.summary.FileWriter(str(tmp_path))
    writer.add_summary(number('a', 1), 1)
    writer.close()
    writer.close()
    writer.add_summary(number('a', 2), 2)       # warns, and does nothing
    writer.flush()
    writer.reopen()
    writer.add_summary(number('a', 3), 3)
    writer.close()
    assert len(files(tmp_path)) == 2
    assert [e.step for e in events(tmp_path) if e.HasField('summary')] == [1, 3]


def test_flush_makes_events_readable(tmp_path):
    writer = tf.summary.FileWriter(str(tmp_path), max_queue=2)
    for step in range(50):
        writer.add_summary(number('a', step), step)
    writer.flush()
    assert [e.step for e in events(tmp_path)][1:] == list(range(50))
    writer.close()


def test_a_full_disk_is_told(tmp_path, monkeypatch):
    from graphflow.summary.writer import event_file_writer

    def fail(*_):
        raise tf.errors.ResourceExhaustedError(None, None, 'no space')
    monkeypatch.setattr(event_file_writer, '_new_file', fail)
    writer = tf.summary.FileWriter(str(tmp_path))
    with pytest.raises(tf.errors.ResourceExhaustedError):
        writer.flush()


def test_a_writer_that_is_never_closed_loses_nothing(tmp_path):
    code = '''if True:
        import sys, graphflow as tf
        writer = tf.summary.FileWriter(sys.argv[1])
        for step in range(100):
            writer.add_summary(tf.Summary(value=[tf.Summary.Value(tag='a', simple_value=step)]), step)
    '''
    subprocess.run([sys.executable, '-c', code, str(tmp_path)], check=True, env=dict(os.environ, PYTHONPATH=ROOT))
    assert len(events(tmp_path)) == 101


def test_cache_has_one_writer_a_folder(tmp_path):
    first = tf.summary.FileWriterCache.get(str(tmp_path))
    assert tf.summary.FileWriterCache.get(str(tmp_path)) is first
    tf.summary.FileWriterCache.clear()
    assert tf.summary.FileWriterCache.get(str(tmp_path)) is not first
    tf.summary.FileWriterCache.clear()


def test_import_stays_light():
    code = ('import sys, graphflow as tf; tf.summary.FileWriter; tf.python_io.TFRecordWriter\n'
            'print([m for m in sys.modules if m.partition(".")[0] in ("google", "tensorboard", "PIL", "numba")])')
    done = subprocess.run([sys.executable, '-c', code], check=True, capture_output=True, text=True,
                          env=dict(os.environ, PYTHONPATH=ROOT))
    assert done.stdout.strip() == '[]'


def test_plugin_assets_are_written_with_the_graph(tmp_path):
    from graphflow.python.summary import plugin_asset

    class Asset(plugin_asset.PluginAsset):
        plugin_name = 'mine'

        def assets(self):
            return {'file.txt': 'content'}

    class Other(Asset):
        pass

    class Nameless(Asset):
        plugin_name = None
    with tf.Graph().as_default() as graph:
        asset = plugin_asset.get_plugin_asset(Asset)
        assert plugin_asset.get_plugin_asset(Asset, graph) is asset
        assert plugin_asset.get_all_plugin_assets() == [asset]
        with pytest.raises(ValueError, match='Plugin name collision between classes Other and Asset'):
            plugin_asset.get_plugin_asset(Other)
        with pytest.raises(ValueError, match='Class Nameless has no plugin_name'):
            plugin_asset.get_plugin_asset(Nameless)
    tf.summary.FileWriter(str(tmp_path), graph).close()
    assert (tmp_path / 'plugins' / 'mine' / 'file.txt').read_text() == 'content'


def test_a_writer_for_tests():
    from graphflow.contrib.testing.python.framework import fake_summary_writer
    fake = fake_summary_writer.FakeSummaryWriter
    case = unittest.TestCase()
    fake.install()
    try:
        with pytest.raises(ValueError, match='already installed'):
            fake.install()
        with tf.Graph().as_default() as graph:
            step = tf.train.get_or_create_global_step()
            summary = tf.summary.scalar('a', tf.cast(step, tf.float32))
            with tf.control_dependencies([tf.train.get_global_step()]):
                count = tf.assign_add(step, 1)
            hook = tf.train.SummarySaverHook(2, output_dir='folder', summary_op=summary)
            with tf.train.MonitoredSession(hooks=[hook]) as session:
                for _ in range(4):
                    session.run(count)
            writer = tf.summary.FileWriterCache.get('folder')
        writer.assert_summaries(case, 'folder', graph, expected_added_graphs=[])
        assert list(writer.summaries) == [1, 3]
        with pytest.raises(AssertionError):
            writer.assert_summaries(case, expected_summaries={2: {'a': 1.}})
    finally:
        fake.uninstall()
    assert tf.contrib.testing.FakeSummaryWriter is fake


# Records

RECORDS = [b'', b'abc', b'\0' * 3, bytes(range(256)) * 5000]


@pytest.mark.parametrize('options', [None, '', 'GZIP', 'ZLIB', tf.python_io.TFRecordOptions('GZIP', compression_level=9),
                                     tf.python_io.TFRecordCompressionType.ZLIB])
def test_records(options, tmp_path):
    path = str(tmp_path / 'records')
    with tf.python_io.TFRecordWriter(path, options) as writer:
        for record in RECORDS:
            writer.write(record)
        writer.flush()
    assert list(tf.python_io.tf_record_iterator(path, options)) == RECORDS
    with pytest.raises(tf.errors.FailedPreconditionError):
        writer.write(b'')


def test_the_bytes_of_a_record(tmp_path):
    with tf.python_io.TFRecordWriter(str(tmp_path / 'r')) as writer:
        writer.write(b'abc')
    assert (tmp_path / 'r').read_bytes() == bytes.fromhex('0300000000000000b099490e6162636e57f121')


def damaged(data):
    yield data[:-3], 1, 'truncated record at 27'
    yield data[:27 + 12], 1, 'truncated record at 27'
    yield data[:27 + 5], 1, None                    # of a writer that was killed
    yield data[:14] + b'X' + data[15:], 0, 'corrupted record at 12'
    yield bytes([data[0] ^ 64]) + data[1:], 0, 'corrupted record at 0'
    yield data[:9] + bytes([data[9] ^ 1]) + data[10:], 0, 'corrupted record at 0'
    yield b'', 0, None
    yield b'x' * 100, 0, 'corrupted record at 0'
    huge = struct.pack('<Q', 2 ** 62)
    yield data[:27] + huge + struct.pack('<I', checksum.masked(huge)) + b'x' * 50, 1, 'truncated record at 27'


def test_damaged_records(tmp_path):
    path = str(tmp_path / 'records')
    with tf.python_io.TFRecordWriter(path) as writer:
        writer.write(b'eleven byte')
        writer.write(b'second')
    with open(path, 'rb') as file:
        data = file.read()
    for i, (content, whole, message) in enumerate(damaged(data)):
        (tmp_path / str(i)).write_bytes(content)
        found, started = [], time.time()
        try:
            for record in tf.python_io.tf_record_iterator(str(tmp_path / str(i))):
                found.append(record)
            assert message is None, i
        except tf.errors.DataLossError as error:
            assert error.message == message, i
        assert len(found) == whole and time.time() - started < 1


def test_any_flipped_bit_is_found(tmp_path):
    with tf.summary.FileWriter(str(tmp_path)) as writer:
        writer.add_summary(number('tag', 1.), 1)
    file, = files(tmp_path)
    with open(file, 'rb') as f:
        data = f.read()
    for at in range(0, len(data) * 8, 7):
        broken = bytearray(data)
        broken[at // 8] ^= 1 << at % 8
        (tmp_path / 'broken').write_bytes(broken)
        with pytest.raises(tf.errors.DataLossError):
            list(tf.train.summary_iterator(str(tmp_path / 'broken')))


@pytest.mark.parametrize('kind', ['GZIP', 'ZLIB'])
def test_damaged_compressed_records(kind, tmp_path):
    path = str(tmp_path / 'records')
    with tf.python_io.TFRecordWriter(path, kind) as writer:
        for record in RECORDS:
            writer.write(record)
    with open(path, 'rb') as file:
        data = file.read()
    for content in (b'junk' * 10, data[:4] + b'\xff' + data[5:40], data[:len(data) // 2] + b'\xff\xff' + data[len(data) // 2:]):
        (tmp_path / 'broken').write_bytes(content)
        try:
            list(tf.python_io.tf_record_iterator(str(tmp_path / 'broken'), kind))
        except tf.errors.DataLossError:
            pass


def test_missing_files():
    with pytest.raises(tf.errors.NotFoundError):
        list(tf.train.summary_iterator('/no such file'))
    with pytest.raises(tf.errors.NotFoundError):
        tf.python_io.TFRecordWriter('/no such folder/file')
    with pytest.raises(ValueError, match='Not a valid compression_type: "FOO"'):
        tf.python_io.TFRecordWriter('file', 'FOO')


def test_examples_are_on_the_wire_as_in_tensorflow():
    feature = {'a': tf.train.Feature(int64_list=tf.train.Int64List(value=[1, -2])),
               'b': tf.train.Feature(bytes_list=tf.train.BytesList(value=[b'x'])),
               'c': tf.train.Feature(float_list=tf.train.FloatList(value=[1.5]))}
    example = tf.train.Example(features=tf.train.Features(feature=feature))
    assert example.SerializeToString(deterministic=True) == (
        b'\n1\n\x14\n\x01a\x12\x0f\x1a\r\n\x0b\x01\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01'
        b'\n\n\n\x01b\x12\x05\n\x03\n\x01x\n\r\n\x01c\x12\x08\x12\x06\n\x04\x00\x00\xc0?')
    again = tf.train.Example.FromString(example.SerializeToString())
    assert again == example and again.features.feature['a'].int64_list.value == [1, -2]
    steps = tf.train.FeatureList(feature=[feature['a']] * 2)
    sequence = tf.train.SequenceExample(feature_lists=tf.train.FeatureLists(feature_list={'s': steps}))
    assert len(sequence.feature_lists.feature_list['s'].feature) == 2


# Hooks


def trained(folder, steps, **options):
    """Trains with a MonitoredTrainingSession. Returns: [(step, tag)] of what it wrote."""
    with tf.Graph().as_default():
        step = tf.train.get_or_create_global_step()
        variable = tf.Variable(1.)
        tf.summary.scalar('x', variable)
        train = tf.train.GradientDescentOptimizer(.1).minimize(variable * variable, global_step=step)
        with tf.train.MonitoredTrainingSession(summary_dir=str(folder), **options) as session:
            for _ in range(steps):
                session.run(train)
    tf.summary.FileWriterCache.clear()
    return [(e.step, v.tag) for e in events(folder) for v in e.summary.value]


def test_summaries_of_a_monitored_session(tmp_path):
    assert trained(tmp_path / 'a', 25) == [(1, 'x')]
    assert sorted(trained(tmp_path / 'b', 25, save_summaries_steps=10, log_step_count_steps=5)) == [
        (1, 'x'), (6, 'global_step/sec'), (11, 'global_step/sec'), (11, 'x'), (16, 'global_step/sec'),
        (21, 'global_step/sec'), (21, 'x')]
    assert trained(tmp_path / 'c', 25, save_summaries_steps=None, save_summaries_secs=None) == []
    assert trained(tmp_path / 'd', 25, save_summaries_secs=100) == [(1, 'x')]
    with pytest.raises(ValueError, match='Can not provide both'):
        trained(tmp_path / 'e', 1, save_summaries_steps=5, save_summaries_secs=100)
    first = [e for e in events(tmp_path / 'a') if e.HasField('session_log')]
    assert [(e.step, e.session_log.status) for e in first] == [(1, tf.SessionLog.START)]


def test_what_summary_hooks_refuse():
    with tf.Graph().as_default():
        hook, text = tf.train.SummarySaverHook, tf.constant('')
        for options, message in (({}, 'Exactly one of scaffold or summary_op'),
                                 (dict(save_steps=1), 'Exactly one of scaffold or summary_op'),
                                 (dict(save_steps=1, scaffold=tf.train.Scaffold(), summary_op=text), 'Exactly one'),
                                 (dict(save_steps=1, save_secs=1, summary_op=text), 'Can not provide both'),
                                 (dict(summary_op=text), 'Either every_secs or every_steps')):
            with pytest.raises(ValueError, match=message):
                hook(**options)
        with pytest.raises(RuntimeError, match='Global step should be created to use SummarySaverHook'):
            tf.train.MonitoredSession(hooks=[hook(1, summary_op=text)])


# Timelines


def traced():
    """The StepStats of a few ops."""
    from graphflow.runtime.trace import Trace
    with tf.Graph().as_default():
        x, w = tf.constant([[1., 2.]], name='x'), tf.constant([[1.], [2.]], name='w')
        y = tf.nn.relu(tf.matmul(x, w, name='product'), name='y')
        halves = tf.split(w, 2, name='halves')[0].op
        with tf.control_dependencies([y]):
            last = tf.no_op('last')
        trace = Trace()
        for i, tensor in enumerate((x, w, y.op.inputs[0], y)):
            trace.record(tensor.op, 10_000 * i, 10_000 * i + 9_000, np.zeros(tensor.shape.as_list(), np.float32))
        trace.record(halves, 40_000, 48_500, [np.zeros([1, 1], np.float32)] * 2)
        trace.record(last, 50_000, 50_100)
        return trace.step_stats()


def test_step_stats():
    device, = traced().dev_stats
    assert device.device == '/job:localhost/replica:0/task:0/device:CPU:0'
    assert [n.timeline_label for n in device.node_stats] == [
        'x = Const()', 'w = Const()', 'product = MatMul(x, w)', 'y = Relu(product)',
        'halves = Split(halves/split_dim, w)', 'last = NoOp(^y)']
    product = device.node_stats[2]
    assert product.node_name == 'product' and product.all_end_rel_micros == product.op_end_rel_micros == 9
    assert abs(product.all_start_micros / 1e6 - time.time() + time.perf_counter()) < 10
    description = product.output[0].tensor_description
    assert description.dtype == tf.float32.as_datatype_enum and [d.size for d in description.shape.dim] == [1, 1]
    assert description.allocation_description.requested_bytes == 4
    assert [o.slot for o in device.node_stats[4].output] == [0, 1]


def test_timeline():
    from graphflow.python.client import timeline
    stats = traced()
    analysis = timeline.Timeline(stats).analyze_step_stats()
    assert set(analysis.allocator_maximums) == {'cpu'}
    assert analysis.allocator_maximums['cpu'].num_bytes >= 16
    found = json.loads(timeline.Timeline(stats).generate_chrome_trace_format(show_memory=True))['traceEvents']
    assert [e['args']['name'] for e in found if e['ph'] == 'M'] == [
        'Allocators', '/job:localhost/replica:0/task:0/device:CPU:0 Compute',
        '/job:localhost/replica:0/task:0/device:CPU:0 Tensors']
    ops = [e for e in found if e['ph'] == 'X']
    assert [e['name'] for e in ops] == ['Const', 'Const', 'MatMul', 'Relu', 'Split', 'NoOp']
    assert ops[2]['args'] == {'name': 'product', 'op': 'MatMul', 'input0': 'x', 'input1': 'w'}
    assert {e['ph'] for e in found} == {'M', 'N', 'O', 'D', 'X', 'C'}
    plain = json.loads(timeline.Timeline(stats).generate_chrome_trace_format())['traceEvents']
    assert {e['ph'] for e in plain} == {'M', 'X'}


@pytest.mark.parametrize('seed', range(2))
def test_timelines_of_recorded_runs(seed):
    from graphflow.runtime.timeline import Timeline
    with open(os.path.join(ROOT, 'tests', 'golden', 'timeline.json')) as file:
        record = json.load(file)[seed]
    stats = tf.RunMetadata().step_stats
    stats.ParseFromString(base64.b64decode(record['stats']))
    for options, expected in record['timelines']:
        assert json.loads(Timeline(stats).generate_chrome_trace_format(**options)) == expected, options
    maximums = Timeline(stats).analyze_step_stats().allocator_maximums
    assert {name: [m.timestamp, m.num_bytes, sorted(m.tensors)] for name, m in maximums.items()} == record['maximums']


def test_ops_that_overlap_have_rows_of_their_own():
    from graphflow.runtime.timeline import Timeline
    stats = tf.RunMetadata().step_stats
    device = stats.dev_stats.add(device='cpu')
    for name, start in (('a = A()', 0), ('b = B(a)', 5), ('c = C(a)', 20)):
        node = device.node_stats.add(node_name=name[0], timeline_label=name, all_start_micros=start, all_end_rel_micros=10)
        node.output.add().tensor_description.SetInParent()
    found = json.loads(Timeline(stats).generate_chrome_trace_format())['traceEvents']
    assert [e['tid'] for e in found if e['ph'] == 'X'] == [0, 1, 0]
    assert [(e['ph'], e['tid'], e['ts']) for e in found if e.get('cat') == 'DataFlow'] == [
        ('s', 0, 10), ('t', 1, 5)]


def test_projector_config(tmp_path):
    from graphflow.contrib.tensorboard.plugins import projector
    config = projector.ProjectorConfig()
    config.embeddings.add(tensor_name='emb:0', metadata_path='labels.tsv')
    with tf.summary.FileWriter(str(tmp_path)) as writer:
        projector.visualize_embeddings(writer, config)
    assert (tmp_path / 'projector_config.pbtxt').read_text() == (
        'embeddings {\n  tensor_name: "emb:0"\n  metadata_path: "labels.tsv"\n}\n')


def test_run_metadata_has_what_was_asked_for():
    from graphflow.runtime import trace
    with tf.Graph().as_default():
        node = tf.constant(1., name='one').op
    recorded = trace.Trace()
    recorded.record(node, 0, 1000, np.float32(1))
    metadata = tf.RunMetadata()
    trace.fill(metadata, tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), recorded, [node])
    assert metadata.step_stats.dev_stats[0].node_stats[0].node_name == 'one' and not metadata.partition_graphs
    trace.fill(metadata, tf.RunOptions(output_partition_graphs=True), None, [node])
    assert not metadata.HasField('step_stats')
    assert [(n.name, n.device) for n in metadata.partition_graphs[0].node] == [('one', trace.DEVICE)]
    trace.fill(metadata, None, None, [node])
    assert metadata == tf.RunMetadata()
