"""Behavior tables to Listeners."""
