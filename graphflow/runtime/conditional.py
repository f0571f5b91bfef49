"""Pass 4 for plans with branches and loops: Python code in which dead nodes are skipped and loops are `while` loops.

A Switch makes one of its outputs dead. A node with a dead input or control input does not run, and its outputs are
dead; only a Merge and a ControlTrigger do not mind. The checks stand only at the nodes behind a Switch, so that the
others cost what they cost in a straight-line region. A loop is over when no NextIteration got a value.
"""
import numpy as np

from graphflow.framework import errors
from graphflow.kernels.control_flow import DEAD
from graphflow.runtime.codegen import Step, StraightRegion
from graphflow.runtime.frames import ENTERS, EXITS, MERGES, NEXT, SWITCHES, Frame

_ALWAYS_RUN = MERGES | {'ControlTrigger'}   # a ControlTrigger only waits, be it for something dead


class ConditionalRegion(StraightRegion):
    """Items that run in order: nodes, under the condition that their inputs are there, and loops.

    Args:
      frame: the plan's outermost Frame.
      functions: dict of the nodes that are to run to their bound kernels; None for those that compute nothing.
      env, arguments, constants, results: as for StraightRegion.
    """

    def __init__(self, frame, functions, env, arguments, constants, results):
        self._functions = functions
        self._may_die = set()       # tensors that are dead in some runs, and nodes that do not run in some
        scope = {**constants, 'DEAD': DEAD, 'missing': _missing, 'first': np.int32(0), 'later': np.int32(1)}
        super().__init__(frame.items, env, arguments, scope, results)

    def _emit_all(self, items, results):
        freed = self._last_uses([self._nodes(item) for item in items], results)
        for i, item in enumerate(items):
            self._emit_item(item)
            unused = [self._names[t] for t in freed.get(i, ()) if t in self._names]
            if unused:
                self._line(f'del {", ".join(unused)}')
        for i, tensor in enumerate(sorted(results, key=lambda t: t.name)):
            if tensor in self._may_die:
                self._line(f'if {self._names[tensor]} is DEAD: missing({i})')

    def _nodes(self, item):
        found = item.all_nodes() if isinstance(item, Frame) else [item]
        return [node for node in found if node in self._functions]

    def _needs(self, node):
        return node._inputs + [c.outputs[0] for c in node._control_inputs if c.type in MERGES]

    def _emit_item(self, item):
        if isinstance(item, Frame):
            self._emit_loop(item)
        elif item in self._functions:
            self._emit_node(item)

    def _emit_node(self, node, otherwise=True):
        """One node; with no `otherwise` its outputs keep their values when it does not run."""
        guards = [] if node.type in _ALWAYS_RUN else self._guards(node)
        if guards:
            self._may_die.add(node)
        if guards or node.type in SWITCHES or self._all_may_die(node):
            self._may_die.update(t for t in node.outputs if t not in self._names)
        function = self._functions[node]
        if not guards:
            if function is not None:
                self._emit(Step(node, function))
            return
        fed = [t for t in node.outputs if t in self._names]
        self._line(f'if {" and ".join(guards)}:')
        self._depth += 1
        if function is not None:
            self._emit(Step(node, function))
        if node._control_outputs or function is None:
            self._line(f'alive{node._id} = True')
        self._depth -= 1
        outputs = [self._names[t] for t in node.outputs if t not in fed] if otherwise else []
        dead = [f'{" = ".join(outputs)} = DEAD'] if outputs else []
        if node._control_outputs or function is None:
            dead.append(f'alive{node._id} = False')
        if dead:
            self._line(f'else: {"; ".join(dead)}')

    def _guards(self, node):
        """The conditions under which `node` runs: that all it waits for is there."""
        found = [f'{self._names[t]} is not DEAD' for t in node._inputs if t in self._may_die]
        found += [f'alive{c._id}' for c in node._control_inputs if c in self._may_die and c.type not in MERGES]
        found += [f'{self._names[c.outputs[0]]} is not DEAD' for c in node._control_inputs
                  if c.type in MERGES and c.outputs[0] in self._may_die]
        return list(dict.fromkeys(found))

    def _all_may_die(self, node):
        return node.type in MERGES and all(t in self._may_die for t in node._inputs)

    def _emit_loop(self, frame):
        nexts, merges = frame.of_type(NEXT), _heads(frame)
        for node in frame.of_type(ENTERS):
            self._emit_node(node)
        for node in merges:
            self._start(node)
        for node in frame.of_type(EXITS):
            name = self._names[node.outputs[0]] = f't{node._id}_0'
            self._line(f'{name} = DEAD')
        self._line('while True:')
        self._depth += 1
        for item in frame.items:
            if isinstance(item, Frame) or item.type not in ENTERS | EXITS and item not in merges:
                self._emit_item(item)
            elif item.type in EXITS:
                del self._names[item.outputs[0]]    # to be set only in the last round
                self._emit_node(item, otherwise=False)
        over = ' and '.join(f'{self._names[n.outputs[0]]} is DEAD' for n in nexts)
        self._line(f'if {over or True}: break')
        for node in merges:
            source = next(t for t in node._inputs if t.op.type in NEXT)
            value, index = node.outputs
            self._line(f'{self._names[value]} = {self._names[source]}; {self._names[index]} = later')
        self._depth -= 1

    def _start(self, node):
        """A Merge at the head of a loop has in the first round the value that enters."""
        entered = [t for t in node._inputs if t.op.type not in NEXT]
        value, index = node.outputs
        self._names[value], self._names[index] = f't{node._id}_0', f't{node._id}_1'
        self._line(f'{self._names[value]} = {self._names[entered[0]]}; {self._names[index]} = first')
        if entered[0] in self._may_die:
            self._may_die.update(node.outputs)


def _heads(frame):
    """The Merges that begin a round."""
    return [n for n in frame.of_type(MERGES) if any(t.op.type in NEXT for t in n._inputs)]


def _missing(i):
    raise errors.InvalidArgumentError(None, None, f'Retval[{i}] does not have value')
