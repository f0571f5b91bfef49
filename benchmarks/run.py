"""Measures graphflow beside its peers, A B A B, and prints medians; beside each the ratio to graphflow.

    python benchmarks/run.py [--tensorflow PY] [--tf2 PY] [--jax PY] [--torch PY] [workload ...]

PY is a python that has that library: TensorFlow 1.15, TensorFlow 2, JAX, PyTorch. Machines are noisy, so in
each round every engine has its turn right after the others, and a ratio is the median of the rounds' ratios:
above 1, graphflow is quicker. Each workload runs in a process of its own, from which its first step and peak
memory come.
"""
import argparse
import json
import sys

import engine
import plans
import report
import start

WORKLOADS = {
    'scalar_add': 'one `add` of a fed scalar',
    'linear_regression': 'linear regression, Adam (100)',
    'softmax_regression': 'softmax regression, `log` (100)',
    'softmax_accuracy': 'softmax accuracy (10,000)',
    'mlp': 'MLP 784-256-256-10, Adam (100)',
    'transcendentals': 'six transcendentals, sum (4M floats)',
    'conv_step': 'convolutional network, Adam, dropout (50)',
    'conv_accuracy': 'its accuracy (10,000)',
}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    for flag, what in (('--tensorflow', 'TensorFlow 1.15'), ('--tf2', 'TensorFlow 2'), ('--jax', 'JAX'),
                       ('--torch', 'PyTorch')):
        parser.add_argument(flag, metavar='PY', help='a python that has ' + what)
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--seconds', type=float, default=1.0, help='how long each engine steps in each round')
    parser.add_argument('--markdown', action='store_true', help='tables as Markdown')
    parser.add_argument('--json', metavar='FILE', help='write all figures there')
    parser.add_argument('--plot', metavar='FILE', help='draw the ratios there (needs matplotlib)')
    parser.add_argument('--errors', action='store_true', help="show the workers' error output")
    parser.add_argument('workload', nargs='*', help='%s, start, plans; all by default' % ', '.join(WORKLOADS))
    options = parser.parse_args()
    chosen = options.workload or [*WORKLOADS, 'start', 'plans']
    unknown = set(chosen) - {*WORKLOADS, 'start', 'plans'}
    if unknown:
        parser.error('unknown workload: ' + ', '.join(sorted(unknown)))

    pythons = {'graphflow': sys.executable, 'tensorflow': options.tensorflow, 'tensorflow2': options.tf2,
               'jax': options.jax, 'torch': options.torch, 'numba': sys.executable}
    pythons = {peer: python for peer, python in pythons.items() if python}
    everything = {}

    def show(title, heading, rows):
        lines = report.table(heading, list(pythons), rows, options.markdown)
        print('\n'.join(['', title, '', *lines]), flush=True)

    results = {}
    for name in (w for w in WORKLOADS if w in chosen):
        results[name] = engine.measure(name, pythons, options.rounds, options.seconds, options.errors)
        print('%s: %s' % (name, report.step_cells(results[name])), file=sys.stderr, flush=True)
    if results:
        versions = {peer: r['version'] for row in results.values() for peer, r in row.items()}
        print(', '.join('%s %s' % (report.NAMES[p], v) for p, v in versions.items()))
        show('Milliseconds a step (ratio to graphflow)', 'workload (batch)',
             [(WORKLOADS[name], report.step_cells(r)) for name, r in results.items()])
        show('First step, peak memory of the process', 'workload (batch)',
             [(WORKLOADS[name], report.start_cells(r)) for name, r in results.items()])
        everything.update(versions=versions, steps=results)
    if 'start' in chosen:
        rows = everything['start'] = start.measure(pythons, options.rounds)
        show('Seconds', 'from the start',
             [(label, {p: '%.2f' % s for p, s in row.items()}) for label, row in rows])
    if 'plans' in chosen:
        columns = {peer: dict(plans.measure(peer, python, options.rounds)) for peer, python in pythons.items()
                   if peer in ('graphflow', 'tensorflow', 'tensorflow2')}
        labels = list(columns['graphflow'])
        everything['plans'] = columns
        show('Plans of a chain of layers', 'graph',
             [(label, {peer: column[label] for peer, column in columns.items()}) for label in labels])
    if options.json:
        with open(options.json, 'w') as file:
            json.dump(everything, file, indent=1)
    if options.plot and results:
        report.plot(results, options.plot)


main()
