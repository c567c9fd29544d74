"""How far a training is, while it runs: a bar in a terminal or a notebook, lines in a pipe."""
