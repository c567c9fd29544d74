"""
A raw table against gradient boosting
=====================================

Two ways to learn the price of diamonds from a data frame with words in it:
descend's blend of small networks, in its fastest quality, and scikit-learn's
gradient-boosted trees with their defaults. One table proves nothing; this shows
how to compare.
"""

# %%
# Learn and judge on the same rows
# --------------------------------

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor

from descend import TabularRegressor
from descend.tables.datasets import dataset_path

stones = pd.read_csv(dataset_path("diamonds")).sample(5000, random_state=0)
words = ["cut", "color", "clarity"]
X = stones.drop(columns="price").astype(dict.fromkeys(words, "category"))
y = stones["price"].to_numpy(float)
rivals = {
    "descend": TabularRegressor(quality="fast", random_state=0),
    "boosted trees": HistGradientBoostingRegressor(
        categorical_features="from_dtype", random_state=0
    ),
}
misses = {}
for name, model in rivals.items():
    predicted = model.fit(X[:2000], y[:2000]).predict(X[2000:])
    misses[name] = np.abs(predicted - y[2000:])
    print(f"{name}: off by {misses[name].mean():.0f} dollars in the mean")

# %%
# Is the difference more than luck?
# ---------------------------------
# Both answered the same 3000 stones. The mean of the differences, stone by
# stone, has a standard error, and that is far smaller than the errors of the
# two means, because a stone that is hard for one is hard for the other.

difference = misses["descend"] - misses["boosted trees"]
error = difference.std() / np.sqrt(len(difference))
print(
    f"difference {difference.mean():+.1f} dollars, standard error {error:.1f}"
)

# %%
# A mean hides a lot. The curves below cross: the trees are nearer for most
# stones, and farther off where they miss.
#
# The standard error says how lucky the rows that judge were, not the rows that
# were learnt. For that, take several splits, and for a conclusion many tables:
# the page on accuracy does so, and names those on which trees are better.

import matplotlib.pyplot as plt

figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
for name, miss in misses.items():
    axes.plot(np.sort(miss), np.linspace(0, 1, len(miss)), label=name)
axes.set(
    xscale="log",
    xlim=(5, 5000),
    xlabel="off by at most, dollars",
    ylabel="share of untouched stones",
)
axes.legend()
