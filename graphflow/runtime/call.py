"""Call: everything about one kind of `Session.run` (these fetches, these keys fed) that does not depend on the values."""
from graphflow.runtime.feeds import Feeds, fed_value
from graphflow.runtime.fetches import Fetches


class Call:
    """A plan with what leads to it and back: the feeds' checks, and the way from values to the fetch structure.

    Args:
      graph: the session's Graph.
      fetches: a structure of fetches.
      feed_dict: dict of the keys fed (and values of the first run, for the structure of structured keys).
      make_plan: function(fetched tensors, targets, fed tensors) -> Plan.
    """
    __slots__ = ('graph', 'mutations', 'is_empty', '_feeds', '_plan', '_build', '_tensors', '_fed')

    def __init__(self, graph, fetches, feed_dict, make_plan):
        self.graph, self.mutations = graph, graph._mutations
        prepared = Fetches(graph, fetches)
        self._feeds = Feeds(graph, feed_dict)
        fed = self._feeds.tensors
        self._fed = {t: i for i, t in enumerate(fed) if t in prepared.tensors}
        self._tensors = prepared.tensors
        self._plan = make_plan([t for t in prepared.tensors if t not in self._fed], prepared.targets, fed)
        self._build = prepared.build
        self.is_empty = not prepared.tensors and not prepared.targets

    def __call__(self, values, trace=None):
        """Runs the plan; `values` are those of the feed_dict, in the order of its keys. A Trace records the run."""
        arrays = self._feeds.arrays(values)
        results = self._plan.run(arrays) if trace is None else self._plan.run_traced(arrays, trace)
        if self._fed:       # both fed and fetched
            computed = iter(results)
            results = [fed_value(arrays[self._fed[t]]) if t in self._fed else next(computed) for t in self._tensors]
        return self._build(results)

    def prepared(self, values):
        """The Plan, and the arrays to run it on."""
        return self._plan, self._feeds.arrays(values)

    def nodes(self):
        """The Operations that a run computes, and the constants that it takes."""
        return list(self._plan.constants_used()) + self._plan.nodes
