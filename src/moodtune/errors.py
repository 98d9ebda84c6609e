"""Every error this package raises on purpose.

The tree::

    MoodtuneError
    ├── UsageError            what was asked for does not exist or does not fit together
    │   ├── SettingsError     a setting is unknown or out of its range
    │   ├── QueryError        a query names a mood, listener or limit that cannot be served
    │   ├── TaxonomyError     a moods.toml that contradicts itself
    │   ├── KeyConflictError  a key that stands for other feedback already
    │   └── AllowanceError    more is to be kept of a listener than the settings allow
    ├── TableError            a table that cannot be used as it is
    │   ├── ColumnError       a column is missing, doubled, or in other units than it must be
    │   └── HostileTableError a table that is larger, deeper or more nested than the limits allow
    ├── TooLittleDataError    a table that is sound, and too small to learn from
    ├── BundleError           a model directory that is damaged, foreign or newer
    └── StoreError            a database that cannot be reached, read or written, or is newer

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
