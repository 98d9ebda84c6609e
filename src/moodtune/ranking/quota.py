"""Whose turn it is: the places of a list, given one by one so that every prefix keeps the mix.

The quota method of Balinski and Young (The quota method of apportionment, American Mathematical
Monthly 82(7), 1975, 701-730): the next place goes to the mood with the largest share per place it
would then have, among those that the next place would not carry above its upper quota. Every
prefix is then within one place of each mood's exact share, and the first five places of ten are
the five places of five, which largest-remainder methods do not keep.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import count, repeat
from math import lcm


def turns(shares: Sequence[float]) -> Iterator[int]:
    """Return, without end, the mood (its position in ``shares``) that takes the next place.

    ``shares`` are at least 0 and not all 0; they need not sum to 1. Computed in exact fractions,
    so that rounding never decides; ties go to the mood that comes first.

    >>> from itertools import islice
    >>> list(islice(turns([0.6, 0.4]), 5))
    [0, 1, 0, 1, 0]
    """
    if min(shares) < 0 or max(shares) <= 0:
        raise ValueError(f"shares must be at least 0 and not all 0, got {list(shares)}")
    moods = [mood for mood, share in enumerate(shares) if share]
    if len(moods) == 1:
        return repeat(moods[0])
    exact = [Fraction(shares[mood]) for mood in moods]
    # As whole numbers of one unit: exact, and quicker than fractions.
    unit = lcm(*(share.denominator for share in exact))
    wanted = [int(share * unit) for share in exact]
    return map(moods.__getitem__, _turns(wanted, sum(wanted)))


def _turns(wanted: list[int], total: int) -> Iterator[int]:
    given = [0] * len(wanted)
    for places in count(1):
        winner = -1
        for mood, share in enumerate(wanted):
            # given < share * places is the same as given + 1 <= ceil(share * places).
            is_open = given[mood] * total < share * places
            if is_open and (
                winner < 0 or share * (given[winner] + 1) > wanted[winner] * (given[mood] + 1)
            ):
                winner = mood
        given[winner] += 1
        yield winner
