"""
A binary step that can be trained
=================================

The first networks had nodes that are on or off. Their derivative is 0
everywhere, so nothing below them ever learns. A *straight-through* surrogate
goes forward through the step and backward as if it were a line.
"""

# %%
# Refused, with the reason
# ------------------------

import textwrap

from descend import Network, SpecError

try:
    Network([2, 2, 1], activation="step").fit([[0, 0], [1, 1]], [0, 1])
except SpecError as error:
    refused = str(error)
    print(textwrap.fill(refused, 75))

# %%
# Trained
# -------
# Thirty measurements of a tumour, eight steps, one answer: benign or not.
# Beside it, the same with smooth nodes.

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

X, y = load_breast_cancer(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size=0.4, random_state=0, stratify=y
)
scale = StandardScaler().fit(X_train)
X_train, X_test = scale.transform(X_train), scale.transform(X_test)
how = {
    "epochs": 60,
    "batch_size": 8,
    "optimizer": "adam",
    "learning_rate": 0.01,
    "l2": 0.01,
}
kinds = {"step": {"step_surrogate": "straight_through"}, "tanh": {}}
right, nets = {}, {}
for name, words in kinds.items():
    words |= {"output": "sigmoid", "loss": "log_loss", "seed": 0}
    net = Network([30, 8, 1], activation=name, **words)
    training = net.fit(X_train, y_train, restarts=8, validation=0.2, **how)
    nets[name] = training.best
    said = nets[name].predict(X_test)[:, 0] > 0.5
    right[name] = np.mean(said == y_test)
    print(
        f"{name}: {right[name]:.1%} of {len(y_test)} untouched rows are right"
    )

# %%
# Eight bits a tumour
# -------------------
# All that the last layer knows of a row is eight signs. So a row can be kept as
# one byte. (The last row of the weights belongs to the bias node.)

W_0 = nets["step"].W[0]
signs = np.sign(X_test @ W_0[:30] + W_0[30])
print("values of the nodes:", np.unique(signs).tolist())
codes, rows = np.unique(signs, axis=0, return_counts=True)
print(f"{len(y_test)} rows have {len(codes)} different codes;")
print(f"the commonest stands for {rows.max()} rows")

# %%

import matplotlib.pyplot as plt

figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
order = np.lexsort((*signs.T, y_test))
axes.imshow(
    signs[order].T, aspect="auto", cmap="gray_r", interpolation="nearest"
)
axes.axvline(np.sum(y_test == 0) - 0.5, color="C3")
axes.set(xlabel="rows: left malignant, right benign", ylabel="node")
