"""Files to tables of cells, within limits; and text that stays text wherever it is shown."""
