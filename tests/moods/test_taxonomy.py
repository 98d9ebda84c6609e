"""The taxonomy file: what it may say, and the line of each thing it may not."""

import re
import time
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodtune.catalog.schema import AUDIO_FEATURES
from moodtune.errors import BundleError, TaxonomyError
from moodtune.moods.taxonomy import (
    Cue,
    ListenerMood,
    Mood,
    Taxonomy,
    load_taxonomy,
    parse_taxonomy,
    taxonomy_from_json,
    taxonomy_to_json,
)
from moodtune.moods.toml_lines import TomlLines, statements

SOUND = """\
[[mood]]
name = "calm"
valence = 0.6
arousal = 0.2
cues.energy = { rank = 0.15, weight = 2.0 }
cues.acousticness = { rank = 0.9 }

[[mood]]
name = "live"
valence = 0.5
arousal = 0.6
offered = false
cues.liveness = { rank = 1, weight = 1 }

[[listener_mood]]
name = "Relaxation"
phrases = [
  "to relax",
  "stress relief",
]
weights = { calm = 0.75, live = 0.25 }
"""


def refusal(text):
    with pytest.raises(TaxonomyError) as caught:
        parse_taxonomy(text, name="moods.toml")
    return str(caught.value)


def changed(old, new):
    assert SOUND.count(old) >= 1
    return SOUND.replace(old, new, 1)


def test_a_sound_file_becomes_the_moods_it_describes():
    calm = Mood(
        name="calm",
        valence=0.6,
        arousal=0.2,
        cues=(
            Cue(feature="energy", rank=0.15, weight=2.0),
            Cue(feature="acousticness", rank=0.9, weight=1.0),
        ),
    )
    live = Mood(
        name="live",
        valence=0.5,
        arousal=0.6,
        cues=(Cue(feature="liveness", rank=1.0, weight=1.0),),
        offered=False,
    )
    relaxation = ListenerMood(
        name="Relaxation",
        phrases=("Relaxation", "to relax", "stress relief"),
        weights={"calm": 0.75, "live": 0.25},
    )
    expected = Taxonomy(moods=(calm, live), listener_moods=(relaxation,))
    assert parse_taxonomy(SOUND, name="moods.toml") == expected


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'name = "live"',
            'name = "Calm"',
            "moods.toml line 9: mood 'Calm' is there twice, first in the [[mood]] of line 1",
        ),
        (
            '"stress relief"',
            '"TO RELAX"',
            (
                "moods.toml line 19: phrase 'TO RELAX' is there twice, "
                "first in the [[listener_mood]] of line 15"
            ),
        ),
        (
            '"stress relief"',
            '"Calm"',
            (
                "moods.toml line 19: phrase 'Calm' is also the song mood 'calm', so it must weight "
                "that mood alone; rename one of the two"
            ),
        ),
        ("valence = 0.6", "valence = 1.2", "moods.toml line 3: valence must be in [0, 1], got 1.2"),
        (
            "arousal = 0.6",
            "arousal = nan",
            "moods.toml line 11: arousal must be in [0, 1], got nan",
        ),
        (
            "rank = 0.9",
            "rank = -1",
            "moods.toml line 6: rank of acousticness must be in [0, 1], got -1",
        ),
        (
            "weight = 2.0",
            "weight = 0",
            "moods.toml line 5: weight of energy must be a number above 0, got 0",
        ),
        (
            "weight = 2.0",
            "weight = inf",
            "moods.toml line 5: weight of energy must be a number above 0, got inf",
        ),
        (
            "calm = 0.75",
            "calm = 0.5",
            "moods.toml line 21: weights of 'Relaxation' must sum to 1, got 0.75",
        ),
        (
            "calm = 0.75, live = 0.25",
            "calm = 1.5, live = -0.5",
            "moods.toml line 21: weight of live must be a number above 0, got -0.5",
        ),
        (
            "calm = 0.75",
            "clam = 0.75",
            (
                "moods.toml line 21: 'Relaxation' leads to 'clam', which is no mood; "
                "did you mean 'calm'?"
            ),
        ),
        (
            "calm = 0.75, live = 0.25",
            "live = 1.0",
            (
                "moods.toml line 21: 'Relaxation' leads to no mood that lists may offer; "
                "weight at least one that is offered"
            ),
        ),
        (
            "weights = { calm = 0.75, live = 0.25 }",
            "weights = {}",
            (
                "moods.toml line 21: 'Relaxation' leads to no mood that lists may offer; "
                "weight at least one that is offered"
            ),
        ),
        (
            "valence = 0.6",
            "valance = 0.6",
            "moods.toml line 3: unknown key 'valance'; did you mean 'valence'?",
        ),
        (
            "rank = 0.9 ",
            "rnak = 0.9 ",
            "moods.toml line 6: unknown key 'rnak'; did you mean 'rank'?",
        ),
        (
            "[[listener_mood]]",
            "[[listener_moods]]",
            "moods.toml line 15: unknown key 'listener_moods'; did you mean 'listener_mood'?",
        ),
        (
            "offered = false",
            "zzz = false",
            (
                "moods.toml line 12: unknown key 'zzz'; "
                "known are name, valence, arousal, cues, offered"
            ),
        ),
        (
            "cues.energy",
            "cues.enegry",
            "moods.toml line 5: unknown feature 'enegry'; did you mean 'energy'?",
        ),
        (
            "cues.liveness = { rank = 1, weight = 1 }",
            "",
            (
                "moods.toml line 8: mood 'live' has no cues; "
                "give at least one, as in cues.energy = { rank = 0.9 }"
            ),
        ),
        (
            "valence = 0.6\n",
            "",
            "moods.toml line 1: [[mood]] missing required field valence",
        ),
        (
            "rank = 0.9 ",
            "weight = 1.0 ",
            "moods.toml line 6: cue acousticness missing required field rank",
        ),
        (
            "arousal = 0.2",
            'arousal = "low"',
            "moods.toml line 4: expected float, got str in arousal",
        ),
        (
            "{ rank = 0.9 }",
            "0.9",
            "moods.toml line 6: expected object, got float",
        ),
        (
            'name = "calm"',
            'name = "calm "',
            "moods.toml line 2: a name must be text without spaces at its ends, got 'calm '",
        ),
        (
            'name = "calm"',
            'name = "ca\\u0007lm"',
            (
                "moods.toml line 2: a name may not have control or invisible characters, "
                "got 'ca\\x07lm'"
            ),
        ),
        (
            '"to relax"',
            '"to \\u202Erelax"',
            (
                "moods.toml line 17: a phrase may not have control or invisible characters, "
                "got 'to \\u202erelax'"
            ),
        ),
        (
            'name = "calm"',
            f'name = "{"x" * 61}"',
            "moods.toml line 2: a name may have 60 characters, got 61",
        ),
        (
            'name = "calm"',
            'name = "Other"',
            (
                "moods.toml line 2: 'other' is what clusters near no mood are called; "
                "give the mood another name"
            ),
        ),
        (
            "arousal = 0.2",
            "arousal = ",
            "moods.toml line 4: not readable as TOML at column 11: Invalid value",
        ),
        (
            "arousal = 0.2",
            "valence = 0.2",
            "moods.toml line 4: not readable as TOML at column 14: Cannot overwrite a value",
        ),
    ],
)
def test_a_fault_is_refused_with_its_line(old, new, message):
    assert refusal(changed(old, new)) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "moods.toml line 1: there is no [[mood]]; lists need at least one mood to offer"),
        (
            SOUND.partition('[[mood]]\nname = "live"')[0].replace(
                "cues.energy", "offered = false\ncues.energy"
            ),
            (
                "moods.toml line 1: every [[mood]] says offered = false; "
                "lists need at least one mood to offer"
            ),
        ),
        ("mood = 3", "moods.toml line 1: expected tables headed [[mood]]"),
        ("mood = [3]", "moods.toml line 1: expected tables headed [[mood]]"),
        (
            '[[mood]]\nname = "a"\n' * 65,
            "moods.toml line 129: expected at most 64 of [[mood]], got 65",
        ),
        (
            SOUND + '[[listener_mood]]\nname = "Relaxation"\nweights.calm = 1\n',
            (
                "moods.toml line 23: phrase 'Relaxation' is there twice, "
                "first in the [[listener_mood]] of line 15"
            ),
        ),
        (
            "x = " + "9" * 5000,
            "moods.toml line 1: expected lines of at most 2000 characters, got 5004; break it",
        ),
    ],
)
def test_a_file_without_moods_or_with_too_many_is_refused(text, message):
    assert refusal(text) == message


@pytest.mark.parametrize(
    "text", ["x = " + "[\n" * 30_000, "x = " + "[" * 60_000, "#" * 300_000, "a." * 30_000 + "a=1"]
)
def test_a_hostile_file_is_refused_at_once(text):
    start = time.process_time()
    assert refusal(text).startswith("moods.toml")
    assert time.process_time() - start < 2


def test_a_phrase_may_be_the_song_mood_that_it_weights_alone():
    text = SOUND + '[[listener_mood]]\nname = "Calm"\nweights = { calm = 1.0 }\n'
    assert parse_taxonomy(text, name="x").listener_mood("CALM ").weights == {"calm": 1.0}


def test_listener_moods_may_be_left_out_and_song_moods_then_stand_for_themselves():
    taxonomy = parse_taxonomy(SOUND.partition("[[listener_mood]]")[0], name="x")
    assert taxonomy.listener_moods == ()
    assert taxonomy.listener_mood("calm").weights == {"calm": 1.0}


def test_cues_may_be_written_inline_dotted_or_as_tables():
    head = '[[mood]]\nname = "a"\nvalence = 0.5\narousal = 0.5\n'
    inline = head + "cues = { energy = { rank = 0.5 }, tempo = { rank = 0.25, weight = 3 } }\n"
    dotted = head + "cues.energy.rank = 0.5\ncues.tempo = { rank = 0.25, weight = 3 }\n"
    tables = head + "[mood.cues]\nenergy.rank = 0.5\n[mood.cues.tempo]\nrank = 0.25\nweight = 3\n"
    first, second, third = (parse_taxonomy(t, name="x") for t in (inline, dotted, tables))
    assert first == second == third
    assert refusal(inline.replace("0.25", "7")).startswith("moods.toml line 5: rank of tempo")
    assert refusal(dotted.replace("0.25", "7")).startswith("moods.toml line 6: rank of tempo")
    assert refusal(tables.replace("0.25", "7")).startswith("moods.toml line 7: rank of tempo")


def test_lines_are_counted_through_comments_and_strings_of_several_lines():
    head = '# [[mood]]\na = """\n[[mood]]\n"""\n\n'
    text = head + '[[mood]] # "\nb = [ # ]\n  "x", "]",\n  \'y\',\n]\nc = 1\n'
    lines = TomlLines(text)
    assert [number for number, _ in statements(text)] == [2, 6, 7, 11]
    assert lines.line(("a",)) == 2
    assert lines.line(("mood", 0)) == 6
    assert lines.line(("mood", 0, "b")) == 7
    assert lines.line(("mood", 0, "b", "y")) == 9
    assert lines.line(("mood", 0, "c")) == 11
    assert lines.line(("mood", 0, "missing")) == 6
    assert lines.line(("mood", 5)) == 6
    assert lines.line(("nothing",)) == 1


def test_the_package_has_the_original_moods_and_listener_moods():
    taxonomy = load_taxonomy()
    song_moods = "calm, deep, fun, happy, melancholy, motivating, party, relax, uplifting"
    assert ", ".join(sorted(taxonomy.offered)) == song_moods
    assert sorted(set(taxonomy.names) - set(taxonomy.offered)) == ["live", "talkative"]
    assert sorted(m.name for m in taxonomy.listener_moods) == [
        "Relaxation and stress relief",
        "Sadness or melancholy",
        "Social gatherings or parties",
        "Uplifting and motivational",
    ]


def test_a_file_of_ones_own_is_loaded_by_path(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(SOUND, encoding="utf-8-sig")
    assert load_taxonomy(path) == parse_taxonomy(SOUND, name="own.toml")
    packaged = resources.files("moodtune.moods").joinpath("moods.toml").read_text("utf-8")
    path.write_text(packaged, encoding="utf-8")
    assert load_taxonomy(path) == load_taxonomy()


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    advice = "name a TOML file, or leave the option out to use the moods of the package"
    path = tmp_path / "own.toml"
    message = f"own.toml: the taxonomy cannot be read: No such file or directory; {advice}"
    with pytest.raises(TaxonomyError, match=f"^{re.escape(message)}$"):
        load_taxonomy(path)
    path.write_bytes(b"[[mood]]\nname = 'caf\xe9'\n")
    with pytest.raises(
        TaxonomyError, match=r"^own.toml line 2: not readable as TOML: the text is not UTF-8$"
    ):
        load_taxonomy(path)
    path.write_bytes(b"#" * (300 * 1024))
    with pytest.raises(
        TaxonomyError,
        match=r"^own.toml: expected a taxonomy of at most 64 KiB, got more; is this the right",
    ):
        load_taxonomy(path)


shares = st.floats(0, 1, allow_subnormal=True)
names = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=20
).filter(lambda text: text.isprintable() and text.casefold() != "other")
cues = st.builds(
    Cue,
    feature=st.sampled_from(sorted(AUDIO_FEATURES)),
    rank=shares,
    weight=st.floats(0, exclude_min=True, allow_infinity=False),
)
moods = st.builds(
    Mood,
    name=names,
    valence=shares,
    arousal=shares,
    cues=st.lists(cues, min_size=1, unique_by=lambda cue: cue.feature).map(tuple),
    offered=st.just(value=True),
)


@given(st.lists(moods, min_size=1, max_size=6, unique_by=lambda mood: mood.name.casefold()))
def test_a_taxonomy_written_as_json_reads_back_identical(own):
    wants_first = ListenerMood(
        name="a listener", phrases=("a listener", "b"), weights={own[0].name: 1.0}
    )
    taxonomy = Taxonomy(moods=tuple(own), listener_moods=(wants_first,))
    if {"b"} & {mood.name.casefold() for mood in own}:
        return
    text = taxonomy_to_json(taxonomy)
    assert taxonomy_from_json(text) == taxonomy
    assert taxonomy_to_json(taxonomy_from_json(text)) == text


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            '"rank": 0.15',
            '"rank": 15',
            "the model's taxonomy: rank of energy must be in [0, 1], got 15",
        ),
        ('"mood": [', '"mood": [[', "JSON is malformed: expected ',' or ']' (byte 530)"),
        ('"mood"', '"moods"', "the model's taxonomy: unknown key 'moods'; did you mean 'mood'?"),
    ],
)
def test_a_damaged_json_text_is_refused(old, new, fault):
    text = taxonomy_to_json(parse_taxonomy(SOUND, name="x"))
    message = f"the model's taxonomy is damaged ({fault}); train the model again"
    with pytest.raises(BundleError, match=f"^{re.escape(message)}$"):
        taxonomy_from_json(text.replace(old, new, 1))
