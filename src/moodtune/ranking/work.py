"""How much work a query may take, counted and never timed: the same query always takes the same."""

from moodtune.errors import BudgetError


class Work:
    """Counts the tracks that are looked at; one that is looked at again counts again.

    ``most``   what may be spent, or None for any
    ``spent``  what has been
    """

    __slots__ = ("most", "spent")

    def __init__(self, most: int | None = None) -> None:
        self.most = most
        self.spent = 0

    def spend(self, count: int) -> None:
        """Count ``count`` tracks; BudgetError where that is more than may be spent."""
        self.spent += count
        if self.most is not None and self.spent > self.most:
            raise BudgetError(
                f"the query takes more work than it may, {self.most:,} tracks looked at: ask for "
                "fewer places, or with fewer or looser limits"
            )
