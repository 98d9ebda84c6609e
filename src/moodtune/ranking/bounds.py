"""Which blocks a search may come to, and what no fit in each of them is above.

The order of the blocks by the highest probability of a mood hangs on no query: it is found once for
an index. With one mood it is the order of the bounds. Of a mix the bounds at the front are worked
out in full; what the rest of a mix adds is little, so hardly a search comes to others.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from moodtune.ranking.blocks import Blocks
from moodtune.ranking.scoring import REST_WEIGHT, OfRows, fit

#: Tracks that can stand for a mood, those that can for no mood of a mix, and of unasked kinds.
Which: TypeAlias = Literal["own", "rest", "kinds"]

#: Above what the rest of a mix adds to a fit, however it is rounded.
_REST_AT_MOST = np.float32(1.01 * REST_WEIGHT)

#: Blocks whose bounds are worked out in full, at least.
_NEAR = 64


@dataclass(frozen=True, slots=True)
class Bounds:
    """Blocks, what no key in each is above, and how many at the front are in order.

    The others are not above those.
    """

    blocks: NDArray[np.intp]
    most: NDArray[np.float32]
    in_order: int


class BlockOrders:
    """The blocks of an index by their highest probability of each mood, found when asked for."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self._found: dict[tuple[Which, int, bool, bytes], Bounds] = {}

    def bounds(
        self, which: Which, mood: int, profile: NDArray[np.float64], kinds: NDArray[np.bool_]
    ) -> Bounds:
        """Return the blocks that may have such tracks, and bounds of their fits to ``mood``.

        ``kinds``  the moods that are kinds which the profile does not ask for [shape=(n_moods,)]
        """
        one = np.count_nonzero(profile) == 1
        key = which, mood, one, kinds.tobytes()
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._ordered(which, mood, kinds, one=one)
        return found if one else self._of_mix(found, mood, profile)

    def _ordered(self, which: Which, mood: int, kinds: NDArray[np.bool_], *, one: bool) -> Bounds:
        blocks = self._blocks
        may = kinds[blocks.leading]
        if which != "kinds":
            may = ~may
        if which == "rest" and one:  # all but the kinds can stand for it
            may = np.zeros_like(may)
        if which == "own" and not one:
            may &= blocks.highest[mood] >= blocks.carrying
        some = np.flatnonzero(may)
        highest = blocks.highest[mood][some]
        order = np.argsort(-highest, kind="stable")
        return Bounds(some[order], highest[order], len(some))

    def _of_mix(self, found: Bounds, mood: int, profile: NDArray[np.float64]) -> Bounds:
        """Return the bounds of a mix: in full of those that may be among the ``_NEAR`` highest."""
        bounds, near = found.most + _REST_AT_MOST, len(found.blocks)
        if near > _NEAR:  # they descend
            near = int((-bounds).searchsorted(-found.most[_NEAR - 1], side="right"))
        front = found.blocks[:near]
        full = fit(OfRows(self._blocks.highest.T, front), mood, profile)
        order = (-full).argsort(kind="stable")
        blocks = found.blocks.copy()
        blocks[:near], bounds[:near] = front[order], full[order]
        in_order = near
        if near < len(bounds):
            in_order = int((-bounds[:near]).searchsorted(-bounds[near], side="right"))
        return Bounds(blocks, bounds, in_order)
