"""The mood models."""
