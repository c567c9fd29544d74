"""Learning on: the networks of a model descend further on new rows; some held-out ones say whether it got better."""
