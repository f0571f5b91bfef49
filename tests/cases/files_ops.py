"""Ops of files and checkpoints: shapes, values, errors."""
import os
import tempfile

import numpy as np


def build(tf):
    raw = tf.raw_ops
    folder = tf.placeholder_with_default('folder', [], name='folder')
    path = {name: tf.string_join([folder, '/' + name]) for name in ('v2', 'slices', 'v1', 'v1slices', 'new/file', 'none',
                                                                    'parts/0', 'parts/1', 'merged')}
    numbers = tf.constant(np.arange(6, dtype=np.float32).reshape(2, 3))
    text = tf.constant([[b'', b'abc'], [b'x' * 300, b'\0']])
    slices = [tf.ones([2, 4]), tf.zeros([]), 2 * tf.ones([3, 2]), 3 * tf.ones([3, 2])]
    named = dict(tensor_names=['p', 'a', 'p', 'p'])
    specs = ['5 4 0,2:-', '', '5 4 2,3:0,2', '5 4 2,3:2,2']
    first = [
        raw.SaveV2(prefix=path['v2'], tensor_names=['n', 't'], shape_and_slices=['', ''], tensors=[numbers, text]),
        raw.SaveV2(prefix=path['slices'], shape_and_slices=specs, tensors=slices, **named),
        raw.Save(filename=path['v1'], tensor_names=['n', 't'], data=[numbers, text]),
        raw.SaveSlices(filename=path['v1slices'], shapes_and_slices=specs, data=slices, **named),
        raw.WriteFile(filename=path['new/file'], contents='contents'),
        raw.SaveV2(prefix=path['parts/0'], tensor_names=['a', 'p'], shape_and_slices=['', '4 0,2'],
                   tensors=[tf.ones([2]), tf.ones([2])]),
        raw.SaveV2(prefix=path['parts/1'], tensor_names=['b', 'p'], shape_and_slices=['', '4 2,2'],
                   tensors=[tf.ones([3]), 2 * tf.ones([2])]),
    ]
    merge = raw.MergeV2Checkpoints(checkpoint_prefixes=[path['parts/0'], path['parts/1']],
                                   destination_prefix=path['merged'])

    def restore(name, names, slices, types):
        return raw.RestoreV2(prefix=path[name], tensor_names=names, shape_and_slices=slices, dtypes=types)
    f, s = tf.float32, tf.string
    fetches = {
        'both': restore('v2', ['n', 't'], ['', ''], [f, s]), 'v1 through v2': restore('v1', ['n', 't'], ['', ''], [f, s]),
        'columns': restore('v2', ['n'], ['2 3 -:1,2'], [f]), 'whole': restore('slices', ['p', 'a'], ['', ''], [f, f]),
        'across': restore('slices', ['p'], ['5 4 1,2:1,2'], [f]), 'one': restore('slices', ['p'], ['5 4 2,3:0,2'], [f]),
        'missing': restore('v2', ['n', 'm'], ['', ''], [f, f]), 'type': restore('v2', ['n'], [''], [tf.int32]),
        'two types': restore('v2', ['n', 't'], ['', ''], [tf.int32, f]), 'no file': restore('none', ['n'], [''], [f]),
        'other shape': restore('v2', ['n'], ['3 3 0,1:1,2'], [f]), 'text slice': restore('v2', ['t'], ['2 2 0,1:0,2'], [s]),
        'merged': restore('merged', ['a', 'b', 'p'], ['', '', ''], [f, f, f]),
        'v1': raw.Restore(file_pattern=path['v1'], tensor_name='n', dt=f),
        'v1 missing': raw.Restore(file_pattern=path['v1'], tensor_name='m', dt=f),
        'v1 type': raw.Restore(file_pattern=path['v1'], tensor_name='n', dt=tf.int32),
        'v1 no file': raw.Restore(file_pattern=path['none'], tensor_name='n', dt=f),
        'v1 slice': raw.RestoreSlice(file_pattern=path['v1slices'], tensor_name='p', shape_and_slice='5 4 1,2:1,2', dt=f),
        'shard': raw.ShardedFilename(basename='a/b', shard=1, num_shards=3),
        'shards': raw.ShardedFilespec(basename='a/b', num_shards=3),
        'file': tf.read_file(path['new/file']), 'no such file': tf.read_file(path['none']), 'folder': tf.read_file(folder),
        'files': tf.matching_files(path['new/file'] + '*'), 'no files': tf.io.matching_files(path['none'] + '*'),
        'no folder': tf.matching_files([path['none'] + '/*']),
        'twice': raw.SaveV2(prefix=path['none'], tensor_names=['a', 'a'], shape_and_slices=['', ''], tensors=[numbers] * 2),
        'wrong slice': raw.SaveV2(prefix=path['none'], tensor_names=['a'], shape_and_slices=['5 4 0,2:0,4'],
                                  tensors=[numbers]),
        'v1 unsigned': raw.Save(filename=path['none'], tensor_names=['a'], data=[tf.bitcast(tf.constant(1), tf.uint32)]),
    }
    refused = {
        'spec': lambda: restore('v2', ['n'], ['foo'], [f]), 'bounds': lambda: restore('v2', ['n'], ['2 3 0,9:0,1'], [f]),
        'rank': lambda: restore('v2', ['n'], ['2 3 0,1'], [f]), 'number': lambda: restore('v2', ['n'], ['2 x 0,1:0,1'], [f]),
        'pair': lambda: restore('v2', ['n'], ['2 3 0:0'], [f]), 'names': lambda: restore('v2', ['n', 'm'], [''], [f, f]),
        'types': lambda: restore('v2', ['n'], [''], [f, f]), 'nothing': lambda: restore('v2', [], [], []),
        'save names': lambda: raw.SaveV2(prefix='a', tensor_names=['a', 'b'], shape_and_slices=['', ''], tensors=[numbers]),
        'save rank': lambda: raw.Save(filename=['a'], tensor_names=['a'], data=[numbers]),
        'merge rank': lambda: raw.MergeV2Checkpoints(checkpoint_prefixes='a', destination_prefix='b'),
        'patterns': lambda: tf.matching_files([['a']]), 'file names': lambda: tf.read_file(['a']),
    }
    said = {name: _outcome(function) for name, function in refused.items()}
    said['shapes'] = [str(t.shape) for name, fetch in fetches.items() if not hasattr(fetch, 'outputs')
                      for t in (fetch if isinstance(fetch, list) else [fetch])]
    return folder, first, merge, fetches, said


def _outcome(function):
    try:
        return str(function())
    except Exception as e:
        return type(e).__name__ + ': ' + str(e).partition('\n')[0]


def run(tf, built):
    folder, first, merge, fetches, said = built
    values = dict(said)
    with tempfile.TemporaryDirectory() as path, tf.Session() as session:
        session.run(first, {folder: path})
        session.run(merge, {folder: path})
        for name, fetch in fetches.items():
            try:
                value = session.run(fetch, {folder: path})
            except tf.errors.OpError as e:
                value = type(e).__name__ + ': ' + e.message.partition('\n')[0].replace(path, 'FOLDER')
            for i, item in enumerate(value if isinstance(value, list) else [value]):
                if isinstance(item, np.ndarray) and item.dtype == object:
                    item = [repr(each).replace(path, 'FOLDER') for each in item.ravel()]
                elif isinstance(item, bytes):
                    item = repr(item)
                values[f'{name} {i}'] = item if item is not None else 'None'
        # The same bytes, but for the random names of TensorFlow's unfinished files.
        for file in sorted(os.listdir(path)):
            if os.path.isfile(os.path.join(path, file)) and 'none' not in file:
                with open(os.path.join(path, file), 'rb') as f:
                    values['bytes of ' + file] = f.read().hex()
    return values
