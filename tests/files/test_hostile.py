"""Files that are damaged, or made to do harm, end in errors, soon and without much memory."""
import os
import random
import tarfile

import pytest
from google.protobuf import message as message_lib
from google.protobuf import text_format

import graphflow as tf
from files import import_programs as programs

_ARCHIVE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'golden', 'files', 'models.tar.gz')
_REFUSED = (tf.errors.OpError, ValueError, KeyError, TypeError, RuntimeError, OSError, message_lib.DecodeError)


def recorded(name):
    with tarfile.open(_ARCHIVE) as archive:
        return archive.extractfile(name).read()


def damaged(content, rng):
    """A piece of the file, or the file with some bytes changed."""
    if rng.random() < 0.3:
        return content[:rng.randrange(len(content))]
    content = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 5, 20))):
        at = rng.randrange(len(content))
        content[at] = rng.choice((content[at] ^ 1 << rng.randrange(8), 0, 127, 128, 255))
    return bytes(content)


def import_bytes(content, name=''):
    graph_def = tf.GraphDef()
    graph_def.ParseFromString(content)
    tf.import_graph_def(graph_def, name=name)


@pytest.mark.parametrize('model', ['convnet', 'recurrent'])
def test_damaged_graph_def(model):
    rng, content = random.Random(model), recorded(model + '/frozen.pb')
    for _ in range(200):
        with tf.Graph().as_default() as graph:
            try:
                import_bytes(damaged(content, rng))
            except _REFUSED:
                assert not graph.get_operations()       # all of it or nothing
            graph.as_graph_def().SerializeToString()


def test_damaged_meta_graph(tmp_path):
    rng, content, path = random.Random(1), recorded('recurrent/model.meta'), str(tmp_path / 'model.meta')
    for _ in range(60):
        (tmp_path / 'model.meta').write_bytes(damaged(content, rng))
        with tf.Graph().as_default():
            try:
                tf.train.import_meta_graph(path)
            except _REFUSED:
                pass


def test_damaged_saved_model(tmp_path):
    rng, content = random.Random(2), recorded('embedding/saved/saved_model.pb')
    for _ in range(60):
        (tmp_path / 'saved_model.pb').write_bytes(damaged(content, rng))
        with tf.Graph().as_default(), tf.Session() as session:
            with pytest.raises(_REFUSED):       # even if it can be read, there are no variables
                tf.saved_model.loader.load(session, ['serve'], str(tmp_path))


_SIZES = (0, -1, 1, 2, 2 ** 31 - 1, -2 ** 31, 2 ** 33, 2 ** 62, 2 ** 63 - 1, -2 ** 63, 100000)


def changed(graph_def, rng):
    """The graph with attrs, inputs and ops of some nodes changed to what would be valid elsewhere."""
    nodes = graph_def.node
    for _ in range(rng.choice((1, 1, 2))):
        node, what = rng.choice(nodes), rng.random()
        if what < 0.6 and node.attr:
            change_attr(node.attr[rng.choice(sorted(node.attr))], rng)
        elif what < 0.8 and node.input:
            node.input[rng.randrange(len(node.input))] = rng.choice(nodes).name + rng.choice(('', ':1', ':-1'))
        elif what < 0.9:
            node.op = rng.choice(nodes).op
        else:
            node.input.append('^' + rng.choice(nodes).name)
    return graph_def


def change_attr(attr, rng):
    kind = attr.WhichOneof('value')
    if kind == 'i':
        attr.i = rng.choice(_SIZES)
    elif kind == 'type':
        attr.type = rng.randrange(25)
    elif kind in ('shape', 'tensor'):
        shape = attr.shape if kind == 'shape' else attr.tensor.tensor_shape
        for _ in range(rng.choice((1, 2, 300))):
            shape.dim.add(size=rng.choice(_SIZES))
    elif kind == 'list' and attr.list.i:
        attr.list.i[0] = rng.choice(_SIZES)
    else:
        attr.Clear()


def test_changed_graphs():
    rng, content = random.Random(3), recorded('convnet/frozen.pb')
    for _ in range(150):
        with tf.Graph().as_default() as graph:
            try:
                tf.import_graph_def(changed(tf.GraphDef.FromString(content), rng), name='')
            except _REFUSED:
                assert not graph.get_operations()


INT = programs.attr('T', 'type: DT_INT32')


def ints(name, values, shape=None):
    dims = 'dim { size: %d }' % len(values) if shape is None else shape
    tensor = 'tensor { dtype: DT_INT32 tensor_shape { %s } %s }' % (dims, ' '.join('int_val: %d' % v for v in values))
    return programs.node(name, 'Const', attrs=programs.attr('dtype', 'type: DT_INT32') + programs.attr('value', tensor))


def imported(text):
    tf.import_graph_def(text_format.Merge(text, tf.GraphDef()), name='')
    return tf.get_default_graph()


def test_large_constant_of_one_value_takes_no_memory():
    with tf.Graph().as_default():
        graph = imported(programs.const([2 ** 16, 2 ** 16, 2 ** 8], 'float_val: 3'))
        assert graph.get_tensor_by_name('c:0').shape.as_list() == [2 ** 16, 2 ** 16, 2 ** 8]
        message = graph.as_graph_def()
        assert message.ByteSize() < 200
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(message, name='')
        assert graph.get_tensor_by_name('c:0').shape.num_elements() == 2 ** 40


def test_large_constant_of_few_values_is_refused():
    with tf.Graph().as_default(), pytest.raises(ValueError, match='Cannot parse tensor from proto'):
        imported(programs.const([2 ** 16, 2 ** 16, 2 ** 8], 'float_val: 3 float_val: 4'))


_RESHAPE = programs.A + programs.node('r', 'Reshape', 'a f', programs.FLOAT)


@pytest.mark.parametrize('text', [
    ints('d', [2 * 10 ** 9]) + ints('v', [1], '') + programs.node('f', 'Fill', 'd v', INT),
    ints('l', [0], '') + ints('h', [2 * 10 ** 9], '') + ints('s', [1], '') + programs.node('f', 'Range', 'l h s'),
    ints('o', [1]) + ints('m', [2 * 10 ** 9]) + programs.node('f', 'Tile', 'o m', INT),
    ints('f', [1], 'dim { size: 100000000000 }'),
], ids=['Fill', 'Range', 'Tile', 'Const'])
def test_values_too_large_to_be_shapes_are_not_computed(text):
    with tf.Graph().as_default():
        assert imported(text + _RESHAPE).get_tensor_by_name('r:0').shape.ndims is None


def test_lengths_too_large_are_refused():
    with tf.Graph().as_default():
        with pytest.raises(tf.errors.ResourceExhaustedError):
            imported(programs.A + programs.node('u', 'Unpack', 'a', programs.FLOAT + programs.attr('num', 'i: 1000000000')))
        with pytest.raises(ValueError, match='NodeDef expected inputs'):
            imported(programs.A + programs.node('u', 'Pack', 'a', programs.FLOAT + programs.attr('N', 'i: 1000000000')))


def chain(op, count, attrs, inputs='{}'):
    text, last = ints('c', [1, 2]) + ints('axis', [0], ''), 'c'
    for i in range(count):
        text += programs.node(f'n{i}', op, inputs.format(last), attrs)
        last = f'n{i}'
    return text + programs.A + programs.node('r', 'Reshape', 'a ' + last, programs.FLOAT)


@pytest.mark.parametrize('text', [
    chain('Identity', 2000, INT),
    chain('Cast', 2000, programs.attr('SrcT', 'type: DT_INT32') + programs.attr('DstT', 'type: DT_INT32')),
    chain('ConcatV2', 60, INT + programs.attr('N', 'i: 2'), '{0} {0} axis'),    # twice as long with every node
    chain('ConcatV2', 60, INT + programs.attr('N', 'i: 2'), '{0} {0} axis').replace('size: 2', 'size: 0'),
], ids=['Identity', 'Cast', 'doubling', 'doubling nothing'])
def test_deep_graphs(text):
    with tf.Graph().as_default():
        imported(text)


def test_deeply_nested_message():
    content = b''
    for _ in range(5000):       # GraphDef.library.function.attr.value.func.attr...: field 2, one within another
        content = b'\x12' + _varint(len(content)) + content
    with pytest.raises(message_lib.DecodeError):
        tf.AttrValue.FromString(b'\x52' + _varint(len(content)) + content[:len(content) // 2])


def _varint(n):
    out = b''
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def test_names_are_only_names(tmp_path, monkeypatch):
    """Names that would mean something to a file system or to Python."""
    monkeypatch.chdir(tmp_path)
    with tf.Graph().as_default() as graph, tf.Session() as session:
        imported(programs.const([], 'float_val: 2').replace("'c'", "'../../c'") + programs.neg('a-b.c', '../../c')
                 + programs.neg('print/1.5', 'a-b.c'))
        assert session.run('print/1.5:0') == 2
        tf.train.write_graph(graph, str(tmp_path), 'graph.pbtxt')
        tf.train.export_meta_graph(str(tmp_path / 'graph.meta'))
    assert sorted(os.listdir(tmp_path)) == ['graph.meta', 'graph.pbtxt']
    for name in ('__import__("os")', 'a;b', 'a\nb', 'a b', "a'b", '_a', '/a', ''):
        with tf.Graph().as_default(), pytest.raises(ValueError, match='Node name contains invalid characters'):
            graph_def = tf.GraphDef()
            graph_def.node.add(name=name, op='NoOp')
            tf.import_graph_def(graph_def)


def test_assets_stay_in_their_directory(tmp_path):
    from tensorboard.compat.proto import meta_graph_pb2
    from graphflow.saved_model import loader
    for name in ('../x', '/etc/passwd', 'a/../../x'):
        message = meta_graph_pb2.MetaGraphDef()
        asset = meta_graph_pb2.AssetFileDef(filename=name)
        message.collection_def['saved_model_assets'].any_list.value.add(value=asset.SerializeToString())
        with pytest.raises(ValueError, match='not in the directory'):
            loader.get_asset_tensors(str(tmp_path), message)
