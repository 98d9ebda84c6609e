"""Progress shows stage, rate and time left on a terminal, and nothing elsewhere."""

import io

from moodtune.terminal.progress import StageLines


class Screen(io.StringIO):
    def isatty(self):
        return True


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def lines(screen):
    """Return what stands on the screen in the end, styles taken away."""
    text = screen.getvalue().replace("\x1b[2m", "").replace("\x1b[0m", "")
    return [line.split("\r\x1b[2K")[-1] for line in text.rstrip("\n").split("\n")]


def test_a_stage_says_how_far_it_is_how_fast_and_how_long_it_will_take():
    screen, clock = Screen(), Clock()
    stages = StageLines(screen, clock)
    stages.announce("reading tracks")
    stages.count("reading tracks", 0, 1_000_000)
    clock.now = 2.0
    stages.count("reading tracks", 400_000, 1_000_000)
    assert lines(screen)[-1] == (
        "   2.0 s  reading tracks: 400,000 of 1,000,000, 200,000 a second, 3 s left"
    )
    clock.now = 5.0
    stages.count("reading tracks", 1_000_000, 1_000_000)
    stages.announce("clustering")
    assert lines(screen) == [
        "   0.0 s  reading tracks",
        "   5.0 s  reading tracks: 1,000,000 of 1,000,000, 200,000 a second",
        "   5.0 s  clustering",
    ]


def test_the_line_is_not_written_more_often_than_anyone_can_read():
    screen, clock = Screen(), Clock()
    stages = StageLines(screen, clock)
    for done in range(1000):
        clock.now = done / 1000
        stages.count("sorting tracks", done, 1000)
    assert screen.getvalue().count("sorting tracks") <= 11


def test_another_count_gets_a_line_of_its_own():
    screen, clock = Screen(), Clock()
    stages = StageLines(screen, clock)
    stages.count("reading tracks", 3, 3)
    stages.count("sorting tracks", 1, 3)
    stages.end()
    assert lines(screen) == ["   0.0 s  reading tracks: 3 of 3", "   0.0 s  sorting tracks: 1 of 3"]


def test_where_nobody_looks_on_nothing_is_written():
    quiet = io.StringIO()
    stages = StageLines(quiet)
    stages.announce("reading tracks")
    stages.count("reading tracks", 1, 2)
    stages.end()
    assert not quiet.getvalue()
