"""Records checkpoints that TensorFlow 1.15.5 writes: run with its python, from any folder.

    TF_PYTHON tests/record/checkpoints.py                  # writes tests/golden/files/checkpoints.tar.gz
    TF_PYTHON tests/record/checkpoints.py --check FOLDER   # reads what graphflow wrote there (see test_checkpoints.py)
"""
import json
import os
import sys
import tarfile
import tempfile

os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
import warnings
warnings.filterwarnings('ignore')
import numpy as np
import tensorflow as tf

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, TESTS)
from files import checkpoint_models


def check(folder):
    """Compares what graphflow wrote with what is expected; prints how many tensors are the same, bit for bit."""
    reader = tf.train.NewCheckpointReader(os.path.join(folder, 'types'))
    expected, same = checkpoint_models.values(), 0
    for name, value in expected.items():
        found = reader.get_tensor(name)
        found = np.asarray(found, value.dtype) if value.dtype == object else found
        assert found.dtype == value.dtype and found.shape == value.shape, name
        assert found.tolist() == value.tolist() if value.dtype == object else found.tobytes() == value.tobytes(), name
        same += 1
    for name in 'parts', 'shards':
        for key, sign in ('p', 1), ('q', -1):
            found = tf.train.load_variable(os.path.join(folder, name), key)
            assert (found == sign * np.arange(20).reshape(5, 4)).all()
            same += 1
    assert len(tf.train.list_variables(os.path.join(folder, 'many'))) == 500
    with tf.Graph().as_default():
        train, loss, feed = checkpoint_models.network(tf)
        with tf.Session() as session:
            tf.train.Saver().restore(session, tf.train.latest_checkpoint(os.path.join(folder, 'train')))
            losses = checkpoint_models.losses(session, train, loss, feed, 30, 50)
    with open(os.path.join(folder, 'losses.json')) as f:
        difference = np.abs(np.array(losses) - json.load(f)).max()
    assert difference < 1e-4, difference
    tf.reset_default_graph()
    saver = tf.train.import_meta_graph(tf.train.latest_checkpoint(os.path.join(folder, 'train')) + '.meta')
    with tf.Session() as session:
        saver.restore(session, tf.train.latest_checkpoint(os.path.join(folder, 'train')))
        assert session.run('global_step:0') == 30
    print(f'{same} tensors the same; 20 losses within {difference:.1e}')


def main():
    tf.logging.set_verbosity(tf.logging.ERROR)
    if '--check' in sys.argv:
        return check(sys.argv[-1])
    with tempfile.TemporaryDirectory() as folder:
        # Paths relative to the folder, so that the file `checkpoint` holds wherever it is unpacked.
        os.chdir(folder)
        losses = checkpoint_models.write(tf, '')
        with open('losses.json', 'w') as f:
            json.dump(losses, f)
        with tarfile.open(os.path.join(TESTS, 'golden', 'files', 'checkpoints.tar.gz'), 'w:gz') as archive:
            for name in sorted(os.listdir('.')):
                archive.add(name)


if __name__ == '__main__':
    main()
