"""A Query to Recommendations."""
