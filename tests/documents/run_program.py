"""Runs one program of this folder shortened, as a script or line by line as at the interactive prompt.

    python run_program.py beginners.py script|lines

Long loops are cut, and MNIST is a few thousand of the digits drawn by code. A traceback ends it with status 1.
"""
import code
import importlib.util
import os
import re
import runpy
import sys
import types
import warnings

from graphflow.examples.tutorials.mnist import download, synthetic

SHORTER = {'range(1000)': 'range(200)', 'optimize(1000)': 'optimize(200)', 'range(20000)': 'range(51)',
           'learning_rate=1e-4': 'learning_rate=1e-3', 'AdamOptimizer(1e-4)': 'AdamOptimizer(1e-3)'}
CLAUSE = re.compile(r'(else|elif|except|finally)\b')        # goes on with the block before it
EXAMPLES = {'train': 7000, 'test': 500}


class Prompt(code.InteractiveConsole):
    """An interactive prompt that stops at the first error."""

    def showtraceback(self):
        super().showtraceback()
        sys.exit(1)

    def showsyntaxerror(self, *args, **options):
        super().showsyntaxerror(*args, **options)
        sys.exit(1)


def run_lines(source):
    """Enters the lines one by one, with the empty line that ends an indented block at the prompt."""
    prompt = Prompt()
    open_block = False
    for line in source.splitlines():
        if open_block and line and not line[0].isspace() and not CLAUSE.match(line):
            open_block = prompt.push('')
        if line or not open_block:
            open_block = prompt.push(line)
    prompt.push('')


def offline(*_, **__):
    raise OSError('tests use no network')


def main(path, mode):
    download._open = offline
    draw = synthetic.draw
    synthetic.load = lambda part: draw(EXAMPLES[part], len(part))
    warnings.simplefilter('ignore', UserWarning)
    if importlib.util.find_spec('seaborn') is None:         # imported for its looks alone
        sys.modules['seaborn'] = types.ModuleType('seaborn')
    with open(path) as file:
        source = file.read()
    for long, short in SHORTER.items():
        source = source.replace(long, short)
    if mode == 'lines':
        return run_lines(source)
    with open(os.path.basename(path), 'w') as file:
        file.write(source)
    runpy.run_path(file.name, run_name='__main__')


if __name__ == '__main__':
    main(*sys.argv[1:])
