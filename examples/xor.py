"""
XOR, and why one descent is not enough
======================================

*Exclusive or* is the smallest task that needs a hidden layer. Two hidden nodes
are enough: nine weights in all. Even so small a loss has bad ends, and where a
descent ends depends on where it started.
"""

# %%
# Thirty-two descents
# -------------------
# All see the same four rows in the same order. Only their first weights differ.

from descend import Network, RestartsDisplay

X = [[0, 0], [0, 1], [1, 0], [1, 1]]
Y = [0, 1, 1, 0]

net = Network([2, 2, 1], activation="sigmoid", dtype="float64", seed=0)
training = net.fit(X, Y, epochs=2000, learning_rate=0.5, restarts=32)

learnt = sum(one.best_loss < 0.01 for one in training.restarts)
worst = training.spread.worst
print(f"{learnt} of 32 descents learnt XOR.")
print(f"The worst ended with loss {worst:.3f}.")
answers = training.best.predict(X).round(2).ravel() + 0.0  # no −0.0
print("The best one says:", answers.tolist())

# %%
# The curves come down at different times, and some never do.

shown = RestartsDisplay.from_training(training, yscale="log")
shown.ax_.set(ylim=(1e-6, 1), title="32 descents of the same network")

# %%
# The loss is not convex
# ----------------------
# Let the two hidden nodes change places, with all their weights. The network
# answers as before, so this is a second set of best weights. Half way between
# the two, the loss is higher. The loss of a convex problem cannot do that.

import matplotlib.pyplot as plt
import numpy as np

first = [W.copy() for W in training.best.W]
second = [
    first[0][:, ::-1],
    first[1][[1, 0, 2]],
]  # columns lead into a node, rows lead out of it; row 2 is the bias


def loss_at(share):
    """Loss on the straight line from the first weights to the second."""
    net.W = [
        (1 - share) * a + share * b for a, b in zip(first, second, strict=True)
    ]
    return net.loss(X, Y)


shares = np.linspace(
    0, 1, 100
)  # not 0.5: there the two nodes would be equal, which descend refuses
losses = np.array([loss_at(share) for share in shares])
print(f"Loss at both ends: {losses[0]:.4f} and {losses[-1]:.4f}")
print(f"between them up to {losses.max():.3f}")

figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
axes.plot(shares, losses)
axes.set(
    xlabel="share of the way between two best sets of weights",
    ylabel="loss",
    title="Two valleys and a hill",
)
