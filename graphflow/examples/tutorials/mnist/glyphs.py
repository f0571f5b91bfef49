"""How a pen moves when it writes a digit: the skeletons that `synthetic` distorts and inks.

A skeleton is a list of strokes; a stroke is a list of (x, y) points the pen passes through, x to the right
and y down, in a box about one unit high. `LINE` strokes join their points with straight segments, all others
with a smooth Catmull-Rom curve. People write some digits in more than one way, so each digit has several
skeletons and a weight for how common each is.
"""
import numpy as np

LINE = 'line'

# digit -> [(weight, [stroke, ...]), ...]
SKELETONS = {
    0: [
        (3, [[(.50, .00), (.22, .12), (.06, .45), (.14, .85), (.42, 1.0), (.74, .86), (.88, .48), (.76, .12),
              (.48, .00)]]),
        (1, [[(.62, .04), (.34, .05), (.10, .40), (.14, .86), (.46, .98), (.80, .72), (.84, .26), (.58, .02),
              (.40, .10)]]),
    ],
    1: [
        (5, [[LINE, (.50, .00), (.48, .50), (.46, 1.0)]]),
        (2, [[LINE, (.26, .22), (.52, .00), (.52, 1.0)]]),
        (1, [[LINE, (.28, .24), (.54, .00), (.52, 1.0)], [LINE, (.24, 1.0), (.80, 1.0)]]),
    ],
    2: [
        (3, [[(.12, .22), (.30, .03), (.62, .02), (.80, .22), (.66, .50), (.36, .78), (.10, .97)],
             [LINE, (.10, .97), (.92, .95)]]),
        (2, [[(.14, .24), (.34, .02), (.68, .05), (.76, .30), (.52, .64), (.22, .92), (.10, .88), (.22, .76),
              (.46, .88), (.70, .99), (.96, .90)]]),
    ],
    3: [
        (3, [[(.14, .12), (.42, .00), (.74, .12), (.70, .34), (.40, .47), (.74, .58), (.84, .80), (.54, 1.0),
              (.10, .90)]]),
        (1, [[LINE, (.14, .04), (.78, .02), (.42, .40)],
             [(.42, .40), (.72, .46), (.86, .70), (.62, .98), (.12, .94)]]),
    ],
    4: [
        (3, [[LINE, (.20, .02), (.10, .56), (.86, .52)], [LINE, (.72, .04), (.66, 1.0)]]),
        (2, [[LINE, (.66, 1.0), (.70, .00), (.06, .64), (.94, .62)]]),
        (2, [[(.22, .00), (.12, .34), (.26, .54), (.58, .50), (.76, .38)], [LINE, (.80, .04), (.64, 1.0)]]),
    ],
    5: [
        (3, [[LINE, (.80, .02), (.26, .04), (.20, .44)],
             [(.20, .44), (.52, .38), (.82, .58), (.74, .88), (.40, 1.0), (.08, .88)]]),
        (1, [[(.90, .02), (.52, .04), (.34, .14), (.30, .40), (.58, .48), (.70, .70), (.52, .96),
              (.10, .94)]]),
    ],
    6: [
        (3, [[(.66, .00), (.34, .22), (.14, .58), (.22, .92), (.54, 1.0), (.76, .78), (.64, .56), (.36, .60),
              (.18, .80)]]),
        (1, [[(.46, .00), (.20, .34), (.12, .72), (.34, .99), (.68, .94), (.76, .68), (.50, .54),
              (.16, .72)]]),
    ],
    7: [
        (3, [[LINE, (.08, .06), (.84, .04), (.42, 1.0)]]),
        (2, [[(.08, .18), (.18, .06), (.50, .10), (.82, .04), (.68, .36), (.48, .70), (.40, 1.0)]]),
        (1, [[LINE, (.10, .05), (.86, .04), (.40, 1.0)], [LINE, (.32, .52), (.80, .50)]]),
    ],
    8: [
        (3, [[(.72, .12), (.44, .00), (.20, .16), (.34, .40), (.64, .58), (.76, .82), (.46, 1.0), (.18, .82),
              (.34, .58), (.64, .38), (.76, .16), (.66, .06)]]),
        (1, [[(.50, .46), (.24, .24), (.48, .00), (.74, .20), (.50, .46), (.22, .76), (.46, 1.0), (.76, .78),
              (.50, .46)]]),
    ],
    9: [
        (3, [[(.76, .14), (.46, .00), (.18, .20), (.24, .44), (.54, .46), (.78, .22)],
             [LINE, (.78, .16), (.72, .60), (.66, 1.0)]]),
        (2, [[(.74, .18), (.46, .02), (.20, .24), (.32, .48), (.62, .40), (.76, .16), (.78, .48), (.66, .82),
              (.40, 1.0)]]),
    ],
}


def curve_matrix(controls, samples):
    """The (samples, controls) matrix from a stroke's control points to points along its Catmull-Rom curve.

    Catmull and Rom, "A class of local interpolating splines", 1974. The curve is linear in its control
    points, so one matrix serves any number of differently jittered copies of the stroke.
    """
    at = np.linspace(0, controls - 1, samples)
    left = np.minimum(at.astype(int), controls - 2)
    t = at - left
    basis = np.stack([-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3,
                      t + 4 * t**2 - 3 * t**3, -t**2 + t**3]) / 2
    matrix = np.zeros((samples, controls))
    for offset, row in zip((-1, 0, 1, 2), basis):
        np.add.at(matrix, (np.arange(samples), np.clip(left + offset, 0, controls - 1)), row)
    return matrix


def line_matrix(controls, samples):
    """As `curve_matrix`, for straight segments between the control points."""
    at = np.linspace(0, controls - 1, samples)
    left = np.minimum(at.astype(int), controls - 2)
    matrix = np.zeros((samples, controls))
    rows = np.arange(samples)
    matrix[rows, left] = 1 - (at - left)
    matrix[rows, left + 1] = at - left
    return matrix


class Skeleton:
    """One way to write one digit.

    `controls` is a (controls, 2) array; `matrix` takes it (or a jittered copy) to (samples, 2) points along
    the pen's path; `pen_down` is (samples - 1,), 0 where the pen moves from one stroke to the next, else 1.
    """

    def __init__(self, strokes, samples):
        strokes = [(line_matrix, stroke[1:]) if stroke[0] == LINE else (curve_matrix, stroke)
                   for stroke in strokes]
        lengths = np.array([np.hypot(*np.diff(points, axis=0).T).sum() for _, points in strokes])
        counts = np.maximum(2, np.round(samples * lengths / lengths.sum())).astype(int)
        counts[-1] = samples - counts[:-1].sum()
        self.controls = np.concatenate([points for _, points in strokes])
        self.matrix = np.zeros((samples, len(self.controls)))
        self.pen_down = np.ones(samples - 1)
        row = column = 0
        for (matrix, points), count in zip(strokes, counts):
            self.matrix[row:row + count, column:column + len(points)] = matrix(len(points), count)
            row, column = row + count, column + len(points)
            self.pen_down[row - 1:row] = 0


def skeletons(digit, samples):
    """The skeletons of `digit` as ([Skeleton, ...], [probability, ...])."""
    weights, strokes = zip(*SKELETONS[digit])
    return [Skeleton(each, samples) for each in strokes], np.array(weights) / sum(weights)
