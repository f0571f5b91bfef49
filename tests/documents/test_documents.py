"""The programs graphflow was started for run, word for word but for the name of the import."""
import os
import re
import subprocess
import sys

import pytest

FOLDER = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(FOLDER))


def accuracy(pattern, at_least):
    def check(output):
        found = [float(number) for number in re.findall(pattern, output)]
        assert found and found[-1] >= at_least, output
    return check


def basics(output):
    assert 'Tensor("Add:0", shape=(), dtype=int32)' in output
    for line in ('8', '[[1. 1.]', ' [0. 0.]]', '0', '1', '2', '3', '[21.0, 7.0]',
                 '[array([14.], dtype=float32)]'):
        assert line in output.splitlines(), line


def line(output):
    numbers = [float(number) for number in re.findall(r'-?\d+\.\d+(?:e-?\d+)?', output)]
    assert len(numbers) == 2 and abs(numbers[1]) < 1, output


def conv(output):
    accuracy(r'training accuracy (\S+)', 0)(output)
    accuracy(r'test accuracy (\S+)', 0.5)(output)


def restored(output):
    before, after = re.findall(r'Accuracy: (\S+)', output)
    assert before == after and float(before) > 0.7
    assert 'Model saved in file: ./tmp/model.ckpt' in output


PROGRAMS = {
    'beginners.py': accuracy(r'(?m)^(0\.\d+)$', 0.7),
    'notebook_softmax.py': lambda output: None,
    'slides_basics.py': basics,
    'slides_linear_regression.py': line,
    'slides_softmax.py': lambda output: accuracy(r'test-set: (\S+)%', 70)(output),
    'slides_conv.py': restored,
    'notebook_conv.py': conv,
    'codelab.py': accuracy(r'Accuracy: (\S+)', 0.7),
}


def test_every_program_is_listed():
    others = {'run_program.py', os.path.basename(__file__)}
    assert {name for name in os.listdir(FOLDER) if name.endswith('.py')} - others == set(PROGRAMS)


@pytest.mark.parametrize('mode', ['script', 'lines'])
@pytest.mark.parametrize('name', PROGRAMS)
def test_program(name, mode, tmp_path):
    environment = dict(os.environ, MPLBACKEND='Agg', PYTHONPATH=ROOT)
    done = subprocess.run(
        [sys.executable, os.path.join(FOLDER, 'run_program.py'), os.path.join(FOLDER, name), mode],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    PROGRAMS[name](done.stdout)
