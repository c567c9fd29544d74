"""
Written for scikit-learn: change the import
===========================================

A pipeline, a split, a cross-validation, as for scikit-learn's MLP. Only the
import is another one. Run as a script with the argument ``sklearn``, this
example uses scikit-learn's own class.
"""

# %%
# The import
# ----------

import sys
import time
import warnings

from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

if "sklearn" in sys.argv:
    from sklearn.neural_network import MLPClassifier
else:
    from descend import MLPClassifier

# %%
# The rest
# --------
# All parameters of scikit-learn's class are there, with its defaults.

warnings.simplefilter("ignore", ConvergenceWarning)
X, y = load_iris(return_X_y=True, as_frame=True)
X_train, X_test, y_train, y_test = train_test_split(
    X, y, random_state=0, stratify=y
)

began = time.perf_counter()
model = make_pipeline(
    StandardScaler(),
    MLPClassifier(hidden_layer_sizes=(10, 10), max_iter=1000, random_state=0),
)
model.fit(X_train, y_train)
scores = cross_val_score(model, X, y, cv=5)
seconds = time.perf_counter() - began

print(f"accuracy on the test rows: {model.score(X_test, y_test):.3f}")
print(f"in 5-fold cross-validation: {scores.mean():.3f}")
print(
    "probabilities of the first row:",
    model.predict_proba(X_test[:1]).round(2).ravel().tolist(),
)
print(f"seconds: {seconds:.3f}")

# %%
# scikit-learn's own pictures take the model as theirs.

from sklearn.inspection import DecisionBoundaryDisplay

petals = ["petal length (cm)", "petal width (cm)"]
model.fit(X_train[petals], y_train)
shown = DecisionBoundaryDisplay.from_estimator(
    model, X_train[petals], response_method="predict", alpha=0.3
)
shown.ax_.scatter(
    *X_train[petals].to_numpy().T, c=y_train, edgecolor="black", s=25
)
shown.ax_.set_title("Three kinds of iris, by two of the columns")
