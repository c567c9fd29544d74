"""Blends: networks that see a table differently, one for each fold, and answer together, with weights."""
