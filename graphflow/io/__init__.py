"""File formats: how checkpoints lie on disk. Numpy arrays and bytes only; no graphs, ops or sessions."""
