"""How the estimators descend: scikit-learn's sgd, adam and lbfgs, its stopping rules, streams."""
