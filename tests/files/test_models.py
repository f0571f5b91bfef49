"""Models cross from TensorFlow 1.15.5 to graphflow, and from graphflow to itself, through files of every form."""
import os
import tarfile

import numpy as np
import pytest

import graphflow as tf
from files import models

_ARCHIVE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'golden', 'files', 'models.tar.gz')


@pytest.fixture(scope='module')
def recorded(tmp_path_factory):
    """The folder of what TensorFlow wrote."""
    folder = tmp_path_factory.mktemp('recorded')
    with tarfile.open(_ARCHIVE) as archive:
        archive.extractall(folder)
    return folder


def _check(folder):
    read = list(models.read(tf, str(folder)))
    assert len(read) == 9
    for what, found, expected in read:
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5, err_msg=what)


@pytest.mark.parametrize('name', models.MODELS)
def test_read_what_tensorflow_wrote(name, recorded):
    _check(recorded / name)


@pytest.mark.parametrize('name', models.MODELS)
def test_read_what_graphflow_wrote(name, tmp_path):
    models.write(tf, name, str(tmp_path / name))
    _check(tmp_path / name)


def test_gradients_of_an_imported_loop(recorded):
    """A new optimizer on a model of which there is only the file."""
    with tf.Graph().as_default() as graph, tf.Session() as session:
        tf.train.import_meta_graph(str(recorded / 'recurrent' / 'model.meta'))
        loss = graph.get_tensor_by_name('loss:0')
        w = tf.trainable_variables()[0]
        gradient, = tf.gradients(loss, w)
        session.run(tf.global_variables_initializer())
        random = np.random.RandomState(2)
        feeds = {'x:0': random.randn(2, 5), 't:0': random.randn(2, 5)}
        value, analytic = session.run([w, gradient], feeds)
        step = np.zeros_like(value)
        step[1, 2] = 1e-2
        losses = [session.run(loss, {**feeds, w: value + sign * step}) for sign in (1, -1)]
        assert abs((losses[0] - losses[1]) / 2e-2 - analytic[1, 2]) < 1e-3
