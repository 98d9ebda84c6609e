"""Every error has a place in the tree that errors.py draws, and an exit status."""

import inspect

import pytest

from moodtune import errors

ALL = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.MoodtuneError)
]


@pytest.mark.parametrize("kind", ALL)
def test_every_error_is_drawn_in_the_tree(kind):
    assert f" {kind.__name__}" in errors.__doc__


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (errors.MoodtuneError, 1),
        (errors.QueryError, 2),
        (errors.TaxonomyError, 2),
        (errors.KeyConflictError, 2),
        (errors.AllowanceError, 2),
        (errors.SettingsError, 2),
        (errors.ColumnError, 3),
        (errors.HostileTableError, 3),
        (errors.TooLittleDataError, 4),
        (errors.BundleError, 5),
        (errors.StoreError, 6),
    ],
)
def test_an_error_ends_with_the_status_of_its_nearest_branch(kind, status):
    assert errors.exit_code(kind("a sentence")) == status
