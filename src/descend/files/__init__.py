"""Files that are never half-written, the sealed shell of a model file, the checks of its fields, load."""
