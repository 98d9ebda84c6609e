"""The original first step: learn from the tables under input/, write everything under output/."""

from moodtune.terminal.boundary import error_boundary
from moodtune.terminal.originals import train

if __name__ == "__main__":
    with error_boundary(debug=False):
        train()
