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
    ordered = sorted(nodes, key=lambda node: node._id)
    waiting = {}
    dependents = {}
    for node in ordered:
        before = {t.op for t in node._inputs if t not in fed}
        before.update(node._control_inputs)
        before &= nodes
        waiting[node] = len(before)
        for other in before:
            dependents.setdefault(other, []).append(node)
    ready = [node._id for node in ordered if not waiting[node]]
    by_id = {node._id: node for node in ordered}
    result = []
    while ready:
        node = by_id[heapq.heappop(ready)]
        result.append(node)
        for other in dependents.get(node, ()):
            waiting[other] -= 1
            if not waiting[other]:
                heapq.heappush(ready, other._id)
    if len(result) != len(ordered):
        stuck = next(node for node in ordered if waiting[node])
        raise errors.InvalidArgumentError(stuck, stuck, f'The graph has a cycle through node {stuck.name}')
    return result
