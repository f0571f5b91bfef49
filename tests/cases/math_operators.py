"""Python's operators on tensors, tensors with numbers, lists and arrays, casts of integers in division."""
import numpy as np

EXPRESSIONS = '''
x * 2; 2 * x; x + 1; 1 + x; x - 1; 1 - x; x / 2; 2 / x; x // 2; 2 // x; x % 2; 2 % x; x ** 2; 2 ** x; -x
abs(x); x < 1; x <= 1; x > 1; x >= 1; 1 < x; i / 2; 2 / i; i // 2; i % 3; i + 1; i * i; -i; i ** 2; i - 7
u / u; u + u; u - 1; b & b; b | b; b ^ b; ~b; True & b; b & True; False | b; True ^ b; s + s; s + 'a'; 'a' + s
z * 2; z / z; abs(z); -z; z + x; np.ones((2, 3), np.float32) * x; np.float32(3) * x; np.float64(3) * x
[1., 2., 3.] * x; x + np.arange(3); x @ y; v * 2; 2 - v; v / v; v > 1; -v; abs(v); v ** 2; v @ y; x + v
np.ones((2, 3)) - v
'''.replace('\n', ';').split(';')


def build(tf):
    x = tf.constant([[1.5, -2., 3.], [.5, 4., -1.]])
    names = dict(
        np=np, x=x, y=tf.constant(np.arange(12.).reshape(3, 4), tf.float32), i=tf.constant([[7, -7], [3, 1]]),
        u=tf.constant([3, 200], tf.uint8), b=tf.constant([True, False]), s=tf.constant(['p', 'q']),
        z=tf.constant([[1 + 2j, 3 - 1j, 2.]], tf.complex64), v=tf.Variable([[1., 2., 3.], [4., 5., 6.]]))
    values = {}
    for expression in filter(None, (e.strip() for e in EXPRESSIONS)):
        try:
            values[expression] = eval(expression, names)
        except (TypeError, ValueError):
            pass        # what it left behind is compared too
    return values


def run(tf, built):
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return session.run(built)
