"""What a value becomes in X: one file for each way of seeing it; fitted on training rows, frozen plain data."""
