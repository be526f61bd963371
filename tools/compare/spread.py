"""What several rounds say together: medians, spreads, and what they carry."""

import statistics
from collections import namedtuple

# Of one figure over the rounds.
Spread = namedtuple('Spread', 'median low high')

# MORE and LESS: every round says so. SAME: they do not agree, so the spread
# does not carry a difference. UNKNOWN: there are too few rounds to say.
MORE, LESS, SAME, UNKNOWN = 'more', 'less', 'same', 'unknown'

MIN_ROUNDS = 3  # that a difference is believed from


def spread(values):
  """None if there are no values."""
  values = [value for value in values if value is not None]
  if not values:
    return None
  return Spread(statistics.median(values), min(values), max(values))


def ratios(ours, theirs):
  """Round by round, for what slows the machine down for a while slows both."""
  return [a / b for a, b in zip(ours, theirs)
          if a is not None and b is not None and b > 0]


def verdict(ours, theirs):
  """Whether `ours` are more than `theirs`, two lists of a value a round."""
  quotients = ratios(ours, theirs)
  if len(quotients) < MIN_ROUNDS:
    return UNKNOWN
  if min(quotients) > 1:
    return MORE
  if max(quotients) < 1:
    return LESS
  return SAME
