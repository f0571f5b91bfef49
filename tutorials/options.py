"""The command line options that the tutorials share."""
import argparse


def parser(doc, steps=None, batch=None, rate=None):
    """A parser for a tutorial with docstring `doc`, with `--steps` and so on if they have a default."""
    made = argparse.ArgumentParser(description=doc.strip().splitlines()[0])
    if steps is not None:
        made.add_argument('--steps', type=int, default=steps, help='training steps (default %(default)s)')
    if batch is not None:
        made.add_argument('--batch', type=int, default=batch, help='examples per step (default %(default)s)')
    if rate is not None:
        made.add_argument('--rate', type=float, default=rate, help='learning rate (default %(default)s)')
    made.add_argument('--data_dir', default='MNIST_data', help='folder of MNIST files (default %(default)s)')
    made.add_argument('--out', default='tutorials_out', help='folder for pictures (default %(default)s)')
    made.add_argument('--seed', type=int, default=0, help='same seed, same run (default %(default)s)')
    return made
