"""What several rounds say together: medians, spreads, and what they carry."""

import statistics
from collections import namedtuple

# Of one figure over the rounds.
Spread = namedtuple('Spread', 'median low high')

# MORE and LESS: every round says so, and the median by LEAST at least. SAME: the
# spread does not carry a difference. UNKNOWN: there are too few rounds to say.
MORE, LESS, SAME, UNKNOWN = 'more', 'less', 'same', 'unknown'

# Of two that are alike, this many rounds agree by chance in one of 16 cases.
MIN_ROUNDS = 5
LEAST = 0.02


def spread(values):
  """None unless every round has a value."""
  if not values or None in values:
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
  median = statistics.median(quotients)
  if min(quotients) > 1 and median >= 1 + LEAST:
    return MORE
  if max(quotients) < 1 and median <= 1 - LEAST:
    return LESS
  return SAME
