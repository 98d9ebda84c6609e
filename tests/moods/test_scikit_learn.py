"""scikit-learn comes without pandas, and pandas is as it was afterwards."""

import subprocess
import sys

import pytest

pytest.importorskip("pandas")  # where there is none, there is nothing to leave out
LOADED = "import sys; print('pandas' in sys.modules, bool(KMeans)); "
AFTERWARDS = "import pandas; print(pandas.DataFrame({'a': [1]}).shape)"


def printed(code):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split("\n")[:-1]


def test_pandas_is_not_loaded_with_it_and_can_be_loaded_later():
    ours = "from moodtune.moods.scikit_learn import KMeans; "
    assert printed(ours + LOADED + AFTERWARDS) == ["False True", "(1, 1)"]


def test_without_our_import_it_would_be_loaded():
    plain = "from sklearn.cluster import KMeans; "
    assert printed(plain + LOADED + AFTERWARDS) == ["True True", "(1, 1)"]


def test_pandas_stays_where_it_was_loaded_before():
    both = "import pandas; from moodtune.moods.scikit_learn import KMeans; "
    assert printed(both + LOADED + AFTERWARDS) == ["True True", "(1, 1)"]


def test_tables_of_pandas_are_known_when_they_come_later():
    fit = (
        "from moodtune.moods.scikit_learn import LogisticRegression; import pandas; "
        "table = pandas.DataFrame({'a': [0.0, 1.0, 2.0, 3.0]}); "
        "print(LogisticRegression().fit(table, [0, 0, 1, 1]).feature_names_in_[0])"
    )
    assert printed(fit) == ["a"]
