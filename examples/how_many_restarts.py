"""
How many restarts are enough?
=============================

A descent is a draw. More draws give a better best one, but each costs the same
and gains less. Sixty-four descents of a small network show where that stops to
pay, and ``spread.enough`` says it in a number.
"""

# %%
# Sixty-four descents
# -------------------
# Bikes that are rented in an hour, by the hour and the weather; four nodes. A
# quarter of the rows is held out, and the loss on those rows is what a descent
# is ranked by.

import numpy as np
import pandas as pd
from sklearn.preprocessing import scale

from descend import Network, RestartsDisplay
from descend.tables.datasets import dataset_path

bikes = pd.read_csv(dataset_path("bikes"))
bikes["working"] = bikes["working_day"] == "yes"
numbers = ["hour", "working", "temperature", "humidity", "wind"]
X = scale(bikes[numbers].to_numpy(float))
y = scale(bikes["rentals"].to_numpy(float))

how = {
    "epochs": 100,
    "batch_size": 4,
    "optimizer": "adam",
    "learning_rate": 0.02,
    "schedule": "cosine",
}
net = Network([5, 4, 1], activation="tanh", seed=0)
training = net.fit(X, y, restarts=64, validation=0.25, **how)
spread = training.spread
for name in ("best", "median", "worst"):
    print(f"{name} loss: {getattr(spread, name):.3f}")
print(f"{spread.chance:.0%} of the descents end within 5 % of the best")
print(f"so {spread.enough} restarts hold one of these, with probability 95 %")
print(f"all 64 took {training.seconds:.2f} s")

# %%
# The ends come in heaps: the same few bad ends are found again and again.

shown = RestartsDisplay.from_training(training, histogram=True)
shown.ax_.set_title("64 descents")

# %%
# What the best of k is worth
# ---------------------------
# Of all ways to choose k of the 64 descents, the i-th best one wins in a share
# that can be counted. The mean over all these ways is the loss that one should
# expect of k restarts.

from math import comb

ends = np.sort([one.best_loss for one in training.restarts])


def expected(k):
    """Mean loss of the best of k descents."""
    wins = [comb(63 - i, k - 1) / comb(64, k) for i in range(64)]
    return float(np.sum(ends * wins))


of_k = np.array([expected(k) for k in range(1, len(ends) + 1)])
for k in (1, 4, 16, 64):
    print(f"expected loss of the best of {k}: {of_k[k - 1]:.3f}")

# %%

import matplotlib.pyplot as plt

figure, axes = plt.subplots(figsize=(6.5, 3.8), layout="constrained")
axes.plot(range(1, 65), of_k)
axes.axvline(spread.enough, color="0.5", linestyle="--")
axes.text(spread.enough * 1.05, of_k[0], "spread.enough")
axes.set(xlabel="restarts", ylabel="expected loss of the best", xscale="log")
