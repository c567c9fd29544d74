"""What a model keeps of its training rows, instead of rows: quantiles, shares of levels, how columns vary together."""
