"""What a page shows ten times a second: arrays and words of one moment of a training."""
