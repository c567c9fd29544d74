"""How the estimators descend: scikit-learn's sgd, adam and lbfgs, their stopping rules, streams."""
