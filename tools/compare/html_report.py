"""report.html: one file with everything in it."""

import html

import charts
from article_ranks import article_text
from catalog import BARE, UPPER_CONNECTIONS
from metrics import BY_NAME, METRICS, ratio_text, spread_text
from runner import OK

_STYLE = '''
:root { color-scheme: light dark; --text: #1b1b1b; --paper: #fff; --grid: #bbb;
        --soft: #f2f4f6; --line: #d5d9dd; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6e6e6; --paper: #16181b; --grid: #555; --soft: #202429;
          --line: #363b42; } }
@media print {
  :root { color-scheme: light; --text: #000; --paper: #fff; --grid: #aaa;
          --soft: #fff; --line: #999; }
  section { break-inside: avoid-page; } .wide { overflow: visible; }
  table { font-size: 7pt; } }
body { color: var(--text); background: var(--paper); max-width: 76rem;
       margin: 2rem auto; padding: 0 1rem;
       font: 16px/1.5 system-ui, sans-serif; }
h1, h2, h3 { line-height: 1.2; } h2 { margin-top: 3rem; }
svg { max-width: 100%; height: auto; color: var(--text); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px;
        font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .6rem; text-align: right; white-space: nowrap;
         border-bottom: 1px solid var(--line); }
th:first-child, td:first-child, td.text { text-align: left; }
thead th { background: var(--soft); }
code { font-size: 12px; } td code { white-space: normal; }
.facts td { white-space: normal; } li.behind { font-weight: 600; }
'''


def _e(text):
  return html.escape(str(text))


def text(results, baseline_of, report):
  body = '\n'.join(_body(results, baseline_of, report))
  return ('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
          '<meta name="viewport" content="width=device-width">'
          '<title>Rondo beside the articles\' designs</title>'
          f'<style>{_STYLE}</style></head><body>\n{body}\n</body></html>\n')


def _body(results, baseline_of, report):
  yield '<h1>One acceptor and N event loops, beside the articles\' designs</h1>'
  if report['interrupted']:
    yield '<p><strong>Interrupted: not everything was measured.</strong></p>'
  rounds = report['settings']['rounds']
  yield (f'<p>Medians of {rounds} round{"s" if rounds > 1 else ""}, in which '
         'every row ran in turn; in brackets the lowest and the highest. '
         'Latencies are of an open loop at a fixed rate and count from when a '
         'request was due. The articles\' figures were measured on other '
         'machines: their ranks can be compared, not their numbers.</p>')
  if not charts.available():
    yield f'<p>There are no charts: {_e(charts.MISSING)}.</p>'
  yield '<h2>What the figures carry</h2><ul>'
  for sentence in report['findings']:
    loud = 'BEHIND' in sentence or sentence.endswith(': missed.')
    behind = ' class="behind"' if loud else ''
    yield f'<li{behind}>{_e(sentence)}</li>'
  yield '</ul>'
  yield from _reasons(report['reasons'])
  yield from _over_connections(results)
  for workload in dict.fromkeys(result.workload for result in results):
    yield from _workload(workload, [result for result in results
                                    if result.workload is workload],
                         baseline_of)
  yield from _facts('Where', report['machine'])
  yield from _facts('How', report['settings'])


# --- Workloads. ---------------------------------------------------------------


def _workload(workload, results, baseline_of):
  yield f'<h2 id="{workload.name}">{_e(workload.title)}</h2>'
  main = 'seconds' if workload.client == 'row' else 'requests_per_second'
  for chart in (_bars(results, main), _bars(results, 'cpu_us'),
                _percentiles(results, workload.rate)):
    if chart is not None:
      yield f'<section>{chart}</section>'
  yield from _table(results, baseline_of)
  remarks = [(result, f'{result.status}: {result.reason}')
             for result in results if result.status != OK]
  remarks += [(result, result.remark) for result in results if result.remark]
  if remarks:
    yield '<p>What is missing:</p><ul>'
    for result, remark in remarks:
      yield f'<li>{_e(result.row.name)}: {_e(remark)}</li>'
    yield '</ul>'


def _bars(results, name):
  if not charts.available():
    return None
  metric = BY_NAME[name]
  title = metric.title + (f', {metric.unit}' if metric.unit else '')
  return charts.bars(results, metric, title)


def _percentiles(results, rate):
  if not charts.available() or rate is None:
    return None
  return charts.percentiles(results, rate)


def _table(results, baseline_of):
  measured = [result for result in results if result.runs]
  metrics = [metric for metric in METRICS
             if any(result.spread(metric.name) for result in measured)]
  heads = [metric.title + (f', {metric.unit}' if metric.unit else '')
           for metric in metrics]
  heads += ['requests/s to bare', 'CPU to bare', 'article (rank)']
  yield '<div class="wide"><table><thead><tr><th>row</th>'
  yield ''.join(f'<th>{_e(head)}</th>' for head in heads)
  yield '</tr></thead><tbody>'
  for result in measured:
    baseline = baseline_of(result)
    cells = [spread_text(metric, result.spread(metric.name))
             for metric in metrics]
    cells += [ratio_text(baseline and result.ratio(name, baseline))
              for name in ('requests_per_second', 'cpu_us')]
    yield (f'<tr><td title="{_e(result.row.group)}">{_e(result.row.name)}</td>'
           + ''.join(f'<td>{_e(cell)}</td>' for cell in cells)
           + f'<td class="text">{_e(article_text(result, results))}</td></tr>')
  yield '</tbody></table></div>'
  yield '<details class="wide"><summary>Commands</summary><table><tbody>'
  for result in measured:
    for name, command in ((result.row.name, result.command),
                          ('asked by', result.client_command)):
      if command:
        yield (f'<tr><td>{_e(name)}</td><td class="text"><code>{_e(command)}'
               '</code></td></tr>')
  yield '</tbody></table></details>'


# --- Over connections. --------------------------------------------------------


def _over_connections(results):
  if not charts.available():
    return
  for name, title in (('requests_per_second', 'requests/s'),
                      ('cpu_us', 'CPU time for a request, µs'), _WAIT):
    chart = _chart_over_connections(results, name, title)
    if chart is not None:
      yield (f'<h2>Upper-casing echo, {UPPER_CONNECTIONS[0]} to '
             f'{UPPER_CONNECTIONS[-1]:,} connections: {_e(title)}</h2>'
             f'<section>{chart}</section>')


def main_chart(results):
  """Who keeps whom waiting, as a file of its own, or None."""
  if not charts.available():
    return None
  chart = _chart_over_connections(results, *_WAIT)
  return None if chart is None else charts.stand_alone(chart)


_WAIT = ('p50_us', 'median latency at a fixed rate, µs')


def _chart_over_connections(results, name, title):
  """None if no row was measured with several numbers of connections."""
  series = {}
  for result in results:
    if result.workload.protocol != 'upper' or not result.is_good(name):
      continue
    if result.row.group != BARE and not _is_shown(result.row.name):
      continue
    points = series.setdefault(result.row.name, (result.row.group, []))[1]
    points.append((result.workload.size, result.spread(name)))
  if not any(len(points) > 1 for _, points in series.values()):
    return None
  return charts.over_connections(series, BY_NAME[name], title)


# One row of each kind, so that lines can be told apart.
_SHOWN = ('rondo_threads0', 'rondo_coro_threads0', 'rondo_threads2',
          'blocking_pool', 'busy_polling', 'select_loop', 'poll_loop',
          'epoll_loop', 'epoll_pool', 'poll_generators', 'libevent', 'libuv',
          'asio', 'py_asyncio_streams', 'py_bare_epoll')


def _is_shown(name):
  return name in _SHOWN


# --- Reasons and machine. -----------------------------------------------------


def _reasons(reasons):
  if not reasons:
    return
  yield '<h2>Where the pool is behind, and what it does there</h2>'
  for reason in reasons:
    metric = BY_NAME[reason['metric']]
    yield (f'<h3>{_e(reason["workload"])}, {_e(metric.title)}: '
           f'{_e(reason["pool"])} {reason["ratio"]["median"]:.2f} of '
           f'{_e(reason["other"])}</h3>')
    if reason['calls']:
      yield ('<table><thead><tr><th>system calls a request</th>'
             f'<th>{_e(reason["pool"])}</th><th>{_e(reason["other"])}</th>'
             '</tr></thead><tbody>')
      for name, ours, theirs in reason['calls']:
        yield (f'<tr><td>{_e(name)}</td><td>{ours:.2f}</td>'
               f'<td>{theirs:.2f}</td></tr>')
      yield '</tbody></table>'
    for name, functions in reason['profiles'].items():
      yield f'<details><summary>Profile of {_e(name)}</summary>'
      if isinstance(functions, str):
        yield f'<p>There is none: {_e(functions)}.</p>'
      else:
        yield '<table><tbody>'
        for percent, function in functions:
          yield (f'<tr><td class="text">{_e(function)}</td>'
                 f'<td>{percent:.1f} %</td></tr>')
        yield '</tbody></table>'
      yield '</details>'


def _facts(title, facts):
  yield f'<h2>{title}</h2><table class="facts"><tbody>'
  for name, fact in facts.items():
    yield f'<tr><td>{_e(name)}</td><td class="text">{_e(fact)}</td></tr>'
  yield '</tbody></table>'
