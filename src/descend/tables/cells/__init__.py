"""Cells as they are written -> what a column is, decided once, and how each cell is read."""
