"""Numbers print as they did when TensorFlow 1 programs were written: `[21.0, 7.0]`, not `[np.float32(21.0), ...]`.

`Session.run` gives numpy scalars for 0-d tensors, and numpy 2 shows those by type within lists and at the prompt. numpy's own
legacy mode restores the old form; it is left alone if the program has chosen one itself.
"""
import numpy as np

if int(np.__version__.partition('.')[0]) >= 2 and not np.get_printoptions()['legacy']:
    np.set_printoptions(legacy='1.25')
