"""New rows against the training rows: which columns differ by more than chance, and whether the whole does."""
