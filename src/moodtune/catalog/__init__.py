"""Track tables to a Catalog."""
