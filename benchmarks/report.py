"""Tables and a picture of the results."""

NAMES = {'graphflow': 'graphflow', 'tensorflow': 'TensorFlow 1', 'tensorflow2': 'TensorFlow 2 `compat.v1`',
         'jax': 'JAX', 'torch': 'PyTorch', 'numba': 'by hand (numba)'}


def table(heading, peers, rows, markdown):
    """Lines of a table.

    Args:
        heading: of the first column.
        peers: keys of NAMES, one for each further column.
        rows: pairs (label, {peer: text of the cell}).
        markdown: whether as Markdown, otherwise aligned for a terminal.
    """
    cells = [[heading] + [NAMES.get(p, p) for p in peers]]
    cells += [[label] + [row.get(p, '-') for p in peers] for label, row in rows]
    if markdown:
        lines = ['| ' + ' | '.join(line) + ' |' for line in cells]
        return [lines[0], '|' + '---|' * len(cells[0])] + lines[1:]
    widths = [max(len(line[i]) for line in cells) for i in range(len(cells[0]))]
    return ['  '.join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(line, widths)))
            for line in cells]


def step_cells(results):
    """{peer: 'milliseconds (ratio)'} of one workload's results."""
    def ratio(peer, result):
        return '' if peer == 'graphflow' or 'ratio' not in result else ' (%.2f)' % result['ratio']
    return {peer: milliseconds(r['step_s']) + ratio(peer, r) for peer, r in results.items()}


def start_cells(results):
    """{peer: 'first step, peak memory'}."""
    return {peer: '%.2f s, %.0f MB' % (r['first_s'], r['peak_mb']) for peer, r in results.items()}


def milliseconds(seconds):
    value = seconds * 1e3
    return '%.3f' % value if value < 1 else '%.2f' % value if value < 10 else '%.0f' % value


def plot(results, path):
    """A bar chart of how much longer than graphflow's a step takes in each peer; logarithmic."""
    import matplotlib
    matplotlib.use('agg')
    from matplotlib import pyplot as plt
    results = {name: r for name, r in results.items() if 'graphflow' in r}
    peers = [p for p in NAMES if p != 'graphflow' and any(p in r for r in results.values())]
    figure, axes = plt.subplots(figsize=(10, 5), constrained_layout=True)
    for i, peer in enumerate(peers):
        at = [k + 0.8 * (i + 0.5) / len(peers) - 0.4 for k, r in enumerate(results.values()) if peer in r]
        heights = [r[peer]['ratio'] for r in results.values() if peer in r]
        axes.bar(at, heights, 0.8 / len(peers), label=NAMES[peer])
    axes.axhline(1, color='black', linewidth=1)
    axes.set(yscale='log', ylabel="time of a step / graphflow's", xticks=range(len(results)))
    axes.set_xticklabels([name.replace('_', ' ') for name in results], rotation=20, ha='right')
    axes.legend()
    figure.savefig(path)
