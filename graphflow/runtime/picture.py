"""A report as a picture: the instructions from top to bottom, arrows for what they take, bars for time and memory."""
from html import escape

_ROW, _GAP, _MARGIN = 40, 12, 16
_BOX, _BAR = 430, 130
_LANE = 9                       # between two vertical lines
_LARGE, _SMALL = 12.5, 10.5     # fonts
_ARROWS = ('#4878a8', '#b0663c', '#4f8f5b', '#8a5fa8', '#a8894a', '#5f8f99')
_FILLS = {'feed': '#e3eef9', 'instruction': '#ffffff', 'fetch': '#e6f4e4'}
_TIME, _BYTES = '#d9825b', '#7fa6cc'


def draw(report):
    """The picture of a Report, as the text of an SVG."""
    return _Picture(report).svg()


class _Box:
    """Something at one height of the picture. `gives`: Results; `takes`: keys of those of other boxes."""

    def __init__(self, style, title, below, tip, takes=(), gives=(), line=None):
        self.style, self.title, self.below, self.tip = style, title, below, tip
        self.takes, self.gives, self.line = takes, gives, line
        self.top = 0


class _Picture:
    def __init__(self, report):
        self._report = report
        self._boxes = [_Box('feed', feed.kind, f'fed as {feed.name}', feed.kind, gives=[feed]) for feed in report.feeds]
        for i, line in enumerate(report.lines, 1):
            tip = '\n'.join([line.title, 'stands for: ' + ', '.join(line.nodes), *line.code])
            below = ', '.join(line.nodes) + (f'; with {", ".join(line.variables)}' if line.variables else '')
            self._boxes.append(_Box('instruction', f'{i}. {line.title}', below, tip, line.takes, line.results, line))
        self._boxes += [_Box('fetch', f'{name} {fetch.kind}', f'fetched, {fetch.name}', fetch.kind, [fetch.key])
                        for name, fetch in zip(report.wanted, report.fetches)]
        for i, box in enumerate(self._boxes):
            box.top = 64 + i * (_ROW + _GAP)
        self._lanes = self._routes()
        self._left = _MARGIN + 12 + _LANE * (1 + max([lane for *_, lane in self._lanes], default=0))

    def svg(self):
        """All of it."""
        report, parts = self._report, []
        right = self._left + _BOX + 16
        at_time = right + (_BAR + 150 if report.compiled else 0)
        width = at_time + (_BAR + 110 if report.nanoseconds is not None else 0)
        height = 64 + len(self._boxes) * (_ROW + _GAP) + _MARGIN
        parts.append(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
                     f'viewBox="0 0 {width} {height}" font-family="Helvetica, Arial, DejaVu Sans, sans-serif">')
        parts.append('<defs>' + ''.join(
            f'<marker id="gf-arrow{i}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6.5" markerHeight="6.5" '
            f'orient="auto"><path d="M0 0.5 L8 4 L0 7.5 z" fill="{color}"/></marker>'
            for i, color in enumerate(_ARROWS)) + '</defs>')
        parts.append(f'<rect width="{width}" height="{height}" fill="#fcfcfb"/>')
        parts.append(_text(_MARGIN, 24, _cut(', '.join(report.wanted), width - 2 * _MARGIN, 14), 14, weight='bold'))
        parts.append(_text(_MARGIN, 42, self._headline(), _SMALL, '#666'))
        parts += [self._arrow(*route) for route in self._lanes]
        parts += [self._box(box) for box in self._boxes]
        if report.compiled:
            parts += self._bars(right, 'memory of the results', _BYTES, [
                (box, sum(r.nbytes or 0 for r in box.gives), self._memory(box))
                for box in self._boxes if box.line is not None], 150)
        if report.nanoseconds is not None:
            total = max(report.nanoseconds, 1)
            parts += self._bars(at_time, f'time, of {total / 1000:,.1f} µs a run', _TIME, [
                (box, box.line.nanoseconds, _time(box.line.nanoseconds, total))
                for box in self._boxes if box.line is not None], 110)
        return '\n'.join(parts) + '\n</svg>'

    def _headline(self):
        report = self._report
        done = {name: len(texts) for name, texts in report.notes.items()}
        words = [f'{report.nodes} nodes', f'{len(report.pruned)} pruned']
        words += [f'{done[name]} {word}' for name, word in _WORDS.items() if name in done]
        return ', '.join(words) + f'; {len(report.lines)} instructions' + ('' if report.compiled else ', not compiled')

    def _routes(self):
        """[(index of the giving box, place among its results, indices of the taking boxes, lane)].

        Lane -1 is straight down.
        """
        makers, takers = {}, {}
        for i, box in enumerate(self._boxes):
            for place, result in enumerate(box.gives):
                makers.setdefault(result.key, (i, place))
        for i, box in enumerate(self._boxes):
            for key in box.takes:
                if key in makers and i not in takers.setdefault(key, []):
                    takers[key].append(i)
        routes, taken = [], []      # taken: for each lane the spans that it has
        for key, ends in sorted(takers.items(), key=lambda item: _length(makers[item[0]][0], item[1])):
            start, place = makers[key]
            if ends == [start + 1] and place == 0:
                routes.append((start, place, ends, -1))
                continue
            low, high = min([start] + ends), max([start] + ends)
            lane = next((i for i, spans in enumerate(taken) if all(high < a or b < low for a, b in spans)), len(taken))
            if lane == len(taken):
                taken.append([])
            taken[lane].append((low, high))
            routes.append((start, place, ends, lane))
        return routes

    def _arrow(self, start, place, ends, lane):
        giver = self._boxes[start]
        result = giver.gives[place]
        tip = f'<title>{escape(result.name)}: {escape(result.kind)}</title>'
        color = (start + place) % len(_ARROWS)
        style = f'fill="none" stroke="{_ARROWS[color]}" stroke-width="1.3" marker-end="url(#gf-arrow{color})"'
        if lane < 0:
            x, y = self._left + 28, giver.top + _ROW
            return f'<path d="M{x} {y} V{y + _GAP - 1}" {style}>{tip}</path>'
        x = self._left - 12 - _LANE * (lane + 1)
        y = giver.top + min(24 + 5 * place, _ROW - 3)
        paths = []
        for end in ends:
            box = self._boxes[end]
            into = box.top + 6 + min(4 * _rank(box.takes, result.key), 14)
            bend = 4 if into > y else -4
            paths.append(f'<path d="M{self._left} {y} H{x + 4} Q{x} {y} {x} {y + bend} V{into - bend} '
                         f'Q{x} {into} {x + 4} {into} H{self._left - 1}" {style}>{tip}</path>')
        return ''.join(paths)

    def _box(self, box):
        x, y = self._left, box.top
        result = ', '.join(f'{r.name} {r.kind}' for r in box.gives) if box.line is not None else ''
        room = _BOX - 20
        shown = _cut(result, room * .55, _SMALL)
        title = _cut(box.title, room - _width(shown, _SMALL) - 8, _LARGE)
        return (f'<g><title>{escape(box.tip)}</title><rect x="{x}" y="{y}" width="{_BOX}" height="{_ROW}" rx="5" '
                f'fill="{_FILLS[box.style]}" stroke="#9a9a9a"/>'
                + _text(x + 10, y + 17, title, _LARGE, weight='bold')
                + _text(x + _BOX - 10, y + 17, shown, _SMALL, '#444', anchor='end')
                + _text(x + 10, y + 32, _cut(box.below, room, _SMALL), _SMALL, '#777') + '</g>')

    def _memory(self, box):
        total = sum(r.nbytes or 0 for r in box.gives)
        reused = [r.reuses for r in box.gives if r.reuses]
        return (_bytes(total) if total else '') + (f', memory of {", ".join(reused)}' if reused else '')

    def _bars(self, x, heading, color, bars, room):
        """A column of bars: [(box, size, text)]."""
        most = max([size for _, size, _ in bars], default=0) or 1
        yield _text(x, 54, heading, _SMALL, '#666')
        for box, size, text in bars:
            length = _BAR * size / most
            if size:
                yield (f'<rect x="{x}" y="{box.top + 13}" width="{max(length, 1):.1f}" height="14" rx="2" '
                       f'fill="{color}"/>')
            yield _text(x + length + 5, box.top + 24, _cut(text, room + _BAR - length - 12, _SMALL), _SMALL, '#444')


_WORDS = {'fold': 'folded', 'simplify': 'simplified', 'subexpressions': 'merged', 'drop': 'dropped',
          'epilogues': 'kernels joined', 'slices': 'slices', 'fuse': 'loops fused'}


def _length(start, ends):
    return max([start] + ends) - min([start] + ends)


def _rank(keys, key):
    return next(i for i, k in enumerate(keys) if k is key)


def _width(text, size):
    """About how wide a text is."""
    return len(text) * size * .56


def _cut(text, room, size):
    most = max(int(room / (size * .56)), 1)
    return text if len(text) <= most else text[:most - 1] + '…'


def _text(x, y, text, size, color='#222', weight='normal', anchor='start'):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{color}" font-weight="{weight}" '
            f'text-anchor="{anchor}">{escape(text)}</text>')


def _time(nanoseconds, total):
    return f'{nanoseconds / 1000:,.1f} µs  {100 * nanoseconds / total:.0f} %'


def _bytes(count):
    for unit in ('B', 'KB', 'MB'):
        if count < 1000:
            return f'{count:.3g} {unit}'
        count /= 1000
    return f'{count:,.3g} GB'
