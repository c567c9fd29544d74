"""`MLPClassifier`, `MLPRegressor`: scikit-learn's parameters, attributes and errors."""
