"""A surrogate of a slow function
==============================

A tiny network in place of a slow function: fit, pick the best of several descents, save, load, differentiate.
"""

import tempfile
from pathlib import Path

import numpy as np

import descend
from descend import Network


def slow_simulator(X):
    """Range of a projectile, from its speed (m/s) and angle (radians)."""
    return X[:, 0] ** 2 * np.sin(2 * X[:, 1]) / 9.81


random = np.random.default_rng(0)
X = random.uniform([10, 0.2], [30, 1.3], (2000, 2))
scaled = (X - [20, 0.75]) / [10, 0.55]
Y = slow_simulator(X) / 30

net = Network([2, 24, 1], activation="tanh", seed=1)
how = {"epochs": 100, "batch_size": 16, "optimizer": "adam", "learning_rate": 0.01, "schedule": "cosine"}
best = net.fit(scaled, Y, restarts=8, validation=0.2, **how).best

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "projectile.descend"
    best.save(path)
    loaded = descend.load(path)
    same = np.array_equal(loaded.predict(scaled), best.predict(scaled))
    print(f"{path.stat().st_size:,} bytes; predictions of the loaded network have the same bits: {same}")

fresh = random.uniform([10, 0.2], [30, 1.3], (500, 2))
error = loaded.predict((fresh - [20, 0.75]) / [10, 0.55])[:, 0] * 30 - slow_simulator(fresh)
print(f"error on 500 fresh points: {np.sqrt((error**2).mean()):.2f} m (the range is up to 92 m)")
slope = loaded.input_gradient([[0.0, 0.0]])[0, 0] * 30 / [10, 0.55]
print(f"at 20 m/s and 43 degrees: {slope[0]:+.2f} m per m/s, {slope[1]:+.2f} m per radian")
