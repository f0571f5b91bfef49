"""tf.nest: structures of lists, tuples, namedtuples, dicts and attrs classes, taken apart and put together.

Everything that is not one of these is a leaf, str and arrays too. The leaves of a dict come in the order of its sorted
keys, whatever order they were put in. With `expand_composites`, a SparseTensor and its like are structures of their
component tensors; a class takes part by `_to_components()` and `_from_components(components)`.
"""

import collections
import collections.abc

from graphflow.framework.export import export

_LENGTHS = ("The two structures don't have the same sequence length. Input structure has length {}, while shallow "
            'structure has length {}.')
_TYPES = ("The two structures don't have the same sequence type. Input structure has type {}, while shallow structure "
          'has type {}.')


def _is_mapping(x):
    return isinstance(x, collections.abc.Mapping)


def _is_attrs(x):
    return hasattr(type(x), '__attrs_attrs__')


def _is_namedtuple(x):
    return isinstance(x, tuple) and hasattr(x, '_fields')


def _is_composite(x):
    return hasattr(type(x), '_to_components') and hasattr(type(x), '_from_components')


@export('nest.is_nested')
def is_nested(seq):
    """Whether `seq` is a structure rather than a leaf."""
    return (_is_mapping(seq) or _is_attrs(seq) or isinstance(seq, collections.abc.MappingView)
            or isinstance(seq, collections.abc.Sequence) and not isinstance(seq, (str, bytes, bytearray)))


is_sequence = is_nested


def is_sequence_or_composite(seq):
    """Whether `seq` is a structure or a composite such as a SparseTensor."""
    return is_nested(seq) or _is_composite(seq)


def _is_structure(x, expand_composites):
    return is_nested(x) or expand_composites and _is_composite(x)


def _items(structure):
    """(key, child) for the children of a structure, in order. A key is what names the child in a path."""
    if _is_mapping(structure):
        return [(key, structure[key]) for key in _sorted_keys(structure)]
    if _is_attrs(structure):
        return [(a.name, getattr(structure, a.name)) for a in type(structure).__attrs_attrs__]
    if _is_namedtuple(structure):
        return list(zip(structure._fields, structure))
    if _is_composite(structure):
        return list(enumerate(structure._to_components()))
    return list(enumerate(structure))


def _sorted_keys(mapping):
    try:
        return sorted(mapping)
    except TypeError:
        raise TypeError('nest only supports dicts with sortable keys.') from None


def _children(structure):
    return [child for _, child in _items(structure)]


def _rebuild(structure, children):
    """A structure of the same type with other children, given in the order of `_items`."""
    if _is_mapping(structure):
        value = dict(zip(_sorted_keys(structure), children))
        if isinstance(structure, collections.defaultdict):
            result = collections.defaultdict(structure.default_factory)
            result.update((key, value[key]) for key in structure)
            return result
        return type(structure)((key, value[key]) for key in structure)
    if _is_attrs(structure) or _is_namedtuple(structure):
        return type(structure)(*children)
    if _is_composite(structure):
        return structure._from_components(children)
    if isinstance(structure, (range, collections.abc.MappingView)):
        return list(children)
    return type(structure)(children)


@export('nest.flatten')
def flatten(structure, expand_composites=False):
    """The list of leaves. A leaf alone gives a list of itself."""
    if not _is_structure(structure, expand_composites):
        return [structure]
    return [leaf for child in _children(structure) for leaf in flatten(child, expand_composites)]


@export('nest.pack_sequence_as')
def pack_sequence_as(structure, flat_sequence, expand_composites=False):
    """Puts a flat list of leaves into the shape of `structure`, the reverse of `flatten`.

    Raises: TypeError if `flat_sequence` is not a sequence, ValueError if it has not as many leaves as the structure.
    """
    if not _is_structure(flat_sequence, expand_composites):
        raise TypeError('flat_sequence must be a sequence')
    flat = list(flat_sequence)
    if not _is_structure(structure, expand_composites):
        if len(flat) != 1:
            raise ValueError(f'Structure is a scalar but len(flat_sequence) == {len(flat)} > 1')
        return flat[0]
    count = len(flatten(structure, expand_composites))
    if count != len(flat):
        raise ValueError(f'Could not pack sequence. Structure had {count} elements, but flat_sequence had {len(flat)} '
                         f'elements.  Structure: {structure}, flat_sequence: {flat_sequence}.')
    leaves = iter(flat)

    def fill(part):
        if not _is_structure(part, expand_composites):
            return next(leaves)
        return _rebuild(part, [fill(child) for child in _children(part)])
    return fill(structure)


@export('nest.map_structure')
def map_structure(func, *structure, **kwargs):
    """Applies `func` to the leaves of structures of the same shape; the results have the shape of the first one.

    Keyword arguments: check_types=True (the structures' types are to be the same too), expand_composites=False.
    """
    if not callable(func):
        raise TypeError(f'func must be callable, got: {func}')
    if not structure:
        raise ValueError('Must provide at least one structure')
    check_types, expand_composites = _options(kwargs, check_types=True, expand_composites=False)
    for other in structure[1:]:
        assert_same_structure(structure[0], other, check_types, expand_composites)
    leaves = zip(*(flatten(s, expand_composites) for s in structure))
    return pack_sequence_as(structure[0], [func(*args) for args in leaves], expand_composites)


def _options(kwargs, **defaults):
    for name in kwargs:
        if name not in defaults:
            raise ValueError(f'Only valid keyword arguments are `check_types` and `expand_composites`, not: `{name}`')
    return [kwargs.get(name, default) for name, default in defaults.items()]


class _Different(Exception):
    """Where two structures differ, and what kind of error that is."""


@export('nest.assert_same_structure')
def assert_same_structure(nest1, nest2, check_types=True, expand_composites=False):
    """Raises ValueError if the structures differ in shape, TypeError if (with `check_types`) in a type."""
    try:
        _compare(nest1, nest2, check_types, expand_composites)
    except _Different as e:
        kind, what = e.args
        dots = [str(map_structure(lambda _: _Dot(), nest, expand_composites=expand_composites))
                for nest in (nest1, nest2)]
        raise kind("The two structures don't have the same nested structure.\n\n"
                   f'First structure: {_describe(nest1)}\n\nSecond structure: {_describe(nest2)}\n\n'
                   f'More specifically: {what}\nEntire first structure:\n{dots[0]}\n'
                   f'Entire second structure:\n{dots[1]}') from None


class _Dot:
    def __repr__(self):
        return '.'


def _describe(x):
    return f'type={type(x).__name__} str={x}'


def _compare(a, b, check_types, expand_composites):
    nested = [_is_structure(x, expand_composites) for x in (a, b)]
    if nested[0] != nested[1]:
        sequence, leaf = (a, b) if nested[0] else (b, a)
        raise _Different(ValueError, f'Substructure "{_describe(sequence)}" is a sequence, while substructure '
                                     f'"{_describe(leaf)}" is not')
    if not nested[0]:
        return
    if check_types:
        _compare_types(a, b)
    children = _children(a), _children(b)
    if len(children[0]) != len(children[1]):
        raise _Different(ValueError, "The two structures don't have the same number of elements. First structure: "
                                     f'{_describe(a)}. Second structure: {_describe(b)}')
    for child_a, child_b in zip(*children):
        _compare(child_a, child_b, check_types, expand_composites)


def _compare_types(a, b):
    both_mappings = _is_mapping(a) and _is_mapping(b)
    if type(a) is not type(b) and not both_mappings and not _same_namedtuples(a, b):
        raise _Different(TypeError, "The two namedtuples don't have the same sequence type. First structure "
                                    f'{_describe(a)} has type {type(a).__name__}, while second structure '
                                    f'{_describe(b)} has type {type(b).__name__}')
    if both_mappings and set(a) != set(b):
        raise _Different(ValueError, "The two dictionaries don't have the same set of keys. First structure has keys "
                                     f'{_describe(list(a))}, while second structure has keys {_describe(list(b))}')


def _same_namedtuples(a, b):
    return (_is_namedtuple(a) and _is_namedtuple(b) and type(a).__name__ == type(b).__name__
            and a._fields == b._fields)


def flatten_dict_items(dictionary):
    """A dict whose keys and values are structures, leaf by leaf: {(1, 2): ('a', 'b')} becomes {1: 'a', 2: 'b'}."""
    if not isinstance(dictionary, (dict, collections.abc.Mapping)):
        raise TypeError('input must be a dictionary')
    flat = {}
    for key, value in dictionary.items():
        keys, values = ([key], [value]) if not is_nested(key) else (flatten(key), flatten(value))
        if len(keys) != len(values):
            raise ValueError(f'Could not flatten dictionary. Key had {len(keys)} elements, but value had {len(values)} '
                             f'elements. Key: {keys}, value: {values}.')
        for k, v in zip(keys, values):
            if k in flat:
                raise ValueError(f'Could not flatten dictionary: key {k} is not unique.')
            flat[k] = v
    return flat


def assert_shallow_structure(shallow_tree, input_tree, check_types=True, expand_composites=False,
                             check_subtrees_length=True):
    """Raises TypeError or ValueError unless `input_tree` has the structure of `shallow_tree`, and maybe more below."""
    if not _is_structure(shallow_tree, expand_composites):
        return
    if not _is_structure(input_tree, expand_composites):
        raise TypeError('If shallow structure is a sequence, input must also be a sequence. Input has type: '
                        f'{type(input_tree)}.')
    mappings = _is_mapping(shallow_tree) and _is_mapping(input_tree)
    if (check_types and not isinstance(input_tree, type(shallow_tree)) and not mappings
            and not _same_namedtuples(shallow_tree, input_tree)):
        raise TypeError(_TYPES.format(type(input_tree), type(shallow_tree)))
    if check_subtrees_length and len(_children(input_tree)) != len(_children(shallow_tree)):
        raise ValueError(_LENGTHS.format(len(_children(input_tree)), len(_children(shallow_tree))))
    if mappings:
        missing = [key for key in shallow_tree if key not in input_tree]
        if missing:
            raise ValueError("The shallow_tree's keys are not a subset of the input_tree's keys. The shallow_tree has "
                             f'the following keys that are not in the input_tree: {sorted(missing)}.')
    for shallow, below in _pairs(shallow_tree, input_tree):
        assert_shallow_structure(shallow, below, check_types, expand_composites, check_subtrees_length)


def _pairs(shallow_tree, input_tree):
    """Children of both, matched by key in dicts and by place otherwise."""
    if _is_mapping(shallow_tree) and _is_mapping(input_tree):
        return [(shallow, input_tree[key]) for key, shallow in _items(shallow_tree)]
    return list(zip(_children(shallow_tree), _children(input_tree)))


def _up_to(shallow_tree, input_tree, expand_composites, path=()):
    """(path, subtree of the input) for each leaf of the shallow tree."""
    if not _is_structure(shallow_tree, expand_composites):
        yield path, input_tree
        return
    for (key, _), (shallow, below) in zip(_items(shallow_tree), _pairs(shallow_tree, input_tree)):
        yield from _up_to(shallow, below, expand_composites, path + (key,))


def flatten_with_tuple_paths_up_to(shallow_tree, input_tree, check_types=True, expand_composites=False,
                                   check_subtrees_length=True):
    """[(path, what the input has there)] for the leaves of `shallow_tree`."""
    assert_shallow_structure(shallow_tree, input_tree, check_types, expand_composites, check_subtrees_length)
    return list(_up_to(shallow_tree, input_tree, expand_composites))


def flatten_up_to(shallow_tree, input_tree, check_types=True, expand_composites=False, check_subtrees_length=True):
    """What `input_tree` has where `shallow_tree` has leaves."""
    return [below for _, below in flatten_with_tuple_paths_up_to(
        shallow_tree, input_tree, check_types, expand_composites, check_subtrees_length)]


def map_structure_with_tuple_paths_up_to(shallow_tree, func, *inputs, **kwargs):
    """Like `map_structure_up_to`; `func` gets the path (a tuple of keys) first."""
    if not inputs:
        raise ValueError('Cannot map over no sequences')
    check_types, expand_composites, check_length = _options(
        kwargs, check_types=True, expand_composites=False, check_subtrees_length=True)
    rows = [flatten_with_tuple_paths_up_to(shallow_tree, tree, check_types, expand_composites, check_length)
            for tree in inputs]
    results = [func(row[0][0], *(value for _, value in row)) for row in zip(*rows)]
    return pack_sequence_as(shallow_tree, results, expand_composites)


def map_structure_up_to(shallow_tree, func, *inputs, **kwargs):
    """Applies `func` to what the inputs have where `shallow_tree` has leaves; results in the latter's shape."""
    return map_structure_with_tuple_paths_up_to(shallow_tree, lambda _, *values: func(*values), *inputs, **kwargs)


def map_structure_with_tuple_paths(func, *structure, **kwargs):
    """Like `map_structure`; `func` gets the path (a tuple of keys) first."""
    return map_structure_with_tuple_paths_up_to(structure[0], func, *structure, **kwargs)


def map_structure_with_paths(func, *structure, **kwargs):
    """Like `map_structure`; `func` gets the path ('a/0') first."""
    return map_structure_with_tuple_paths(lambda path, *values: func('/'.join(map(str, path)), *values),
                                          *structure, **kwargs)


def flatten_with_tuple_paths(structure, expand_composites=False):
    """[(path, leaf)], a path being a tuple of keys."""
    return list(_up_to(structure, structure, expand_composites))


def flatten_with_joined_string_paths(structure, separator='/', expand_composites=False):
    """[(path, leaf)], a path being text such as 'a/0'."""
    return [(separator.join(map(str, path)), leaf)
            for path, leaf in flatten_with_tuple_paths(structure, expand_composites)]


def yield_flat_paths(nest, expand_composites=False):
    """The paths (tuples of keys) of the leaves."""
    for path, _ in _up_to(nest, nest, expand_composites):
        yield path


def get_traverse_shallow_structure(traverse_fn, structure, expand_composites=False):
    """A tree of bools: where `traverse_fn(substructure)` is true the tree goes on below, elsewhere it ends in False.

    `traverse_fn` returns a bool, or a structure of bools one a child.
    """
    traverse = traverse_fn(structure)
    if not _is_structure(structure, expand_composites):
        if not isinstance(traverse, bool):
            raise TypeError(f'traverse_fn returned a non-bool scalar: {traverse} for input: {structure}')
        return traverse
    if not is_nested(traverse):
        if not isinstance(traverse, bool):
            raise TypeError(f'traverse_fn returned a non-bool scalar: {traverse} for input: {structure}')
        if not traverse:
            return False
        return _rebuild(structure, [get_traverse_shallow_structure(traverse_fn, child, expand_composites)
                                    for child in _children(structure)])
    assert_shallow_structure(traverse, structure, expand_composites=expand_composites)
    below = []
    for go_on, child in _pairs(traverse, structure):
        if not isinstance(go_on, bool):
            raise TypeError(f"traverse_fn didn't return a depth=1 structure of bools.  saw: {traverse}  for "
                            f'structure: {structure}')
        below.append(get_traverse_shallow_structure(traverse_fn, child, expand_composites) if go_on else False)
    return _rebuild(structure, below)
