"""Whose turn it is: the places of a list, given one by one so that every prefix keeps the mix.

The quota method of Balinski and Young (The quota method of apportionment, American Mathematical
Monthly 82(7), 1975, 701-730): the next place goes to the mood with the largest share per place it
would then have, among those that the next place would not carry above its upper quota. Every
prefix is then within one place of each mood's exact share, and the first five places of ten are
the five places of five, which largest-remainder methods do not keep.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction


def turns(shares: Sequence[float]) -> Iterator[int]:
    """Yield, without end, the mood (its position in ``shares``) that takes the next place.

    ``shares`` are at least 0 and not all 0; they need not sum to 1. Computed in exact fractions,
    so that rounding never decides; ties go to the mood that comes first.

    >>> from itertools import islice
    >>> list(islice(turns([0.6, 0.4]), 5))
    [0, 1, 0, 1, 0]
    """
    exact = [Fraction(share) for share in shares]
    total = sum(exact)
    if min(exact) < 0 or total <= 0:
        raise ValueError(f"shares must be at least 0 and not all 0, got {list(shares)}")
    exact = [share / total for share in exact]
    given = [0] * len(exact)
    while True:
        places = sum(given) + 1
        # given < share * places is the same as given + 1 <= ceil(share * places).
        open_moods = [m for m, share in enumerate(exact) if given[m] < share * places]
        winner = max(open_moods, key=lambda m: (exact[m] / (given[m] + 1), -m))
        given[winner] += 1
        yield winner
