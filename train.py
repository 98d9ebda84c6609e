"""The original first step: learn from the tables under input/, write everything under output/."""

from moodtune.terminal.originals import train

if __name__ == "__main__":
    train()
