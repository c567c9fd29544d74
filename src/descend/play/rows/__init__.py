"""What is learnt: made rows, tables, saved models, all as one kind of problem."""
