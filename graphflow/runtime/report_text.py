"""A report as text."""
import textwrap

from graphflow.runtime import names

WIDTH = 110
_LISTED = 12        # names in the text; the attributes have all

# What the passes' notes are about, in the order in which they are shown.
PASSES = {
    'fold': 'folded (known when the plan was made)',
    'simplify': 'simplified (the result is an input, or another view of it)',
    'subexpressions': 'merged (computed already)',
    'snapshots': 'not copied',
    'drop': 'dropped (nobody takes the result any more)',
    'epilogues': 'joined (one kernel)',
    'slices': 'sliced (the batch in parts)',
    'fuse': 'fused (one loop)',
}


def text(report):
    """All that a Report tells."""
    return '\n'.join([*_summary(report), '', *_table(report), '', *_commented(report), '', *_legend(report.names),
                      *_slices(report)])


def _summary(report):
    yield from _wrapped('Runs ' + ', '.join(report.wanted), 2)
    if report.feeds:
        yield from _wrapped('fed ' + ', '.join(feed.kind for feed in report.feeds), 4)
    yield ''
    yield f'{report.nodes} nodes in the graph'
    yield from _listed('pruned (not needed)', report.pruned)
    yield from _listed('constants', report.constants)
    for name in [*PASSES, *(name for name in report.notes if name not in PASSES)]:
        texts = report.notes.get(name, ())
        if any(' ' in text for text in texts):
            yield f'  {len(texts)} {PASSES.get(name, name)}:'
            for text in texts:
                yield from _wrapped(text, 8, 6)
        else:
            yield from _listed(PASSES.get(name, name), texts)
    how = ', node by node: plans like this are not compiled'
    if report.compiled:
        how = ', in compiled code' if report.will_compile else ' if compiled, which is switched off for this session'
    yield f'  {len(report.lines)} instructions run{how if report.lines else ""}'


def _table(report):
    """The instructions, a row each."""
    timed = report.nanoseconds is not None
    width = min(max([len(line.title) for line in report.lines] + [11]), 48)
    heading = f'{"":3} {"instruction":{width}}  {"result":28} {"bytes":>11}  {"memory":12}'
    yield heading + '       µs     %' if timed else heading.rstrip()
    for i, line in enumerate(report.lines, 1):
        time = ''
        if timed:
            time = f' {line.nanoseconds / 1000:8.1f} {100 * line.nanoseconds / report.nanoseconds:5.1f}'
        for result in line.results or [None]:
            what = size = memory = ''
            if result is not None:
                what = f'{result.name} {result.kind}'
                size = '' if result.nbytes is None else f'{result.nbytes:,}'
                memory = f'that of {result.reuses}' if result.reuses else ''
            first = result is None or result is line.results[0]
            yield (f'{i if first else "":3} {_cut(line.title, width) if first else "":{width}}  {_cut(what, 28):28} '
                   f'{size:>11}  {memory:12}{time if first else ""}').rstrip()
    if timed:
        yield f'a run takes {report.nanoseconds / 1000:.1f} µs (median of {report.runs})'
    if report.lifetimes is not None:
        yield f'results: {report.lifetimes.given:,} bytes, at most {report.lifetimes.peak:,} at once'


def _commented(report):
    """The code, with a comment above the lines of each instruction."""
    comments = {line.start: f'# {i}  {line.title}: {", ".join(line.nodes)}' for i, line in enumerate(report.lines, 1)}
    for number, text in enumerate(report.source.splitlines()):
        if number in comments:
            indent = ' ' * (len(text) - len(text.lstrip()))
            yield indent + _cut(comments[number], WIDTH - len(indent))
        yield text


def _legend(meanings):
    for name, meaning in sorted(meanings.items(), key=lambda item: (item[0][0], int(item[0][1:]))):
        yield _cut(f'{name:5} {meaning}', WIDTH)


def _slices(report):
    """The code that lines run for each slice."""
    for i, line in enumerate(report.lines, 1):
        if line.inner is not None:
            yield from ['', f'Line {i}, for each slice:', '', *line.inner.source.splitlines(), '']
            yield from _legend(names.of_code(line.inner, ()))


def _listed(what, items):
    """A line or more: how many there are, and the first of them."""
    if not items:
        return []
    more = f', and {len(items) - _LISTED} more' if len(items) > _LISTED else ''
    return _wrapped(f'{len(items)} {what}: {", ".join(items[:_LISTED])}{more}', 8, 2)


def _wrapped(text, indent, first=0):
    return textwrap.wrap(text, WIDTH, initial_indent=' ' * first, subsequent_indent=' ' * indent,
                         break_long_words=False, break_on_hyphens=False)


def _cut(text, width):
    return text if len(text) <= width else text[:width - 1] + '…'
