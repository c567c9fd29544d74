"""Probabilities to answers: thresholds, costs, whether probabilities can be believed, and how they are mended."""
