"""A table that goes by in pieces: which rows are for what, a sample of them, and what must be known of all."""
