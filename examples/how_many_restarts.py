"""
How many restarts are enough?
=============================

A descent is a draw. More draws give a better best one, but each costs the same and gains less. Sixty-four descents of
a small network show where that stops to pay, and ``spread.enough`` says it in a number.
"""

# %%
# Sixty-four descents
# -------------------
# Bikes that are rented in an hour, by the hour and the weather; four nodes. A quarter of the rows is held out, and the
# loss on those rows is what a descent is ranked by.

import numpy as np
import pandas as pd
from sklearn.preprocessing import scale

from descend import Network
from descend.tables.datasets import dataset_path

bikes = pd.read_csv(dataset_path("bikes"))
X = scale(
    bikes[["hour", "temperature", "humidity", "wind"]].assign(working=bikes["working_day"] == "yes").to_numpy(float)
)
y = scale(bikes["rentals"].to_numpy(float))

how = {"epochs": 100, "batch_size": 4, "optimizer": "adam", "learning_rate": 0.02, "schedule": "cosine"}
training = Network([5, 4, 1], activation="tanh", seed=0).fit(X, y, restarts=64, validation=0.25, **how)
spread = training.spread
print(f"loss: best {spread.best:.3f}, median {spread.median:.3f}, worst {spread.worst:.3f}")
print(f"{spread.chance:.0%} of the descents end within 5 % of the best")
print(f"so {spread.enough} restarts hold at least one of these with a probability of 95 %")
print(f"all 64 took {training.seconds:.2f} s")

# %%
# What the best of k is worth
# ---------------------------
# Of all ways to choose k of the 64 descents, the i-th best one wins in a share that can be counted. The mean over all
# these ways is the loss that one should expect of k restarts.

from math import comb

ends = np.sort([one.best_loss for one in training.restarts])


def expected(k):
    """Mean loss of the best of k descents."""
    ways = [comb(len(ends) - 1 - i, k - 1) / comb(len(ends), k) for i in range(len(ends))]
    return float(np.sum(ends * ways))


of_k = np.array([expected(k) for k in range(1, len(ends) + 1)])
print(f"expected loss of 1: {of_k[0]:.3f}, of 4: {of_k[3]:.3f}, of 16: {of_k[15]:.3f}, of 64: {of_k[63]:.3f}")

# %%

import matplotlib.pyplot as plt

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
left.hist(ends, bins=24)
left.set(xlabel="loss on held-out rows", ylabel="descents", title="Where 64 descents end")
right.plot(range(1, 65), of_k)
right.axvline(spread.enough, color="0.5", linestyle="--", label="spread.enough")
right.set(xlabel="restarts", ylabel="expected loss of the best", xscale="log", title="What more restarts bring")
right.legend()
