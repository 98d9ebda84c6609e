"""Likes and histories to a Taste."""
