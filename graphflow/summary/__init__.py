"""tf.summary beyond the ops (ops/summary.py): writing and reading event files, the log that TensorBoard shows."""
