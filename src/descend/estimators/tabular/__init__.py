"""Raw tables in, the best answer out: TabularClassifier and TabularRegressor, blends of networks."""
