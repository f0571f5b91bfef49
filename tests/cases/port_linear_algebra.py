"""Least squares in closed form, by Cholesky and by matrix_solve_ls; PCA by svd; power iteration unrolled."""
import numpy as np

x_vals = np.linspace(0, 10, 12)
y_vals = x_vals + np.random.RandomState(13).normal(0, 1, 12)
data = np.random.RandomState(14).randn(8, 4)


def build(tf):
    A = np.column_stack((x_vals, np.ones(12)))
    A_tensor = tf.constant(A)
    b_tensor = tf.constant(y_vals.reshape(-1, 1))
    tA_A = tf.matmul(tf.transpose(A_tensor), A_tensor)
    solution = tf.matmul(tf.matmul(tf.matrix_inverse(tA_A), tf.transpose(A_tensor)), b_tensor)
    L = tf.cholesky(tA_A)
    sol1 = tf.matrix_solve(L, tf.matmul(tf.transpose(A_tensor), b_tensor))
    sol2 = tf.matrix_solve(tf.transpose(L), sol1)
    X = tf.placeholder(tf.float32, shape=[None, 4])
    centered = X - tf.reduce_mean(X, axis=0)
    s, u, v = tf.svd(centered)
    covariance = tf.matmul(centered, centered, transpose_a=True) / (tf.cast(tf.shape(X)[0], tf.float32) - 1)
    values, vectors = tf.self_adjoint_eig(covariance)
    vector = tf.ones([4, 1])
    for _ in range(8):
        vector = tf.matmul(covariance, vector)
        vector = vector / tf.norm(vector)
    D = tf.convert_to_tensor(np.array([[1., 2., 3.], [-3., -7., -1.], [0., 5., -2.]]))
    return X, dict(
        solution=solution, cholesky=sol2, ls=tf.matrix_solve_ls(A_tensor, b_tensor), singular=s, size=tf.abs(tf.matmul(u, tf.diag(s)))[:, :2],
        values=values, rebuilt=tf.matmul(vectors, tf.matmul(tf.diag(values), vectors, transpose_b=True)), vector=vector,
        determinant=tf.matrix_determinant(D), inverse=tf.matrix_inverse(D), trace=tf.trace(D), eigen=tf.self_adjoint_eigvals(D + tf.transpose(D)),
        product=tf.matmul(D, D), sum=D + np.eye(3), triangular=tf.matrix_triangular_solve(L, tf.matmul(A_tensor, b_tensor, transpose_a=True)),
        outer=tf.expand_dims(x_vals[:3], 1) * tf.expand_dims(y_vals[:2], 0), kernel=tf.exp(tf.multiply(-.5, tf.abs(
            tf.add(tf.subtract(tf.reshape(tf.reduce_sum(tf.square(X), 1), [-1, 1]), tf.multiply(2., tf.matmul(X, tf.transpose(X)))),
                   tf.transpose(tf.reshape(tf.reduce_sum(tf.square(X), 1), [-1, 1])))))))


def run(tf, built):
    X, nodes = built
    with tf.Session() as sess:
        return sess.run(nodes, {X: data})
