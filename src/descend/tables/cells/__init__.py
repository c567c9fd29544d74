"""Cells as they are written, without a type: texts, notations, dates, and what is found out about them."""
