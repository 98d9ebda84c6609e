"""Results to figures, tables and pages. Figures are returned; one writer writes."""
