"""The original second step: every listener's predicted mood, then the first listener's top 10."""

from moodtune.terminal.boundary import error_boundary
from moodtune.terminal.originals import recommend

if __name__ == "__main__":
    with error_boundary(debug=False):
        recommend()
