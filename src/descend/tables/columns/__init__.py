"""What a column is: typed values, decided from all cells once, with what is said about it."""
