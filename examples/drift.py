"""
Online learning when the world drifts
=====================================

A model that is learnt once describes the past. Here the rule that makes the
labels turns slowly, and in the end a frozen model is worse than guessing. The
same network, learning on row by row, follows.
"""

# %%
# A rule that turns
# -----------------
# A row is of class 1 above a line. The line stands still for 1000 rows and then
# turns, by more than a right angle.

import copy

import numpy as np

from descend import MLPClassifier

random = np.random.default_rng(0)
rows = 5000
X = random.normal(size=(rows, 2))
angle = np.clip(np.arange(rows) - 1000, 0, 2500) / 2500 * (0.7 * np.pi)
y = (X[:, 0] * np.sin(angle) + X[:, 1] * np.cos(angle) > 0).astype(int)

# %%
# Frozen, and learning on
# -----------------------
# Each row is predicted first and learnt then. After 1000 rows a copy is put
# aside, which learns no more.

net = MLPClassifier(
    (8,), solver="sgd", learning_rate_init=0.05, momentum=0.5, random_state=0
)
net.partial_fit(X[:1], y[:1], classes=[0, 1])
right_learning = []
for i in range(1, rows):
    if i == 1000:
        frozen = copy.deepcopy(net)
    right_learning.append(net.predict(X[i : i + 1])[0] == y[i])
    net.partial_fit(X[i : i + 1], y[i : i + 1])
right_frozen = frozen.predict(X[1000:]) == y[1000:]
right = {"frozen": right_frozen, "learning on": np.array(right_learning[999:])}
for name, one in right.items():
    print(f"{name}: right among the last 1000 rows: {one[-1000:].mean():.3f}")

# %%

import matplotlib.pyplot as plt

window = 200
figure, axes = plt.subplots(figsize=(7.5, 3.8), layout="constrained")
for name, one in right.items():
    share = np.convolve(one, np.full(window, 1 / window), mode="valid")
    axes.plot(np.arange(window, len(one) + 1) + 1000, share, label=name)
axes.axvspan(1000, 3500, color="0.93", zorder=0, label="the rule turns")
axes.set(xlabel="row", ylabel=f"right among the last {window}", ylim=(0, 1.02))
axes.legend(loc="lower left")

# %%
# Columns that change, rather than the rule, are seen without any label: that is
# what ``drift`` of a model of a table looks at.
