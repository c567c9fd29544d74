"""Learning and predicting tables that are larger than memory: a piece at a time, prepared rows on the disk."""
