"""The pictures that the tutorials draw, as PNG files.

matplotlib is imported when the first picture is drawn, and never opens a window.
"""
import os

import numpy as np


def weight_maps(path, weights):
    """Draws a [784, 10] weight matrix as ten 28x28 maps: blue votes for the digit, red against it."""
    maps = weights.T.reshape(-1, 28, 28)
    _grid(path, maps, range(len(maps)), columns=5, colours='RdBu')


def filters(path, kernels):
    """Draws the [height, width, channels, count] kernels of a convolution, the mean over channels of each."""
    maps = kernels.mean(axis=2).transpose(2, 0, 1)
    _grid(path, maps, [''] * len(maps), columns=8, colours='RdBu')


def digits(path, images, titles, columns=10):
    """Draws [count, 784] images with a title each, dark ink on white paper."""
    _grid(path, np.reshape(images, (-1, 28, 28)), titles, columns, 'Greys')


def mistakes(path, images, truth, predicted, count=30):
    """Draws the first images whose predicted label is wrong; returns how many are."""
    wrong = np.flatnonzero(truth != predicted)
    titles = ['%d, not %d' % (truth[i], predicted[i]) for i in wrong[:count]]
    digits(path, images[wrong[:count]], titles)
    return len(wrong)


def confusion(path, truth, predicted):
    """Draws how often a digit (row) was taken for another (column)."""
    table = np.zeros((10, 10), int)
    np.add.at(table, (truth, predicted), 1)
    plt = _pyplot()
    figure, axes = plt.subplots(figsize=(5, 5))
    axes.imshow(np.log1p(table), cmap='Blues')
    for row, column in zip(*np.nonzero(table)):
        axes.text(column, row, table[row, column], ha='center', va='center', fontsize=8,
                  color='white' if row == column else 'black')
    axes.set(xlabel='predicted', ylabel='true', xticks=range(10), yticks=range(10))
    _save(figure, path)


def curves(path, lines, xlabel, ylabel, log=False):
    """Draws `lines`, a dict from label to a list of values."""
    figure, axes = _pyplot().subplots(figsize=(6, 4))
    for label, values in lines.items():
        axes.plot(values, label=label, linewidth=1)
    axes.set(xlabel=xlabel, ylabel=ylabel, yscale='log' if log else 'linear')
    axes.legend()
    _save(figure, path)


def scatter(path, clouds):
    """Draws `clouds`, a dict from label to (x values, y values)."""
    figure, axes = _pyplot().subplots(figsize=(6, 5))
    for label, (x, y) in clouds.items():
        axes.scatter(x, y, s=4, label=label)
    axes.legend(markerscale=3)
    _save(figure, path)


def graph(path, operations):
    """Draws operations as boxes, each to the right of those whose outputs it takes."""
    depth, rows = {}, {}
    for op in operations:
        depth[op.name] = 1 + max((depth[tensor.op.name] for tensor in op.inputs), default=-1)
        rows.setdefault(depth[op.name], []).append(op.name)
    place = {name: (2.2 * column, row - (len(names) - 1) / 2)
             for column, names in rows.items() for row, name in enumerate(names)}
    figure, axes = _pyplot().subplots(figsize=(2.2 * len(rows), 1.2 * max(map(len, rows.values()))))
    for op in operations:
        axes.text(*place[op.name], '%s\n(%s)' % (op.name, op.type), ha='center', va='center',
                  bbox={'boxstyle': 'round', 'facecolor': '#d8e8f8'})
        for number, tensor in enumerate(op.inputs):
            bend = 'arc3,rad=%g' % (0.15 * number)      # two arrows between the same boxes stay apart
            axes.annotate('', place[op.name], place[tensor.op.name], zorder=0, arrowprops={
                'arrowstyle': '->', 'shrinkA': 30, 'shrinkB': 30, 'connectionstyle': bend})
    axes.set(xlim=(-1.1, 2.2 * len(rows) - 1.1), ylim=(max(map(len, rows.values())) / 2, -max(
        map(len, rows.values())) / 2))
    axes.axis('off')
    _save(figure, path)


def _grid(path, images, titles, columns, colours):
    """Images in rows of `columns`, each scaled to its largest value; diverging colours are centred on 0.

    They are pasted into one large image: matplotlib takes its time over axes.
    """
    rows = max(1, -(-len(images) // columns))
    height, width = np.shape(images)[1:] if len(images) else (1, 1)
    gap = max(2, height // 4)                               # room for the title
    sheet = np.full((rows * (height + gap), columns * (width + 2)), np.nan)        # nothing there: left white
    figure, axes = _pyplot().subplots(figsize=(columns, rows * (height + gap) / (width + 2)))
    for number, (image, title) in enumerate(zip(images, titles)):
        top, left = number // columns * (height + gap) + gap, number % columns * (width + 2) + 1
        sheet[top:top + height, left:left + width] = image / (np.abs(image).max() or 1)
        axes.text(left + width / 2, top - gap / 3, title, ha='center', fontsize=8)
    axes.imshow(sheet, cmap=colours, vmin=-1 if colours == 'RdBu' else 0, vmax=1)
    axes.axis('off')
    _save(figure, path)


def _pyplot():
    import matplotlib
    matplotlib.use('Agg')
    import matplotlib.pyplot
    return matplotlib.pyplot


def _save(figure, path):
    os.makedirs(os.path.dirname(path) or '.', exist_ok=True)
    figure.tight_layout()
    figure.savefig(path, dpi=100)
    _pyplot().close(figure)
    print('Picture:', path)
