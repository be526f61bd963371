"""The articles' figures beside ours: what they measured, and who was where."""

from catalog import ORIGINAL
from metrics import BY_NAME


def article_text(result, results):
  """An article's figures of a row with their rank, and the row's own rank here,
  among the rows of `results` that stand for the same article in the same
  language."""
  article = _article(result)
  if article is None:
    return ''
  ranks = [f'{figure} ({rank} of {article.of})'
           for figure, rank in zip(article.figures, article.ranks)]
  here = _rank_here(result, results)
  return ', '.join(ranks) + (f'; here {here}' if here else '')


def _article(result):
  return result.row.articles.get(result.workload.name)


def _rank_here(result, results):
  """As `1 of 3`, or None if there are no others to compare with."""
  metric = BY_NAME['seconds' if result.workload.client == 'row'
                   else 'requests_per_second']
  medians = [(other, other.spread(metric.name)) for other in results
             if _article(other) is not None and _is_python(other) ==
             _is_python(result)]
  medians = {other.row.name: values.median for other, values in medians
             if values is not None}
  own = medians.get(result.row.name)
  if own is None or len(medians) < 2:
    return None
  ahead = [value for value in medians.values()
           if (value - own) * metric.better > 0]
  return f'{len(ahead) + 1} of {len(medians)}'


def _is_python(result):
  return result.row.group == ORIGINAL
