"""Random graphs give the same values, errors and state compiled and not (see random_graphs.py)."""
import pytest
from tests.runtime.random_graphs import Case

GRAPHS, PART = 160, 20


@pytest.mark.parametrize('first', range(0, GRAPHS, PART))
def test_compiled_runs_do_what_plain_runs_do(first):
    for seed in range(first, first + PART):
        Case(seed).check()
