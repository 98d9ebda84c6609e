import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodtune.reports.markdown import to_markdown
from moodtune.reports.markup import escaped
from moodtune.reports.report import (
    AnsweringPart,
    CatalogPart,
    ClusterPart,
    Estimate,
    FidelityPart,
    FiguresPart,
    LeftOutPart,
    ListenersPart,
    MeasurePart,
    MoodPart,
    RejectionPart,
    Report,
    SourcePart,
    TickedPart,
    ValidationPart,
    from_json,
    to_json,
)


def a_report(**changes):
    """A report in which everything that can be said is said."""
    estimate = Estimate(value=93.4, low=92.8, high=94.0)
    source = SourcePart(
        name="tracks.csv",
        n_rows=114_000,
        columns={"title": "track_name", "energy": "energy"},
        unused_columns=("time zone",),
        left_out=None,
    )
    report = Report(
        version="a version",
        seed=7,
        synthetic=True,
        catalog=CatalogPart(
            sources=(source, msgspec.structs.replace(source, name="genres.csv", left_out="no ids")),
            n_read=114_000,
            n_kept=81_343,
            n_rejected=158,
            n_merged_ids=24_259,
            n_merged_songs=8_240,
            features=("energy", "valence"),
            rejections=(RejectionPart(column="tempo", reason="tempo is missing", n_rows=157),),
            notes=("Some tracks have no beat.",),
        ),
        n_clusters=1,
        clusters=(
            ClusterPart(
                number=0,
                mood="calm",
                runner_up="deep",
                n_tracks=12_345,
                share_percent=15.2,
                centroid={"energy": 0.214, "loudness": -17.5},
                nearest=("A | B", "C"),
            ),
        ),
        moods=(
            MoodPart(mood="calm", offered=True, n_clusters=1, n_tracks=9876, share_percent=12.1),
            MoodPart(mood="live", offered=False, n_clusters=0, n_tracks=0, share_percent=0.0),
        ),
        fidelity=FidelityPart(
            n_heldout=16_232,
            interval_percent=95,
            agreement_percent=estimate,
            baseline_percent=18.3,
            baseline_mood="calm",
            kappa=0.912,
        ),
        listeners=ListenersPart(
            source=source,
            n_read=520,
            n_kept=519,
            n_rejected=1,
            n_repeats=2,
            n_labelled=516,
            n_answers=18,
            dropped={"Timestamp": "it is a date"},
            ticked=(TickedPart(mood="Rest", n_listeners=361, share_percent=69.9),),
            validation=ValidationPart(
                n_listeners=515,
                n_folds=5,
                n_repeats=4,
                n_fits=20,
                n_fits_won=19,
                interval_percent=90,
                measures=(
                    MeasurePart(
                        measure="log loss",
                        better="lower",
                        mood=None,
                        model=Estimate(value=0.495, low=0.47, high=0.52),
                        constant=Estimate(value=0.561, low=0.54, high=0.58),
                        gain=Estimate(value=0.066, low=0.05, high=0.08),
                    ),
                    MeasurePart(
                        measure="AUC",
                        better="higher",
                        mood="Rest",
                        model=Estimate(value=0.744, low=0.7, high=0.78),
                        constant=Estimate(value=0.5, low=0.5, high=0.5),
                        gain=Estimate(value=0.244, low=0.2, high=0.28),
                    ),
                ),
                answering=AnsweringPart(
                    coverage_percent=71.3, hit_rate_percent=85.1, hit_rate_of_all_percent=79.4
                ),
            ),
            notes=("A note about listeners.",),
        ),
        figures=FiguresPart(
            drawn=("pairplot.png",),
            left_out=(LeftOutPart(path="key_distribution.png", reason="the catalog has no key"),),
        ),
        cautions=("Synthetic: nothing here is real.",),
        settings={"clusters": {"clusters": 12}},
    )
    return msgspec.structs.replace(report, **changes)


def with_numbers(value, new):
    """Return a JSON value whose numbers are replaced, one by one in order, by ``new``."""
    if isinstance(value, dict):
        return {key: with_numbers(item, new) for key, item in value.items()}
    if isinstance(value, list):
        return [with_numbers(item, new) for item in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return next(new) if isinstance(value, int) else next(new) + 0.25


def numbers_of(value):
    """Return every number in a JSON value."""
    if isinstance(value, dict | list):
        items = value.values() if isinstance(value, dict) else value
        return [number for item in items for number in numbers_of(item)]
    return [] if isinstance(value, bool) or not isinstance(value, int | float) else [value]


def numbers_in(page):
    return [
        float(found.replace(",", ""))
        for found in re.findall(r"-?\d[\d,]*(?:\.\d+)?", page.replace("`report.json`", ""))
    ]


def test_every_number_in_the_page_is_a_number_of_its_json_twin():
    report = a_report()
    twins = set(map(float, numbers_of(msgspec.json.decode(to_json(report)))))
    assert set(numbers_in(to_markdown(report))) <= twins


@pytest.mark.parametrize("start", [1_000, 7_000_000])
def test_the_page_holds_no_number_of_its_own_and_rounds_none(start):
    """Every number of the noun becomes another one: the page must say exactly those."""
    report = msgspec.json.decode(to_json(a_report()))
    report["settings"] = {}
    changed = with_numbers(report, iter(range(start, start + 1000)))
    page = to_markdown(msgspec.convert(changed, Report))
    unsaid = changed["catalog"]["sources"][1]["n_rows"]  # of the file that was left out
    expected = {float(number) for number in numbers_of(changed)} - {float(unsaid)}
    assert set(numbers_in(page)) == expected


def test_the_page_says_each_figure_beside_its_interval_and_baseline():
    page = to_markdown(a_report())
    assert "for 93.4 % of them, 92.8 to 94.0 % (95 % interval)" in page
    assert "Always naming calm, the commonest, would agree for 18.3 %." in page
    assert (
        "| log loss | all | lower | 0.495 (0.470 to 0.520) | 0.561 (0.540 to 0.580) "
        "| 0.066 (0.050 to 0.080) |"
    ) in page


def test_the_song_models_figure_is_called_fidelity_and_never_accuracy():
    page = to_markdown(a_report())
    assert "fidelity to the clusters" in page
    assert "accuracy" not in page.lower()
    assert "It does not say that people would hear these moods" in page


def test_what_came_in_adds_up_on_the_page():
    page = to_markdown(a_report())
    assert "| read | 114,000 |" in page
    assert "| kept, one per song | 81,343 |" in page
    assert "| tempo | tempo is missing | 157 |" in page
    assert "**genres.csv** was left out: no ids." in page
    assert "Read track_name as title. Not used: time zone." in page


def test_a_synthetic_report_says_so_first():
    lines = to_markdown(a_report()).splitlines()
    assert lines[2].startswith("**Synthetic sample.**")
    assert "Synthetic" not in to_markdown(a_report(synthetic=False, cautions=("none",)))


def test_what_is_missing_is_said():
    page = to_markdown(
        a_report(
            fidelity=None,
            listeners=None,
            figures=FiguresPart(drawn=(), left_out=()),
            catalog=msgspec.structs.replace(a_report().catalog, rejections=()),
        )
    )
    assert "too few tracks to hold any out" in page
    assert "There was no table of listeners" in page
    assert "None were drawn." in page
    assert "## What was rejected\n\nNothing." in page


def test_a_figure_left_out_is_named_with_its_reason():
    assert "- `key_distribution.png`: the catalog has no key" in to_markdown(a_report())


def test_the_json_is_the_report():
    assert from_json(to_json(a_report())) == a_report()
    assert to_markdown(from_json(to_json(a_report()))) == to_markdown(a_report())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b", r"a\|b"),
        ("`code`", r"\`code\`"),
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
        ("&lt;", "&amp;lt;"),
        ("[bold]x[/bold]", r"\[bold\]x\[/bold\]"),
        ("A$B$C", r"A\$B\$C"),
        ("*x* _y_ track_name", r"\*x\* \_y\_ track_name"),
        ("see http://x.y or www.x.y", r"see http\://x.y or www\.x.y"),
        ("# 1", r"\# 1"),
        ("1. First", r"1\. First"),
        ("- one", r"\- one"),
        ("a\nb\x1b", r"a\\nb\\x1b"),
        ("=LOVE", "=LOVE"),
        ("===", r"\==="),
        ("0.1.0", "0.1.0"),
        ("a\u202eb", r"a\\u202eb"),
        ("me@x.y #1 ~no~", r"me\@x.y \#1 \~no\~"),
        ("Ærø 悲", "Ærø 悲"),
    ],
)
def test_text_from_tables_is_no_markup(text, shown):
    assert escaped(text) == shown


@given(st.text(max_size=40))
def test_no_text_breaks_out_of_a_table_or_into_html(text):
    shown = escaped(text)
    assert not re.search(r"(?<!\\)(?:\\\\)*[|`\[\]*]", shown)
    assert "<" not in shown
    assert len(f"x{shown}x".splitlines()) == 1


def test_every_row_of_every_table_has_as_many_cells_as_its_head():
    hostile = ClusterPart(
        number=0, mood="a|b", runner_up="`", n_tracks=1, share_percent=1.0,
        centroid={"energy": 0.5}, nearest=("x | y\n| z |",),
    )  # fmt: skip
    page = to_markdown(a_report(clusters=(hostile,)))
    for table in re.findall(r"(?:^\|.*\|$\n?)+", page, flags=re.MULTILINE):
        widths = {len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}
        assert len(widths) == 1


def test_columns_of_numbers_are_set_to_the_right():
    assert "| :-- | :-- | --: |\n| tempo |" in to_markdown(a_report())
