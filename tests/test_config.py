"""Settings: what a file may change, and what is said of what it may not."""

import pytest

from moodtune.config import Settings, checked, plain, read_settings, with_changes
from moodtune.errors import SettingsError
from moodtune.samples import SampleSettings


def test_a_file_names_only_what_it_changes(tmp_path):
    (tmp_path / "s.toml").write_text('seed = 3\n[clusters]\nclusters = "auto"\n')
    settings = read_settings(tmp_path / "s.toml")
    assert (settings.seed, settings.clusters.clusters) == (3, "auto")
    assert settings == with_changes(Settings(), {"seed": 3, "clusters": {"clusters": "auto"}})


def test_plain_settings_read_back_the_same():
    assert checked(Settings, plain(Settings(seed=4))) == Settings(seed=4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sed = 1", r"s\.toml: no setting is called sed; did you mean seed\?"),
        ("[clusters]\nstart = 1", r"s\.toml: no setting is called clusters\.start; did you mean clusters\.starts\?"),
        ("seed = 'x'", r"s\.toml: seed must be a whole number, got 'x'"),
        ("keep_listeners = 3", r"s\.toml: keep_listeners must be true or false, got 3"),
        ("[clusters]\nclusters = 0", r"s\.toml: clusters\.clusters must be a whole number from 1 to 256 or auto, got 0"),
        ("[catalog]\npercent = 'energy'", r"s\.toml: catalog\.percent must be a list, got 'energy'"),
        ("seed = ", r"s\.toml is not TOML: .*"),
    ],
)  # fmt: skip
def test_what_a_file_may_not_say_is_a_sentence(tmp_path, text, message):
    (tmp_path / "s.toml").write_text(text)
    with pytest.raises(SettingsError, match=f"^{message}$"):
        read_settings(tmp_path / "s.toml")


def test_a_choice_of_words_names_them():
    with pytest.raises(SettingsError, match=r"^file_format must be csv or parquet, got 'xlsx'$"):
        checked(SampleSettings, {"file_format": "xlsx"})
