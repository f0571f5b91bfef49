"""tf.flags, tf.app and tf.logging as whole programs use them."""

import subprocess
import sys

import pytest

FLAGS = '''
import graphflow as tf, sys
F = tf.app.flags
F.DEFINE_string('s', 'a', 'help'); F.DEFINE_integer('n', 3, 'n'); F.DEFINE_boolean('b', True, 'b')
F.DEFINE_multi_integer('mi', [1], 'mi'); F.DEFINE_list('l', 'a,b', 'l')
FLAGS = F.FLAGS
'''
MAIN = 'def main(argv): print(argv[1:], FLAGS.n)\n'


def run(tmp_path, code, *args):
    script = tmp_path / 'script.py'
    script.write_text(code)
    return subprocess.run([sys.executable, str(script), *args], capture_output=True, text=True)


@pytest.mark.parametrize('code, args, output', [
    ('print(FLAGS.s, FLAGS.n, FLAGS.b)', ['--s=q', '--nob', '--n', '7', 'rest'], 'q 7 False'),
    ("print(FLAGS.__flags['n'].value, FLAGS.flag_values_dict()['s'], 's' in FLAGS)", [], '3 a True'),
    ('FLAGS.n = 5; print(FLAGS.n, FLAGS.mi, FLAGS.l)', ['--mi=4', '--mi=5', '--l=q,r'], "5 [4, 5] ['q', 'r']"),
    (MAIN + 'tf.app.run()', ['--n=4', '--unknown=1', 'rest'], "['--unknown=1', 'rest'] 4"),
    (MAIN + "tf.app.run(main=main, argv=['p', '--n=9'])", ['--n=4'], '[] 9'),
    ("F.DEFINE_string(flag_name='q', default_value='1', docstring='d'); print(FLAGS.q)", [], '1'),
])
def test_flags(tmp_path, code, args, output):
    done = run(tmp_path, FLAGS + code, *args)
    assert done.stdout.strip() == output, done.stderr


@pytest.mark.parametrize('code, args, error', [
    ('print(FLAGS.n)', ['--n=abc'], "IllegalFlagValueError: flag --n=abc: invalid literal for int()"),
    ('print(FLAGS.n)', ['--unknown=1'], "UnrecognizedFlagError: Unknown command line flag 'unknown'"),
    ('FLAGS.nope', [], 'AttributeError: nope'),
    ('tf.app.run()', [], "has no attribute 'main'"),
])
def test_flag_errors(tmp_path, code, args, error):
    done = run(tmp_path, FLAGS + code, *args)
    assert done.returncode == 1 and error in done.stderr


def test_main_returns_the_exit_status(tmp_path):
    assert run(tmp_path, FLAGS + 'tf.app.run(lambda argv: 3)').returncode == 3


def test_logging(tmp_path):
    done = run(tmp_path, '''
import graphflow as tf
L = tf.logging
L.info('hidden'); L.warning('w %d', 3); L.error('e')
L.set_verbosity(L.INFO); L.info('100%')
for i in range(5): L.log_every_n(L.INFO, 'every %d', 2, i)
for i in range(5): L.log_first_n(L.INFO, 'first %d', 2, i)
L.log_if(L.INFO, 'if', False); L.fatal('f')
print(L.get_verbosity())
''')
    assert done.stderr.splitlines() == [
        'WARNING:tensorflow:w 3', 'ERROR:tensorflow:e', 'INFO:tensorflow:100%', 'INFO:tensorflow:every 0',
        'INFO:tensorflow:every 2', 'INFO:tensorflow:every 4', 'INFO:tensorflow:first 0', 'INFO:tensorflow:first 1',
        'CRITICAL:tensorflow:f']
    assert done.stdout.strip() == '20'
