"""graphflow: the TensorFlow 1 programming model on current Python."""
