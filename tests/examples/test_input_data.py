"""MNIST: batches in TensorFlow's order, files read and downloaded safely, digits drawn when there are
none."""
import contextlib
import gzip
import hashlib
import http.server
import io
import os
import socket
import struct
import threading
import time

import numpy as np
import pytest

from graphflow.examples.tutorials.mnist import data_set, download, idx, input_data, synthetic
from graphflow.framework import dtypes
from graphflow.framework.graph import Graph
from graphflow.framework.random_seed import set_random_seed

NAMES = list(download.FILES)


def numbered(count=10, **options):
    """A data set whose labels are the numbers of its images."""
    images = np.arange(count * 4, dtype=np.uint8).reshape(count, 2, 2, 1)
    return data_set.DataSet(images, np.arange(count), dtype=dtypes.uint8, **options)


def batches(data, sizes, **options):
    return [(data.next_batch(size, **options)[1].tolist(), data.epochs_completed) for size in sizes]


@pytest.fixture
def folder(tmp_path):
    """A folder with four small IDX files."""
    random = np.random.RandomState(0)
    for name, count in zip(NAMES, (50, 50, 20, 20)):
        shape = (count, 28, 28) if 'images' in name else (count,)
        idx.write(tmp_path / name, random.randint(10, size=shape).astype(np.uint8))
    return tmp_path


# The batches TensorFlow 1.15.5 gives for the same seeds.

def test_batches_come_in_the_order_of_the_seed():
    assert batches(numbered(seed=42), [3] * 8) == [
        ([8, 1, 5], 0), ([0, 7, 2], 0), ([9, 4, 3], 0), ([6, 8, 1], 1), ([3, 2, 0], 1), ([7, 4, 6], 1),
        ([9, 5, 5], 2), ([3, 8, 4], 2)]


def test_without_shuffle_batches_come_in_order():
    assert batches(numbered(seed=42), [4, 4, 4], shuffle=False) == [
        ([0, 1, 2, 3], 0), ([4, 5, 6, 7], 0), ([8, 9, 0, 1], 1)]


@pytest.mark.parametrize('sizes, expected', [
    ([10, 10], [([8, 1, 5, 0, 7, 2, 9, 4, 3, 6], 0), ([8, 1, 3, 2, 0, 7, 4, 6, 9, 5], 1)]),
    ([25, 3], [([8, 1, 5, 0, 7, 2, 9, 4, 3, 6, 8, 1, 3, 2, 0, 7, 4, 6, 9, 5], 1),
               ([5, 3, 8, 4, 9, 7, 2, 6], 2)]),
    ([0, 3, 0], [([], 0), ([8, 1, 3], 0), ([], 0)]),
])
def test_batches_as_large_as_the_set_larger_and_empty(sizes, expected):
    assert batches(numbered(seed=42), sizes) == expected


@pytest.mark.parametrize('seed, expected', [
    (-1, [4, 9, 1]), (2**31, [2, 9, 6]), (2**32, [4, 1, 5]), (2**33 + 3, [8, 5, 0]),
    (np.int64(4), [3, 8, 4])])
def test_seeds_wrap_around(seed, expected):
    assert numbered(seed=seed).next_batch(3)[1].tolist() == expected


def test_graph_seed_stands_in_for_a_seed():
    with Graph().as_default():
        set_random_seed(11)
        assert batches(numbered(), [3, 3]) == [([7, 8, 2], 0), ([6, 4, 5], 0)]
        assert numbered(seed=3).next_batch(3)[1].tolist() == [5, 4, 1]


def test_numpy_seed_after_loading_decides():
    with Graph().as_default():
        data = numbered()
        np.random.seed(7)
        assert batches(data, [3, 3, 3, 3]) == [([8, 5, 0], 0), ([2, 1, 9], 0), ([7, 3, 6], 0), ([4, 5, 2], 1)]


def test_images_and_labels_stay_together():
    data = numbered(seed=1)
    images, labels = data.next_batch(7)
    np.testing.assert_array_equal(images[:, 0], labels * 4)
    np.testing.assert_array_equal(data.labels[:7], labels)
    np.testing.assert_array_equal(data.images[:7], images)
    np.testing.assert_array_equal(data.next_batch(3)[1], data.labels[7:])


@pytest.mark.parametrize('dtype', ['float32', dtypes.float32, np.float32, float])
def test_float_images_reach_from_0_to_1(dtype):
    data = data_set.DataSet(np.full((2, 3, 3, 1), 255, np.uint8), np.zeros(2), dtype=dtype)
    assert data.images.dtype == np.float32 and data.images.shape == (2, 9) and data.images.max() == 1


def test_other_dtypes_are_refused():
    with pytest.raises(TypeError, match='Invalid image dtype tf.float64, expected uint8 or float32'):
        data_set.DataSet(np.zeros((2, 3, 3, 1)), np.zeros(2), dtype=dtypes.float64)


def test_as_many_labels_as_images():
    with pytest.raises(AssertionError, match=r'images.shape: \(2, 3, 3, 1\) labels.shape: \(3,\)'):
        data_set.DataSet(np.zeros((2, 3, 3, 1)), np.zeros(3))


def test_fake_data():
    data = input_data.read_data_sets('/nonexistent', fake_data=True, one_hot=True)
    images, labels = data.train.next_batch(2, fake_data=True)
    assert images == [[1] * 784] * 2 and labels == [[1] + [0] * 9] * 2
    assert data.test.num_examples == 10000


def test_reads_a_folder(folder, capsys):
    data = input_data.read_data_sets(str(folder), one_hot=True, validation_size=8)
    assert data._fields == ('train', 'validation', 'test')
    assert [part.images.shape for part in data] == [(42, 784), (8, 784), (20, 784)]
    assert data.train.labels.shape == (42, 10) and data.train.labels.dtype == np.float64
    assert capsys.readouterr().out == ''.join('Extracting %s/%s\n' % (folder, name) for name in NAMES)


def test_reads_uncompressed_files_and_keeps_the_shape(folder):
    for name, new in zip(NAMES, ('train-images-idx3-ubyte', 'train-labels.idx1-ubyte')):
        (folder / new).write_bytes(gzip.decompress((folder / name).read_bytes()))
        (folder / name).unlink()
    data = input_data.read_data_sets(str(folder), dtype=dtypes.uint8, reshape=False, validation_size=0)
    assert data.train.images.shape == (50, 28, 28, 1) and data.train.images.dtype == np.uint8
    assert data.train.labels.dtype == np.uint8 and data.validation.images.shape == (0, 28, 28, 1)


@pytest.mark.parametrize('size', [51, -1])
def test_validation_size_is_checked(folder, size):
    with pytest.raises(ValueError, match=r'between 0 and 50. Received: %d.' % size):
        input_data.read_data_sets(str(folder), validation_size=size)


def packed(magic, *header, body=b'abcd'):
    data = io.BytesIO(gzip.compress(struct.pack('>%dI' % (1 + len(header)), magic, *header) + body))
    data.name = 'some.gz'
    return data


def test_extracts_from_an_open_file():
    assert input_data.extract_images(packed(2051, 1, 2, 2)).tolist() == [[[[97], [98]], [[99], [100]]]]
    assert input_data.extract_labels(packed(2049, 2, body=b'\1\2'), one_hot=True, num_classes=3).tolist() == [
        [0, 1, 0], [0, 0, 1]]


@pytest.mark.parametrize('file, message', [
    (packed(2052, 1, 2, 2), 'Invalid magic number 2052 in MNIST image file: some.gz'),
    (packed(7, 1, 2, 2), 'Invalid magic number 7 in MNIST image file: some.gz'),
    (packed(2051, 2, 2, 2), r'some.gz is truncated: expected 2 x 2 x 2 elements \(8 bytes\).*found 4 bytes'),
    (packed(2051, 2, body=b''), 'some.gz is truncated: expected a header of 16 bytes, found 8'),
    (packed(2051, 2**32 - 1, 2**32 - 1, 1), 'some.gz is truncated: .*, found 4 bytes'),
])
def test_a_wrong_file_is_named(file, message):
    with pytest.raises(ValueError, match=message):
        input_data.extract_images(file)


@pytest.mark.parametrize('damage', [
    lambda data: data[:len(data) // 2], lambda data: data[:100] + b'?' * 90 + data[190:], lambda data: b'',
], ids=['cut', 'overwritten', 'empty'])
def test_a_damaged_file_is_named(folder, damage):
    path = folder / NAMES[2]
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match='%s is (truncated|damaged): expected .*found' % path):
        input_data.read_data_sets(str(folder), validation_size=0)


@pytest.mark.parametrize('dtype', ['u1', 'i1', 'i2', 'i4', 'f4', 'f8'])
def test_idx_round_trip(tmp_path, dtype):
    array = np.arange(24, dtype=dtype).reshape(2, 3, 4)
    for name in ('a', 'a.gz'):
        idx.write(tmp_path / name, array)
        np.testing.assert_array_equal(idx.read(tmp_path / name), array)


def test_idx_refuses_what_it_cannot_store(tmp_path):
    with pytest.raises(ValueError, match='IDX cannot store uint64'):
        idx.write(tmp_path / 'a', np.zeros(3, np.uint64))


# Downloading, from a server in this process.

@contextlib.contextmanager
def server(files, announce=0):
    """Serves the dict; announces `announce` bytes more than it sends."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            data = files.get(self.path.lstrip('/'))
            if data is None:
                return self.send_error(404)
            self.send_response(200)
            self.send_header('Content-Length', str(len(data) + announce))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    httpd = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    try:
        yield 'http://127.0.0.1:%d/' % httpd.server_port
    finally:
        httpd.shutdown()
        httpd.server_close()


def contents(folder):
    return {name: (folder / name).read_bytes() for name in NAMES}


def test_downloads_what_is_missing(folder, tmp_path, capsys):
    target = tmp_path / 'a' / 'b'
    with server(contents(folder)) as url:
        input_data.read_data_sets(str(target), validation_size=0, source_url=url)
        size = (target / NAMES[0]).stat().st_size
        assert capsys.readouterr().out.startswith(
            'Successfully downloaded %s %d bytes.\nExtracting %s/%s\n' % (NAMES[0], size, target, NAMES[0]))
    assert sorted(os.listdir(target)) == sorted(NAMES)
    input_data.read_data_sets(str(target), validation_size=0, source_url=url)       # the server is gone


def test_an_interrupted_download_leaves_nothing(tmp_path):
    with server({'x': b'1234'}, announce=6) as url:
        with pytest.raises(OSError, match='ended early: expected 10 bytes, found 4'):
            download.maybe_download('x', str(tmp_path / 'd'), url + 'x')
    assert not os.listdir(tmp_path / 'd')


@pytest.mark.parametrize('size, sha256, message', [
    (5, None, 'expected 5 bytes, found 4'), (4, '00ff', 'expected SHA-256 00ff, found 03ac674')])
def test_a_wrong_download_leaves_nothing(tmp_path, size, sha256, message):
    with server({'x': b'1234'}) as url:
        with pytest.raises(ValueError, match=message):
            download.fetch(url + 'x', str(tmp_path / 'x'), size, sha256)
    assert not os.listdir(tmp_path)


def test_mirrors_are_tried_in_turn(tmp_path):
    good = {'x': (4, hashlib.sha256(b'1234').hexdigest())}
    with server({'x': b'1234'}) as right, server({'x': b'12345'}) as wrong, server({}) as empty:
        path = download.fetch_mnist('x', str(tmp_path), empty, mirrors=(empty, wrong, right), files=good)
        assert open(path, 'rb').read() == b'1234'
        with pytest.raises(ValueError, match='expected 4 bytes, found 5'):
            download.fetch_mnist('x', str(tmp_path / 'y'), wrong, mirrors=(wrong,), files=good)


def test_a_foreign_source_that_fails_is_an_error(tmp_path):
    with server({}) as url, pytest.raises(OSError, match='404'):
        input_data.read_data_sets(str(tmp_path / 'new'), source_url=url)
    assert not (tmp_path / 'new').exists()


def test_a_silent_server_is_given_up_soon(tmp_path):
    with socket.create_server(('127.0.0.1', 0)) as silent:
        start = time.time()
        with pytest.raises(OSError):
            download.fetch('http://127.0.0.1:%d/x' % silent.getsockname()[1], str(tmp_path / 'x'),
            timeout=0.3)
        assert time.time() - start < 3


@pytest.fixture
def offline(monkeypatch):
    def refuse(*_, **__):
        raise OSError('no network')
    monkeypatch.setattr(download, '_open', refuse)
    monkeypatch.setattr(synthetic, 'load', lambda part: synthetic.draw({'train': 600, 'test': 100}[part], 1))


def test_offline_digits_are_drawn_with_a_warning(offline, tmp_path):
    with pytest.warns(UserWarning, match='could not be downloaded .*no network.*drawn by code') as warned:
        data = input_data.read_data_sets(str(tmp_path / 'new'), one_hot=True, validation_size=100)
    assert [warning.filename for warning in warned if warning.category is UserWarning] == [__file__]
    assert [part.images.shape for part in data] == [(500, 784), (100, 784), (100, 784)]
    assert not (tmp_path / 'new').exists()


def test_offline_with_some_files_is_an_error(offline, folder):
    (folder / NAMES[3]).unlink()
    with pytest.raises(FileNotFoundError, match='holds .* but not %s, which .*no network' % NAMES[3]):
        input_data.read_data_sets(str(folder), validation_size=0)


def test_drawn_digits_are_reproducible_and_resemble_mnist():
    before = np.random.get_state()[1].copy()
    images, labels = synthetic.draw(3000, 5)
    np.testing.assert_array_equal(np.random.get_state()[1], before)
    again, _ = synthetic.draw(3000, 5)
    np.testing.assert_array_equal(images, again)
    assert images.shape == (3000, 28, 28, 1) and images.dtype == labels.dtype == np.uint8
    assert np.bincount(labels, minlength=10).min() > 200
    assert 25 < images.mean() < 40 and images.max() == 255
    assert images[:, [0, -1]].mean() < 1 and images[:, :, [0, -1]].mean() < 1


def test_drawn_digits_are_neither_trivial_nor_hopeless():
    images, labels = synthetic.draw(4000, 6)
    pixels = images.reshape(len(images), -1) / 255
    centres = np.stack([pixels[:3000][labels[:3000] == digit].mean(axis=0) for digit in range(10)])
    nearest = (pixels[3000:, None] - centres)**2
    assert 0.6 < (nearest.sum(axis=2).argmin(axis=1) == labels[3000:]).mean() < 0.9
