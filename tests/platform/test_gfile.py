"""tf.gfile: files with TensorFlow's errors."""

import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def in_tmp_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_write_and_read():
    with tf.gfile.GFile('f', 'w') as f:
        f.write('hello\n')
        f.write(b'world')
        assert f.tell() == 11
    with tf.gfile.Open('f') as f:
        assert (f.readline(), f.tell(), f.seek(1), f.read(2)) == ('hello\n', 6, None, 'el')
        with pytest.raises(tf.errors.OutOfRangeError, match='reached end of file'):
            f.seek(100)
    assert tf.gfile.FastGFile('f', 'rb').read() == b'hello\nworld'
    assert list(tf.gfile.GFile('f')) == ['hello\n', 'world']
    assert tf.io.gfile.stat('f').length == tf.gfile.GFile('f').size() == 11


@pytest.mark.parametrize('call, error, message', [
    ("GFile('nope').read()", 'NotFoundError', 'nope; No such file or directory'),
    ("GFile('nope/x', 'w').write('')", 'NotFoundError', 'nope/x; No such file or directory'),
    ("GFile('d').read()", 'FailedPreconditionError', 'd; Is a directory'),
    ("GFile('f', 'x')", 'InvalidArgumentError', "mode is not 'r' or 'w' or 'a' or 'r+' or 'w+' or 'a+'"),
    ("GFile('f', 'w').read()", 'PermissionDeniedError', "File isn't open for reading"),
    ("GFile('f', 'r').write('')", 'PermissionDeniedError', "File isn't open for writing"),
    ("ListDirectory('nope')", 'NotFoundError', 'Could not find directory nope'),
    ("Glob('nope/x*')", 'NotFoundError', 'nope; No such file or directory'),
    ("Remove('nope')", 'NotFoundError', 'nope; No such file or directory'),
    ("Remove('d')", 'FailedPreconditionError', 'd; Is a directory'),
    ("DeleteRecursively('nope')", 'NotFoundError', 'nope not found'),
    ("DeleteRecursively('f')", 'FailedPreconditionError', 'f; Not a directory'),
    ("Copy('f', 'g')", 'AlreadyExistsError', 'file already exists'),
    ("Copy('nope', 'h')", 'NotFoundError', 'nope; No such file or directory'),
    ("Rename('f', 'g')", 'AlreadyExistsError', 'file already exists'),
    ("Stat('nope')", 'NotFoundError', 'nope; No such file or directory'),
    ("MkDir('nope/d')", 'NotFoundError', 'nope/d; No such file or directory'),
])
def test_errors(call, error, message):
    tf.gfile.MakeDirs('d')
    for name in 'fg':
        with tf.gfile.GFile(name, 'w') as f:
            f.write('x')
    with pytest.raises(getattr(tf.errors, error)) as e:
        eval('tf.gfile.' + call)
    assert e.value.message == message


def test_directories():
    tf.gfile.MakeDirs('a/b')
    tf.gfile.MakeDirs('a/b')
    tf.io.gfile.mkdir('a/c')
    assert sorted(tf.gfile.ListDirectory('a')) == ['b', 'c']
    assert sorted(tf.io.gfile.glob('a/*')) == ['a/b', 'a/c']
    assert [d for d, _, _ in tf.gfile.Walk('a')][0] == 'a'
    tf.gfile.DeleteRecursively('a')
    assert not tf.gfile.Exists('a') and not tf.gfile.IsDirectory('a')
