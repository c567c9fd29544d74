"""
Online learning: one row at a time
==================================

Rows come one after the other. Each is predicted first and learnt then, with
``partial_fit``. On small networks the calls themselves must be cheap; the last
line says how long 3000 of them took. ``sklearn`` as an argument takes
scikit-learn's class instead.
"""

# %%
# Predict, then learn
# -------------------
# A row is of class 1 if its two numbers have one sign: XOR, spread out.

import sys
import time

import numpy as np

if "sklearn" in sys.argv:
    from sklearn.neural_network import MLPClassifier
else:
    from descend import MLPClassifier

random = np.random.default_rng(0)
X = random.normal(size=(3000, 2))
y = (X[:, 0] * X[:, 1] > 0).astype(int)

net = MLPClassifier(
    hidden_layer_sizes=(16,),
    solver="sgd",
    learning_rate_init=0.02,
    momentum=0.5,
    random_state=0,
)
right, began = [], time.perf_counter()
net.partial_fit(X[:1], y[:1], classes=[0, 1])
for i in range(1, len(X)):  # each row is predicted first, then learnt
    right.append(net.predict(X[i : i + 1])[0] == y[i])
    net.partial_fit(X[i : i + 1], y[i : i + 1])
seconds = time.perf_counter() - began

for first in range(0, 3000, 1000):
    share = np.mean(right[first : first + 1000])
    print(f"right among rows {first} to {first + 999}: {share:.3f}")
print(f"seconds: {seconds:.3f}")

# %%
# No row was counted that had been learnt, so this curve is an honest score.

import matplotlib.pyplot as plt

window = 200
running = np.convolve(right, np.full(window, 1 / window), mode="valid")
figure, axes = plt.subplots(figsize=(7, 3.4), layout="constrained")
axes.plot(np.arange(window, len(right) + 1), running)
axes.set(
    xlabel="rows seen", ylabel=f"right among the last {window}", ylim=(0.4, 1)
)
