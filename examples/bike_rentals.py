"""
Bike rentals with quantiles and intervals
=========================================

How many bikes will be rented in an hour? One number is half an answer: at night
it is off by a few bikes, in the rush hour by many. An interval says so, and a
quantile says how many bikes to have ready.
"""

# %%
# Learn
# -----
# Hours of the year 2011 in Washington, D.C. The table is given as it is, with
# its dates and words.

import numpy as np
import pandas as pd

from descend import DependenceDisplay, TabularRegressor
from descend.tables.datasets import dataset_path

hours = pd.read_csv(dataset_path("bikes")).sample(frac=1, random_state=0)
X, y = hours.drop(columns="rentals"), hours["rentals"].to_numpy()
X_new, y_new = X[500:], y[500:]
net = TabularRegressor(quality="fast", random_state=0).fit(X[:500], y[:500])
predicted = net.predict(X_new)
print(f"200 untouched hours: R² {net.score(X_new, y_new):.2f}")
print(f"off by {np.abs(predicted - y_new).mean():.0f} bikes in the mean")

# %%
# What it has found about the hour of the day: set all rows to one hour, and
# take the mean prediction.

day = np.arange(24)
shown = DependenceDisplay.from_estimator(net, X[:500], "hour", grid=day)
shown.ax_.set_title("Mean rentals, all else left as it is")

# %%
# Intervals
# ---------
# Nine in ten new hours should be inside. They are of different widths, because
# residuals of the rows that were held out in training were larger where more
# bikes were rented.

low, high = net.predict_interval(X_new, coverage=0.9).T
inside = np.mean((low <= y_new) & (y_new <= high))
print(f"{inside:.1%} are inside")
width = {}
for name, first, last in (("at night", 0, 5), ("in the rush hour", 16, 18)):
    width[name] = np.mean((high - low)[X_new["hour"].between(first, last)])
    print(f"mean width {name}: {width[name]:.0f} bikes")

# %%

# sphinx_gallery_thumbnail_number = 2
import matplotlib.pyplot as plt

figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
order = np.argsort(predicted)
place = np.arange(len(order))
between = low[order], high[order]
axes.fill_between(place, *between, alpha=0.3, label="90 % interval")
axes.plot(place, predicted[order], label="predicted")
axes.plot(place, y_new[order], "k.", markersize=4, label="rented")
axes.set(xlabel="untouched hours, by prediction", ylabel="bikes in the hour")
axes.legend()

# %%
# Quantiles
# ---------
# To have enough bikes in 95 of 100 hours, have the 0.95 quantile ready. A fixed
# number that does the same for all hours leaves far more bikes standing.

(ready,) = net.predict_quantiles(X_new, quantiles=(0.95,)).T
fixed = np.quantile(y[:500], 0.95)
for name, bikes in (("the quantile", ready), ("a fixed number", fixed)):
    enough = np.mean(y_new <= bikes)
    idle = np.mean(np.maximum(bikes - y_new, 0))
    print(f"{name}: enough in {enough:.1%} of the hours, {idle:.0f} idle")
