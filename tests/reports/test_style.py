import itertools
import struct
import zlib

import numpy as np
import pytest

from moodtune.reports.style import (
    MOOD_COLORS,
    NO_MOOD_COLOR,
    drawable,
    drawing,
    mood_colors,
    new_figure,
    number,
    place_axes,
    png,
)

# Machado, Oliveira and Fernandes (2009), severity 1: what readers without green or red cones see.
DEUTERANOPIA = [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.011820, 0.042940, 0.968881],
]
PROTANOPIA = [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
]
OKABE_ITO = ("E69F00", "56B4E9", "009E73", "F0E442", "0072B2", "D55E00", "CC79A7", "000000")


def lab(color, seen_through):
    """CIE L*a*b* of an sRGB color as seen through a matrix over linear RGB."""
    rgb = np.array([int(color.removeprefix("#")[i : i + 2], 16) for i in (0, 2, 4)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750]])
    to_xyz = np.vstack([to_xyz, [0.0193339, 0.1191920, 0.9503041]])
    xyz = to_xyz @ np.clip(np.array(seen_through) @ linear, 0, 1) / [0.95047, 1, 1.08883]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def nearest_pair(colors):
    return min(
        float(np.linalg.norm(lab(one, eyes) - lab(other, eyes)))
        for eyes in (np.eye(3), DEUTERANOPIA, PROTANOPIA)
        for one, other in itertools.combinations(colors, 2)
    )


def a_figure(*, subtitle="what it shows", caption="All 3 tracks.", synthetic=False):
    with drawing():
        return new_figure(
            width=6,
            height=4,
            title="A title",
            subtitle=subtitle,
            caption=caption,
            synthetic=synthetic,
        )


def written_in(figure):
    return [text.get_text() for text in figure.texts]


def test_twelve_colors_lie_as_far_apart_as_the_eight_of_okabe_and_ito():
    assert nearest_pair((*MOOD_COLORS, NO_MOOD_COLOR)) >= nearest_pair(OKABE_ITO) - 1e-9


def test_each_mood_has_its_own_color_by_its_place_in_the_taxonomy():
    colors = mood_colors(["glad", "calm"])
    assert colors == {"glad": MOOD_COLORS[0], "calm": MOOD_COLORS[1]}


def test_moods_beyond_the_palette_are_grey():
    colors = mood_colors([f"mood {k}" for k in range(14)])
    assert list(colors.values()) == [*MOOD_COLORS, *[NO_MOOD_COLOR] * 3]


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("A$B$C", "A$B$C"),
        ("[bold]x[/bold]", "[bold]x[/bold]"),
        ("a\x1bb", "a\\x1bb"),
        ("a\u202eb", "a\\u202eb"),
        ("Motörhead", "Motörhead"),
        ("悲しい calm", "□□□ calm"),
        ("x" * 70, "x" * 59 + "…"),
    ],
)
def test_text_from_tables_is_drawn_literally_in_letters_the_font_has(text, drawn):
    assert drawable(text) == drawn


def test_hostile_names_become_pictures_without_warnings():
    figure = a_figure(caption=drawable("A$B$C $\\frac{1$ 悲しい \x07 \u202e <img onerror=x>"))
    assert png(figure).startswith(b"\x89PNG")
    assert "A$B$C $\\frac{1$ □□□ \\x07 \\u202e <img onerror=x>" in written_in(figure)


def test_a_synthetic_figure_says_so_in_its_caption():
    assert "synthetic sample" in written_in(a_figure(synthetic=True))[-1]
    assert written_in(a_figure(synthetic=False))[-1] == "All 3 tracks."


def test_long_captions_are_broken_into_lines_that_fit():
    figure = a_figure(caption="word " * 60)
    width = figure.get_window_extent().width
    assert all(text.get_window_extent().x1 < width for text in figure.texts)


def test_axes_stand_where_they_are_put_in_inches():
    figure = a_figure()
    axes = place_axes(figure, left=1.5, bottom=1, right=0.5, top=1)
    assert np.allclose(axes.get_position().bounds, (1.5 / 6, 1 / 4, 4 / 6, 2 / 4))


def test_the_same_figure_is_the_same_bytes():
    assert png(a_figure()) == png(a_figure())


def test_a_picture_carries_neither_a_date_nor_a_version():
    kinds = [kind for kind, _ in chunks(png(a_figure()))]
    assert set(kinds) == {b"IHDR", b"pHYs", b"IDAT", b"IEND"}


def chunks(picture):
    at = 8
    while at < len(picture):
        (length,) = struct.unpack(">I", picture[at : at + 4])
        kind, body = picture[at + 4 : at + 8], picture[at + 8 : at + 8 + length]
        assert zlib.crc32(kind + body) == struct.unpack(">I", picture[at + 8 + length :][:4])[0]
        yield kind, body
        at += length + 12


def test_numbers_have_true_minus_signs_and_no_minus_zero():
    assert [number(v, 2) for v in (-0.5, -0.001, 3.14159)] == [
        "\N{MINUS SIGN}0.50",
        "0.00",
        "3.14",
    ]
