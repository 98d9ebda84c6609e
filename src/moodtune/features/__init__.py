"""A Catalog to its FeatureMatrix, and ranks."""
