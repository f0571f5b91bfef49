"""Every tutorial runs, learns something and draws its pictures; on a few digits drawn by code."""
import os
import re
import subprocess
import sys

import pytest

from graphflow.examples.tutorials.mnist import idx, synthetic

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = os.path.join(ROOT, 'tutorials')
HELPERS = {'options.py', 'pictures.py'}

# script: (arguments, pattern of the number to check, its least value, pictures)
TUTORIALS = {
    'tour.py': ([], r'5 to the power 6 = (\d+)', 15625, ['tour_graph']),
    'what_is_mnist.py': ([], r'Right for ([\d.]+)%', 50, [
        'mnist_digits', 'mnist_means', 'mnist_shadow', 'cross_entropy']),
    'linear_regression.py': (['--steps', '600'], r'learned  y = ([\d.]+) x', 0.5, [
        'linear_regression', 'linear_regression_loss']),
    'mnist_softmax.py': (['--steps', '300'], r'steps: test accuracy ([\d.]+)', 0.7, [
        'mnist_softmax_' + each for each in ('weights', 'loss', 'mistakes')]),
    'mnist_losses.py': (['--steps', '200'], r'fused +test accuracy ([\d.]+)', 0.7, ['mnist_losses']),
    'mnist_conv.py': (['--steps', '50', '--rate', '1e-3'], r'steps: test accuracy ([\d.]+)', 0.6, [
        'mnist_conv_' + each for each in ('filters', 'loss', 'mistakes')]),
    'mnist_layers.py': (['--steps', '100', '--rate', '1e-3'], r'Restored: test accuracy ([\d.]+), same', 0.6, [
        'mnist_layers_' + each for each in ('filters1', 'filters2', 'loss', 'confusion', 'mistakes')]),
    'save_restore.py': ([], r'begins at step (200)', 200, []),
    'resume_from_tf_checkpoint.py': ([], r'step (50)  loss', 50, ['resume_loss']),
    'mnist_tensorboard.py': (['--steps', '200'], r'steps: test accuracy ([\d.]+)', 0.7, []),
}


@pytest.fixture(scope='module')
def data_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp('MNIST_data')
    for part, count, seed in (('train', 9000, 1), ('t10k', 1000, 2)):
        images, labels = synthetic.draw(count, seed)
        idx.write(folder / (part + '-images-idx3-ubyte'), images[..., 0])
        idx.write(folder / (part + '-labels-idx1-ubyte'), labels)
    return folder


def test_every_tutorial_is_listed():
    assert {name for name in os.listdir(FOLDER) if name.endswith('.py')} - HELPERS == set(TUTORIALS)
    with open(os.path.join(FOLDER, 'README.md')) as file:
        readme = file.read()
    assert all(name in readme for name in TUTORIALS)


@pytest.mark.parametrize('name', TUTORIALS)
def test_tutorial(name, data_dir, tmp_path):
    arguments, pattern, least, pictures = TUTORIALS[name]
    done = subprocess.run(
        [sys.executable, os.path.join(FOLDER, name), '--data_dir', str(data_dir), *arguments], cwd=tmp_path,
        env=dict(os.environ, PYTHONPATH=ROOT), capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    found = re.search(pattern, done.stdout)
    assert found and float(found.group(1)) >= least, done.stdout
    for picture in pictures:
        assert (tmp_path / 'tutorials_out' / (picture + '.png')).read_bytes().startswith(b'\x89PNG')
