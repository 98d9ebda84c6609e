"""Every error this package raises on purpose.

The tree::

    MoodtuneError
    ├── UsageError            what was asked for does not exist or does not fit together
    │   ├── SettingsError     a setting is unknown or out of its range
    │   ├── QueryError        a query names a mood, listener or limit that cannot be served
    │   │   └── BudgetError   a query that would take more work than it may
    │   ├── TaxonomyError     a moods.toml that contradicts itself
    │   ├── KeyConflictError  a key that stands for other feedback already
    │   └── AllowanceError    more is to be kept of a listener than the settings allow
    ├── TableError            a table that cannot be used as it is
    │   ├── ColumnError       a column is missing, doubled, or in other units than it must be
    │   └── HostileTableError a table that is larger, deeper or more nested than the limits allow
    ├── TooLittleDataError    a table that is sound, and too small to learn from
    ├── BundleError           a model directory that is damaged, foreign or newer
    ├── StoreError            a database that cannot be reached, read or written, or is newer
    └── RequestError          a request over HTTP that is refused
        ├── SignInError       nobody has signed in, or with what is no token
        ├── ForbiddenError    it comes from where no request may, or asks what its listener may not
        ├── NotFoundError     there is nothing of that name, or it is another listener's
        ├── ConflictError     it does not fit what is there by now
        ├── TooSlowError      it has not come in time
        ├── TooLargeError     it is larger than a request may be
        ├── MediaTypeError    its body is of a type that is not read
        ├── InvalidError      its body or parameters are not what the schema says
        ├── RateError         its sender asks too often
        └── BusyError         there is too much to do already

Each message is one sentence: what, where, what was expected, what was found, what to do.
``EXIT_CODES`` gives the exit status of the command for each branch.
"""


class MoodtuneError(Exception):
    """The root: catch it to catch everything that this package raises on purpose."""


class UsageError(MoodtuneError):
    """What was asked for does not exist or does not fit together."""


class SettingsError(UsageError):
    """A setting is unknown or out of its range."""


class QueryError(UsageError):
    """A query names a mood, listener or limit that cannot be served."""


class BudgetError(QueryError):
    """A query that would take more work than it may."""


class TaxonomyError(UsageError):
    """A taxonomy file that contradicts itself; the message names the line."""


class KeyConflictError(UsageError):
    """A key that stands for other feedback of the same listener already."""


class AllowanceError(UsageError):
    """More is to be kept of a listener than the settings allow."""


class TableError(MoodtuneError):
    """A table that cannot be used as it is."""


class ColumnError(TableError):
    """A column is missing, doubled, or in other units than it must be."""


class HostileTableError(TableError):
    """A table that is larger, deeper or more nested than the limits allow."""


class TooLittleDataError(MoodtuneError):
    """A table that is sound, and too small to learn from."""


class BundleError(MoodtuneError):
    """A model directory that is damaged, truncated, foreign or newer than this version."""


class StoreError(MoodtuneError):
    """The service's database cannot be reached, read or written, or is newer than this version."""


class RequestError(MoodtuneError):
    """A request over HTTP that is refused; by itself: one that cannot be read."""


class SignInError(RequestError):
    """Nobody has signed in, or with what is no token."""


class ForbiddenError(RequestError):
    """A request from where none may come, or for what its listener may not do."""


class NotFoundError(RequestError):
    """There is nothing of that name, or it is another listener's: the two look the same."""


class ConflictError(RequestError):
    """A request that does not fit what is there by now."""


class TooSlowError(RequestError):
    """A request that has not come in time."""


class TooLargeError(RequestError):
    """A request that is larger than one may be."""


class MediaTypeError(RequestError):
    """A request whose body is of a type that is not read."""


class InvalidError(RequestError):
    """A request whose body or parameters are not what the schema says."""


class RateError(RequestError):
    """A request of somebody who asks too often."""

    def __init__(self, sentence: str, retry_after_s: int) -> None:
        super().__init__(sentence)
        self.retry_after_s = retry_after_s


class BusyError(RequestError):
    """A request that there is no room for: there is too much to do already."""

    def __init__(self, sentence: str, retry_after_s: int) -> None:
        super().__init__(sentence)
        self.retry_after_s = retry_after_s


#: Exit status per error class; the nearest class in the method resolution order counts.
EXIT_CODES: dict[type[MoodtuneError], int] = {
    MoodtuneError: 1,
    UsageError: 2,
    TableError: 3,
    TooLittleDataError: 4,
    BundleError: 5,
    StoreError: 6,
}


def exit_code(error: MoodtuneError) -> int:
    """Return the exit status that the command ends with on ``error``."""
    return next(EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES)
