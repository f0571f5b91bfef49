"""Where the two seeds of a random op come from: the graph's seed and the op's own."""
from graphflow.framework.export import export
from graphflow.framework.graph import get_default_graph

DEFAULT_GRAPH_SEED = 87654321
_LARGEST = 2**31 - 1


@export('get_seed', 'random.get_seed', 'compat.v1.get_seed')
def get_seed(op_seed):
    """The pair of seeds for an op that is about to be added to the default graph.

    Args:
        op_seed: the seed the user gave for the op, an integer or None.

    Returns:
        `(graph seed, op seed)`. With a graph seed but no op seed, the number of ops created so far stands for the
        latter, so that two ops differ and yet the same program gives the same numbers again. With an op seed alone
        the graph's is a fixed default. With neither: `(None, None)`, which asks for numbers nobody can repeat.
        Never `(0, 0)`, which kernels take for "no seed".
    """
    graph = get_default_graph()
    if graph.seed is not None:
        seeds = graph.seed, graph._last_id if op_seed is None else op_seed
    elif op_seed is not None:
        seeds = DEFAULT_GRAPH_SEED, op_seed
    else:
        return None, None
    first, second = (seed % _LARGEST for seed in seeds)
    return (0, _LARGEST) if (first, second) == (0, 0) else (first, second)


@export('set_random_seed', 'random.set_random_seed', 'compat.v1.set_random_seed')
def set_random_seed(seed):
    """Sets the default graph's seed, an integer, for the random ops added from here on."""
    get_default_graph().seed = seed
