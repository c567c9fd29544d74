"""
A grid search in a pipeline
===========================

Scaling, the network and the scaled target are one estimator, so a grid search
can try parameters of the network by their names. It is code for scikit-learn's
MLP, with another import; ``sklearn`` as an argument gives the old one.
"""

# %%
# The pipeline
# ------------

import sys
import time
import warnings

from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

if "sklearn" in sys.argv:
    from sklearn.neural_network import MLPRegressor
else:
    from descend import MLPRegressor

warnings.simplefilter("ignore", ConvergenceWarning)
X, y = load_diabetes(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
net = MLPRegressor(
    hidden_layer_sizes=(20,), batch_size=32, max_iter=60, random_state=0
)
model = TransformedTargetRegressor(
    make_pipeline(StandardScaler(), net), transformer=StandardScaler()
)

# %%
# The search
# ----------
# Eight candidates, each learnt on three folds.

name = "regressor__mlpregressor__"
grid = {
    name + "activation": ["tanh", "relu"],
    name + "alpha": [0.01, 1.0],
    name + "learning_rate_init": [0.001, 0.003],
}
began = time.perf_counter()
search = GridSearchCV(model, grid, cv=3).fit(X_train, y_train)
seconds = time.perf_counter() - began

for key, value in search.best_params_.items():
    print(f"{key.removeprefix(name)}: {value}")
print(f"R² in cross-validation: {search.best_score_:.2f}")
print(f"R² on the test rows: {search.score(X_test, y_test):.2f}")
print(f"seconds: {seconds:.3f}")

# %%
# A difference between candidates is worth looking at if it is larger than what
# the folds differ by.

import matplotlib.pyplot as plt

found = search.cv_results_
labels = [", ".join(map(str, one.values())) for one in found["params"]]
score, deviation = found["mean_test_score"], found["std_test_score"]
figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
axes.errorbar(score, labels, xerr=deviation, fmt="o", capsize=3)
axes.set(
    xlabel="R² ± deviation of three folds", title="activation, alpha, step size"
)
