"""tf.app.run: parse the flags, call main(argv), exit with what it returns."""

import sys

from graphflow.framework.export import export


@export('app.run')
def run(main=None, argv=None):
    """Runs a program. Flags that nobody defined stay in the argv that main gets.

    Args:
      main: called with the arguments that are not flags; the function `main` of the `__main__` module by default.
      argv: the command line to parse; sys.argv by default.
    """
    from absl import app
    from graphflow.platform import flags

    def parse(args):
        return flags.FLAGS(sys.argv if args is None else args, known_only=True)

    app.run(main or sys.modules['__main__'].main, argv=argv, flags_parser=parse)
