"""Pass 1: which nodes a run needs, given what is fetched and what is fed."""


def prune(targets, fed, follow_control=True):
    """The nodes that must run to produce `targets`.

    Args:
      targets: Operations that have to run.
      fed: a set of Tensors whose values are given, so that what computes them need not run.
      follow_control: whether what a node only waits for is needed too.

    Returns: a set of Operations.
    """
    needed = set()
    pending = list(targets)
    while pending:
        node = pending.pop()
        if node in needed:
            continue
        needed.add(node)
        pending.extend(t.op for t in node._inputs if t not in fed)
        if follow_control:
            pending.extend(node._control_inputs)
    return needed


def producers(tensors, fed):
    """The Operations that must run to produce `tensors`: none for those that are fed."""
    return [t.op for t in tensors if t not in fed]
