"""How far a prediction may be off: intervals and quantiles of numbers, sets of classes."""
