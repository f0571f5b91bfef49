"""Names of nodes, tensors and groups as they are within and without a name scope.

A name may stand behind '^' (a control input) or 'loc:@' (a group of colocated nodes).
"""
import re

_MARK = re.compile(r'(\^|loc:@)?(.*)', re.DOTALL)


def with_scope(name, scope):
    """`name` within the name scope `scope`: 'a:0' in 's' is 's/a:0'. Without a scope, or if it is no text, it stays."""
    if not scope or not isinstance(name, (str, bytes)):
        return name
    mark, rest = _MARK.match(_text(name)).groups()
    return f'{mark or ""}{scope.rstrip("/")}/{rest}'


def without_scope(name, scope):
    """`name` as seen from within the name scope `scope`. Without a scope, or if it is no text, it stays."""
    if not scope or not isinstance(name, (str, bytes)):
        return name
    mark, rest = _MARK.match(_text(name)).groups()
    prefix = scope.rstrip('/') + '/'
    return (mark or '') + (rest[len(prefix):] if rest.startswith(prefix) else rest)


def _text(name):
    return name.decode() if isinstance(name, bytes) else name
