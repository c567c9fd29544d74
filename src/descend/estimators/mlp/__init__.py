"""The two classes: scikit-learn's parameters, attributes and errors."""
