"""How right the predictions are: many real tables, everybody with defaults, the same splits."""
