"""The loops of a plan: which nodes run once, which in the rounds of a loop, and the order of both.

A loop is a frame: an Enter leads into it, an Exit out of it, and a NextIteration to its next round. Without the edges
from NextIteration to Merge a graph has no cycles, so the nodes of each frame can be put in order, a loop within
counting as a single item of the frame around it.
"""
from graphflow.framework import errors
from graphflow.runtime.schedule import in_order

ENTERS = frozenset(('Enter', 'RefEnter'))
EXITS = frozenset(('Exit', 'RefExit'))
NEXT = frozenset(('NextIteration', 'RefNextIteration'))
MERGES = frozenset(('Merge', 'RefMerge'))
SWITCHES = frozenset(('Switch', 'RefSwitch'))
CONTROL_FLOW = ENTERS | EXITS | NEXT | MERGES | SWITCHES | {'LoopCond'}


class Frame:
    """One loop, or the plan as a whole (`parent` None).

    Attributes: `name`, `parent`, and `items`, Operations and inner Frames in the order in which they run in a round.
    """

    def __init__(self, name, parent):
        self.name, self.parent = name, parent
        self.nodes, self.items, self.inner = [], [], {}

    @property
    def key(self):
        """When it was made: the ids of its nodes tell."""
        found = [n._id for n in self.nodes]
        return min(found + [f.key for f in self.inner.values()])

    def all_nodes(self):
        """The nodes of this frame and those within."""
        yield from self.nodes
        for frame in self.inner.values():
            yield from frame.all_nodes()

    def in_order(self):
        """The nodes of this frame and those within, in the order of a round."""
        for item in self.items:
            if isinstance(item, Frame):
                yield from item.in_order()
            else:
                yield item

    def of_type(self, types):
        """The frame's own nodes of these op types."""
        return [n for n in self.nodes if n.type in types]


def frames(nodes, fed):
    """Finds the loops among the nodes of a plan and orders everything.

    Args:
      nodes: a set of Operations.
      fed: a set of Tensors whose values are given.

    Returns: the outermost Frame, all of whose `items` are in order.

    Raises: InvalidArgumentError if there is a cycle that is no loop.
    """
    root = Frame('', None)
    frame_of = _assign(root, nodes, fed)
    stuck = min((n for n in nodes if n not in frame_of), key=lambda n: n._id, default=None)
    if stuck is not None:
        raise errors.InvalidArgumentError(stuck, stuck, f'The graph has a cycle through node {stuck.name}')
    for node in sorted(nodes, key=lambda n: n._id):
        frame_of[node].nodes.append(node)
    _order(root, frame_of, fed)
    return root


def _assign(root, nodes, fed):
    """The frame of each node: that of its inputs, or the one it enters."""
    frame_of = {}
    pending = [(node, root) for node in nodes
               if not any(t.op in nodes and t not in fed for t in node._inputs)
               and not any(c in nodes for c in node._control_inputs)]
    while pending:
        node, frame = pending.pop()
        if node in frame_of:
            continue
        if node.type in ENTERS:
            name = node._attrs['frame_name']
            if name not in frame.inner:
                frame.inner[name] = Frame(name, frame)
            frame = frame.inner[name]
        frame_of[node] = frame
        after = frame
        if node.type in EXITS:
            after = frame.parent
            if after is None:
                raise errors.InvalidArgumentError(node, node, f'The node {node.name} leaves a loop it is not in')
        followers = [n for t in node.outputs if t not in fed for n in t._consumers] + node._control_outputs
        pending.extend((n, after) for n in followers if n in nodes)
    return frame_of


def _order(frame, frame_of, fed):
    for inner in frame.inner.values():
        _order(inner, frame_of, fed)
    items = frame.nodes + list(frame.inner.values())
    before = {item: set() for item in items}
    for item in items:
        for node in (item.all_nodes() if isinstance(item, Frame) else [item]):
            sources = [t.op for t in node._inputs if t not in fed] + node._control_inputs
            for source in sources:
                if source.type in NEXT and node.type in MERGES:
                    continue        # from the round before
                other = _item_within(frame, source, frame_of)
                if other is not None and other is not item:
                    before[item].add(other)
    frame.items = in_order(items, before, lambda item: item.key if isinstance(item, Frame) else item._id)


def _item_within(frame, node, frame_of):
    """The item of `frame` that `node` is or lies in, or None."""
    own = frame_of.get(node)
    if own is frame:
        return node
    while own is not None and own.parent is not frame:
        own = own.parent
    return own
