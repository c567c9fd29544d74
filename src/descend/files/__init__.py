"""Files that are never half-written, the sealed shell of a model file, and the checks of its fields."""
