"""Public names: `@export('matmul', 'linalg.matmul')` beside a function says where users find it.

The table filled here is what `graphflow/__init__.py` turns into the `tf.*` namespaces.
"""

PUBLIC = {}


def export(*names):
    """Makes the decorated function or class public as `tf.<name>` for each dotted name."""
    def register(obj):
        for name in names:
            PUBLIC[name] = obj
        return obj
    return register


def export_constant(name, value):
    """Makes a plain value public as `tf.<name>` and returns it."""
    PUBLIC[name] = value
    return value
