"""Charts as SVG texts, drawn by matplotlib.

Text and grid take the colours of the page they are in, so that they read well
in the dark and on paper; the groups' colours differ in brightness too.
"""

import io
import logging
import re

from catalog import BARE, CORO, DESIGN, ORIGINAL, POOL, RIVAL
from runner import OK

# Where it keeps its cache is of no interest here.
logging.getLogger('matplotlib').setLevel(logging.ERROR)
try:
  import matplotlib
  matplotlib.use('svg')
  from matplotlib import pyplot
  from matplotlib.patches import Patch
except ImportError:
  matplotlib = None

MISSING = 'python3-matplotlib is not installed: tools/setup --compare'

COLOURS = {BARE: '#8a8a8a', POOL: '#0b84c6', CORO: '#5ac8e8',
           DESIGN: '#d98a1f', ORIGINAL: '#b9554f', RIVAL: '#4c9f70'}

# Stand for what the page decides, see _page_colours().
_TEXT = '#010203'
_GRID = '#030201'
_ROW_INCHES = 0.26
_WIDTH_INCHES = 8.4


def available():
  return matplotlib is not None


def _figure(height):
  pyplot.rcParams.update({
      'svg.fonttype': 'none', 'svg.hashsalt': 'compare', 'font.size': 9,
      'font.family': 'sans-serif', 'text.color': _TEXT,
      'axes.edgecolor': _GRID, 'axes.labelcolor': _TEXT, 'xtick.color': _TEXT,
      'ytick.color': _TEXT, 'grid.color': _GRID, 'grid.linewidth': 0.5,
      'axes.spines.top': False, 'axes.spines.right': False,
      'legend.frameon': False})
  return pyplot.subplots(figsize=(_WIDTH_INCHES, height))


def _svg(figure):
  out = io.StringIO()
  figure.savefig(out, format='svg', transparent=True, bbox_inches='tight',
                 metadata={'Date': None})
  pyplot.close(figure)
  return _page_colours(out.getvalue())


def _page_colours(svg):
  svg = svg[svg.index('<svg'):]
  svg = re.sub(r'font: ([\d.]+)px [^;"]*', r'font: \1px sans-serif', svg)
  return svg.replace(_TEXT, 'currentColor').replace(_GRID, 'var(--grid, #999)')


def stand_alone(svg):
  """A file of its own, which knows no page: light or dark by what its reader
  prefers."""
  style = ('<style>svg { color: #1b1b1b; --grid: #bbb; } '
           '@media (prefers-color-scheme: dark) { svg { color: #e6e6e6; '
           '--grid: #555; } }</style>')
  end = svg.index('>') + 1
  return svg[:end] + style + svg[end:]


def _legend(axes, groups):
  """Beside the chart, where it covers nothing."""
  axes.legend(handles=[Patch(color=COLOURS[group], label=group)
                       for group in COLOURS if group in groups],
              loc='upper left', bbox_to_anchor=(1, 1))


def _name(result):
  """Who has given wrong answers is not to be taken for quick."""
  return result.row.name + (' (errors)' if result.has_errors() else '')


def bars(results, metric, title):
  """One bar a row, the spread as a line; None if nothing was measured."""
  rows = [(result, result.spread(metric.name)) for result in results
          if result.status == OK]
  rows = [(result, values) for result, values in rows if values is not None]
  if not rows:
    return None
  rows.sort(key=lambda row: metric.better * row[1].median)
  figure, axes = _figure(_ROW_INCHES * len(rows) + 0.9)
  for y, (result, values) in enumerate(rows):
    errors = [[values.median - values.low], [values.high - values.median]]
    bar = axes.barh(y, values.median, color=COLOURS[result.row.group],
                    xerr=errors, error_kw={'elinewidth': 1, 'ecolor': _TEXT,
                                           'capsize': 2})
    if result.has_errors():
      bar.patches[0].set_alpha(0.4)
  axes.set_yticks(range(len(rows)), [_name(result) for result, _ in rows])
  axes.set_xlabel(title)
  axes.grid(axis='x')
  axes.set_axisbelow(True)
  _legend(axes, {result.row.group for result, _ in rows})
  return _svg(figure)


def over_connections(series, metric, title):
  """Lines over the number of connections, each within its lowest and highest.

  series: {name: (group, [(connections, Spread)])}
  """
  series = {name: (group, [p for p in points if p[1] is not None])
            for name, (group, points) in series.items()}
  series = {name: value for name, value in series.items() if value[1]}
  if not series:
    return None
  figure, axes = _figure(4.6)
  for number, (name, (group, points)) in enumerate(series.items()):
    axes.fill_between([x for x, _ in points],
                      [values.low for _, values in points],
                      [values.high for _, values in points],
                      color=COLOURS[group], alpha=0.15, linewidth=0)
    axes.plot([x for x, _ in points], [values.median for _, values in points],
              color=COLOURS[group], label=name, linewidth=1.6,
              marker='osD^vP*X'[number % 8], markersize=5,
              linestyle=('-', '--', ':')[number // 8 % 3])
  axes.set_xscale('log')
  if metric.name != 'requests_per_second':
    axes.set_yscale('log')
  axes.set_xlabel('connections')
  axes.set_ylabel(title)
  axes.grid(True)
  axes.legend(fontsize=8, loc='upper left', bbox_to_anchor=(1, 1))
  return _svg(figure)


PERCENTILES = (('p50_us', 'o'), ('p99_us', 'D'), ('p99_9_us', '^'))


def _medians(result):
  """[(latency, marker)] of those that there were requests enough for."""
  spreads = [(result.spread(name), marker) for name, marker in PERCENTILES]
  return [(values.median, marker) for values, marker in spreads if values]


def percentiles(results, rate):
  """Medians of p50, p99 and p99.9 of the open loop, one line a row."""
  rows = [result for result in results if result.status == OK and
          result.spread('p50_us') is not None]
  if not rows:
    return None
  rows.sort(key=lambda result: -_medians(result)[-1][0])
  figure, axes = _figure(_ROW_INCHES * len(rows) + 0.9)
  for y, result in enumerate(rows):
    values = _medians(result)
    axes.plot([values[0][0], values[-1][0]], [y, y], color=_GRID, linewidth=1)
    for value, marker in values:
      axes.plot(value, y, marker, color=COLOURS[result.row.group], markersize=6)
  axes.set_yticks(range(len(rows)), [_name(result) for result in rows])
  axes.set_xscale('log')
  axes.set_xlabel(f'latency in µs at {rate:,} requests/s: ● p50  ◆ p99  ▲ p99.9')
  axes.grid(axis='x', which='both')
  _legend(axes, {result.row.group for result in rows})
  return _svg(figure)
