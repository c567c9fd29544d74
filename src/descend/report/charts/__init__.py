"""Its figures, each with its words."""
