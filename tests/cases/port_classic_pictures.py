"""The classics of the tutorials: the Mandelbrot set and raindrops on a pond, stepped by grouped assigns."""
import numpy as np


def build(tf):
    Y, X = np.mgrid[-1.3:1.3:0.4, -2:1:0.4]
    Z = X + 1j * Y
    xs = tf.constant(Z.astype(np.complex64))
    zs = tf.Variable(xs)
    ns = tf.Variable(tf.zeros_like(xs, tf.float32))
    zs_ = zs * zs + xs
    not_diverged = tf.abs(zs_) < 4
    mandelbrot = tf.group(zs.assign(zs_), ns.assign_add(tf.cast(not_diverged, tf.float32)))

    def make_kernel(a):
        a = np.asarray(a)
        a = a.reshape(list(a.shape) + [1, 1])
        return tf.constant(a, dtype=1)

    def simple_conv(x, k):
        x = tf.expand_dims(tf.expand_dims(x, 0), -1)
        y = tf.nn.depthwise_conv2d(x, k, [1, 1, 1, 1], padding='SAME')
        return y[0, :, :, 0]

    def laplace(x):
        return simple_conv(x, make_kernel([[0.5, 1.0, 0.5], [1.0, -6., 1.0], [0.5, 1.0, 0.5]]))

    u_init, ut_init = np.zeros([10, 10], dtype=np.float32), np.zeros([10, 10], dtype=np.float32)
    for _ in range(5):
        a, b = np.random.randint(0, 10, 2)
        u_init[a, b] = np.random.uniform()
    eps = tf.placeholder(tf.float32, shape=())
    damping = tf.placeholder(tf.float32, shape=())
    U = tf.Variable(u_init)
    Ut = tf.Variable(ut_init)
    U_ = U + eps * Ut
    Ut_ = Ut + eps * (laplace(U) - damping * Ut)
    with tf.control_dependencies([U_, Ut_]):    # both are computed before either changes
        step = tf.group(U.assign(U_), Ut.assign(Ut_))
    return ns, mandelbrot, eps, damping, U, step


def run(tf, built):
    ns, mandelbrot, eps, damping, U, step = built
    sess = tf.InteractiveSession()
    tf.global_variables_initializer().run()
    for i in range(10):
        mandelbrot.run()
    for i in range(20):
        step.run({eps: 0.03, damping: 0.04})
    out = {'ns': ns.eval(), 'U': U.eval()}
    sess.close()
    return out
