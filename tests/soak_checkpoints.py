"""The same tests of damage and interruption as test_checkpoints.py, for longer: `python tests/soak_checkpoints.py [--flips
10000] [--kills 200] [--seed 1]` from the top of the repository.
"""
import argparse
import pathlib
import sys
import tarfile
import tempfile

sys.path[:0] = [str(pathlib.Path(__file__).parent), str(pathlib.Path(__file__).parent.parent)]
from files import test_checkpoints as tests


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--flips', type=int, default=10000)
    parser.add_argument('--kills', type=int, default=200)
    parser.add_argument('--seed', type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for name in 'recorded', 'damaged', 'killed':
            (folder / name).mkdir()
        with tarfile.open(tests._ARCHIVE) as archive:
            archive.extractall(folder / 'recorded')
        tests.flips(folder / 'recorded', folder / 'damaged', options.flips, options.seed)
        print(f'{options.flips} damaged checkpoints: none changed a variable')
        tests.killed_saves(folder / 'killed', options.kills, options.seed)
        print(f'{options.kills} killed saves: the newest checkpoint was whole each time')


if __name__ == '__main__':
    main()
