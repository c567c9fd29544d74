"""
A network in place of a simulator, with its gradient
====================================================

A simulator takes seconds; a network that has learnt it takes a microsecond, and
its derivative comes exactly, by back-propagation. So it can be put inside a
loop that optimises.
"""

# %%
# Learn it
# --------
# The simulator here is a formula, so that the answers can be checked: how far a
# projectile flies, by speed and angle.

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
middle, half = np.array([20, 0.75]), np.array([10, 0.55])

net = Network([2, 24, 1], activation="tanh", seed=1)
how = {
    "epochs": 100,
    "batch_size": 16,
    "optimizer": "adam",
    "learning_rate": 0.01,
    "schedule": "cosine",
}
scaled, Y = (X - middle) / half, slow_simulator(X) / 30
best = net.fit(scaled, Y, restarts=8, validation=0.2, **how).best

fresh = random.uniform([10, 0.2], [30, 1.3], (500, 2))
predicted = best.predict((fresh - middle) / half)[:, 0] * 30
misses = predicted - slow_simulator(fresh)
error = np.sqrt((misses**2).mean())
print(f"error on 500 fresh points: {error:.2f} m (the range is up to 92 m)")

# %%
# Keep it
# -------

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "projectile.descend"
    best.save(path)
    loaded = descend.load(path)
    same = np.array_equal(loaded.predict(scaled), best.predict(scaled))
    print(f"{path.stat().st_size:,} bytes; the same bits are predicted: {same}")

# %%
# Its gradient
# ------------
# How the range changes with speed and angle, in metres; the formula's own
# derivative stands beside it.

angles = np.linspace(0.25, 1.25, 101)
points = np.column_stack([np.full(101, 20.0), angles])
inputs = (points - middle) / half
gradient = loaded.input_gradient(inputs)[:, 0] * 30 / half
true_slope = 2 * 20**2 * np.cos(2 * angles) / 9.81
print("at 20 m/s and 43 degrees:")
print(f"{gradient[50, 0]:+.2f} m per m/s, {gradient[50, 1]:+.2f} m per radian")
farthest = angles[np.argmin(np.abs(gradient[:, 1]))]
print(
    f"the slope is 0, the range largest, at {np.degrees(farthest):.0f} degrees"
)

# %%

import matplotlib.pyplot as plt

figure, both = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
left, right = both
left.plot(angles, slow_simulator(points), "k--", label="simulator")
left.plot(angles, loaded.predict(inputs)[:, 0] * 30, label="network")
left.set(xlabel="angle, radians", ylabel="range at 20 m/s, m", title="Values")
right.plot(angles, true_slope, "k--", label="simulator")
right.plot(angles, gradient[:, 1], label="network, by back-propagation")
right.set(xlabel="angle, radians", ylabel="m per radian", title="Slopes")
right.legend()
