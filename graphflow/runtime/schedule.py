"""Pass 2: the order in which the nodes of a plan run.

Nodes run in order of creation wherever their inputs allow it. That order is deterministic, and it is the one a reader
of the program expects: what a program reads before it updates is read before.
"""
import heapq

from graphflow.framework import errors


def schedule(nodes, fed):
    """Orders a set of Operations so that each comes after what it takes and after its control inputs.

    Raises: InvalidArgumentError if they form a cycle.
    """
    before = {}
    for node in nodes:
        before[node] = {t.op for t in node._inputs if t not in fed}
        before[node].update(node._control_inputs)
        before[node] &= nodes
    return in_order(nodes, before, lambda node: node._id)


def in_order(items, before, key):
    """Orders items so that each comes after those of `before[item]`, and else by `key(item)`, a distinct number.

    Raises: InvalidArgumentError if they form a cycle.
    """
    by_key = {key(item): item for item in items}
    waiting = {item: len(before[item]) for item in items}
    dependents = {}
    for item in items:
        for other in before[item]:
            dependents.setdefault(other, []).append(item)
    ready = sorted(k for k, item in by_key.items() if not waiting[item])
    result = []
    while ready:
        item = by_key[heapq.heappop(ready)]
        result.append(item)
        for other in dependents.get(item, ()):
            waiting[other] -= 1
            if not waiting[other]:
                heapq.heappush(ready, key(other))
    if len(result) != len(waiting):
        stuck = by_key[min(k for k, item in by_key.items() if waiting[item])]
        raise errors.InvalidArgumentError(None, None, f'The graph has a cycle through {stuck.name}')
    return result
