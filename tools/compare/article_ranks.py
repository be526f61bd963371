"""The articles' figures beside ours: what they measured, and who was where."""

from catalog import ORIGINAL
from metrics import BY_NAME
from spread import LESS, MORE, UNKNOWN, verdict


def article_text(result, results):
  """An article's figures of a row, each with its rank among all of that article.
  Then, of the rows of `results` that stand for such figures in the same
  language, which this was there, and which it is here."""
  article = _article(result)
  if article is None:
    return ''
  text = ', '.join(f'{figure} ({rank} of {article.of})'
                   for figure, rank in zip(article.figures, article.ranks))
  rows = [other for other in results if _article(other) is not None and
          _is_python(other) == _is_python(result) and
          other.is_good(_metric(result).name)]
  here = _rank_here(result, rows)
  if here is None:
    return text
  there = sorted({min(_article(row).ranks) for row in rows}).index(
      min(article.ranks)) + 1
  return f'{text}; of {len(rows)} rows {there} there, {here} here'


def _article(result):
  return result.row.articles.get(result.workload.name)


def _metric(result):
  return BY_NAME['seconds' if result.workload.client == 'row'
                 else 'requests_per_second']


def _rank_here(result, rows):
  """One more than those that are ahead; None if nobody can say. Those that the
  spread does not tell apart have the same rank."""
  if result not in rows or len(rows) < 2:
    return None
  metric = _metric(result)
  own = result.values(metric.name)
  verdicts = [verdict(row.values(metric.name), own) for row in rows
              if row is not result]
  if UNKNOWN in verdicts:
    return None
  return verdicts.count(MORE if metric.better > 0 else LESS) + 1


def _is_python(result):
  return result.row.group == ORIGINAL
