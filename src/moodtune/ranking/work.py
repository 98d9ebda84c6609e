"""How much work a query may take, counted and never timed: the same query always takes the same.

The unit is one track in an operation over arrays, some 15 to 50 ns with all that such an operation
does to it. A step of the interpreter and the call of an operation count as many of
these as they take as long as, so that a budget bounds the time within a factor of two or three.
"""

from moodtune.errors import BudgetError

#: What a step of the interpreter counts (a track looked at by itself, a place of a list tried),
#: and what an operation over arrays counts beside its tracks.
STEP, CALL = 20, 200


class Work:
    """Counts the work on a query.

    ``most``   what may be spent, or None for any
    ``spent``  what has been
    ``blocks`` of the index that were read, ``tracks`` that were looked at in arrays
    """

    __slots__ = ("blocks", "most", "spent", "tracks")

    def __init__(self, most: int | None = None) -> None:
        self.most = most
        self.spent = self.blocks = self.tracks = 0

    def step(self, count: int = 1) -> None:
        """Count steps of the interpreter."""
        self.spend(STEP * count)

    def call(self, tracks: int) -> None:
        """Count an operation over the arrays of so many tracks."""
        self.spend(CALL + tracks)

    def read(self, blocks: int, tracks: int, operations: int) -> None:
        """Count the reading of so many tracks of some blocks, or of none, by some operations."""
        self.blocks += blocks
        self.tracks += tracks
        self.call(operations * tracks)

    def spend(self, count: int) -> None:
        """Count units; BudgetError where that is more than may be spent."""
        self.spent += count
        if self.most is not None and self.spent > self.most:
            raise BudgetError(
                f"the query takes more work than it may, {self.most:,} units: ask for fewer "
                "places, or with fewer or looser limits"
            )
