"""
Bike rentals with quantiles and intervals
=========================================

How many bikes will be rented in an hour? One number is half an answer: at night it may be off by ten, at five in the
afternoon by a hundred. An interval says so, and a quantile says how many bikes to have ready.
"""

# %%
# Learn
# -----
# Hours of the year 2011 in Washington, D.C. The table is given as it is, with its dates and words.

import numpy as np
import pandas as pd

from descend import TabularRegressor
from descend.tables.datasets import dataset_path

hours = pd.read_csv(dataset_path("bikes")).sample(frac=1, random_state=0)
X, y = hours.drop(columns="rentals"), hours["rentals"].to_numpy()
net = TabularRegressor(quality="fast", random_state=0).fit(X[:500], y[:500])
predicted = net.predict(X[500:])
print(f"200 untouched hours: R² {net.score(X[500:], y[500:]):.2f}, ", end="")
print(f"off by {np.abs(predicted - y[500:]).mean():.0f} bikes in the mean")

# %%
# Intervals
# ---------
# Nine in ten new hours should be inside. They are of different widths, because residuals of the rows that were held
# out in training were larger where more bikes were rented.

low, high = net.predict_interval(X[500:], coverage=0.9).T
inside = np.mean((low <= y[500:]) & (y[500:] <= high))
night = X[500:]["hour"].between(0, 5).to_numpy()
rush = X[500:]["hour"].between(16, 18).to_numpy()
width = {"night": np.mean((high - low)[night]), "rush hour": np.mean((high - low)[rush])}
print(f"{inside:.1%} are inside; mean width at night {width['night']:.0f}, in the rush hour {width['rush hour']:.0f}")

# %%

import matplotlib.pyplot as plt

figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
order = np.argsort(predicted)
place = np.arange(len(order))
axes.fill_between(place, low[order], high[order], alpha=0.3, label="90 % interval")
axes.plot(place, predicted[order], label="predicted")
axes.plot(place, y[500:][order], ".", color="black", markersize=4, label="rented")
axes.set(xlabel="untouched hours, by prediction", ylabel="bikes in the hour")
axes.legend()

# %%
# Quantiles
# ---------
# To have enough bikes in 95 of 100 hours, have the 0.95 quantile ready. A fixed number that does the same for all hours
# leaves far more bikes standing.

(ready,) = net.predict_quantiles(X[500:], quantiles=(0.95,)).T
fixed = np.quantile(y[:500], 0.95)
for name, bikes in (("the quantile", ready), ("a fixed number", np.full(200, fixed))):
    enough, idle = np.mean(y[500:] <= bikes), np.mean(np.maximum(bikes - y[500:], 0))
    print(f"{name}: enough in {enough:.1%} of the hours, {idle:.0f} bikes idle in the mean")
