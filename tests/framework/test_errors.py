import pickle
import types

from graphflow.framework import errors

from .golden import differences


def test_codes_and_text():
    assert differences('errors') == []


def test_pickle():
    error = pickle.loads(pickle.dumps(errors.NotFoundError(None, None, 'gone')))
    assert type(error) is errors.NotFoundError and error.message == 'gone' and error.error_code == errors.NOT_FOUND


def test_text_tells_where_the_op_was_made():
    forward = types.SimpleNamespace(name='sq', traceback=[('a.py', 3, 'build', 'square(x)')])
    op = types.SimpleNamespace(name='grad', traceback=[('b.py', 4, 'train', 'gradients(y)')], _original_op=forward)
    assert str(errors.InternalError(None, op, 'broken')) == (
        'broken\n\nOriginal stack trace for \'grad\':\n  File "b.py", line 4, in train\n    gradients(y)\n'
        '\n...which was originally created as op \'sq\', defined at:\n  File "a.py", line 3, in build\n    square(x)\n')
