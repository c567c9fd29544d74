"""
Reading what a node has learnt
==============================

A hidden node draws a line through the table: on one side its value is high, on
the other it is low. With two columns one can see that line. Here three nodes
tell three species of penguins apart by their bills.
"""

# %%
# A network of three hidden nodes
# -------------------------------

import numpy as np
import pandas as pd

from descend import Network, NetworkDisplay
from descend.tables.datasets import dataset_path

columns = ["bill_length_mm", "bill_depth_mm"]
birds = pd.read_csv(dataset_path("penguins")).dropna(subset=columns)
bills = birds[columns].to_numpy()
mean, deviation = bills.mean(axis=0), bills.std(axis=0)
X = (bills - mean) / deviation
species, number = np.unique(birds["species"], return_inverse=True)

net = Network(
    [2, 3, 3], activation="tanh", output="softmax", loss="log_loss", seed=0
)
how = {
    "epochs": 60,
    "batch_size": 4,
    "optimizer": "adam",
    "learning_rate": 0.02,
    "l2": 0.001,
}
best = net.fit(X, np.eye(3)[number], restarts=8, **how).best
accuracy = np.mean(best.predict(X).argmax(axis=1) == number)
print(f"{accuracy:.1%} of the {len(X)} penguins are told right")
NetworkDisplay.from_network(
    best, input_names=["length", "depth"], output_names=species, name="Bills"
)

# %%
# The lines, in millimetres
# -------------------------
# The value of a node is tanh(s), and its line is where s = 0. The columns were
# scaled, so the line is scaled back. How much the node counts for each species
# is its row of the second matrix.

W_0, W_1 = (np.asarray(W, dtype=float) for W in best.W)
slopes = W_0[:2] / deviation[:, None]
constants = W_0[2] - mean @ slopes
for node in range(3):
    length, depth = slopes[:, node]
    line = f"{length:+.2f} length {depth:+.2f} depth {constants[node]:+.1f}"
    counts = dict(zip(species, W_1[node].round(1).tolist(), strict=True))
    print(f"node {node + 1} is high where {line} > 0")
    print(f"       and counts {counts}")

# %%
# The same as pictures
# --------------------
# The colour is the value of the node, from −1 (blue) to 1 (red). The black line
# is where it changes sign.

# sphinx_gallery_thumbnail_number = 2
import matplotlib.pyplot as plt

plane = np.meshgrid(np.linspace(31, 61, 120), np.linspace(12.5, 22, 120))
values = np.tanh(np.dstack(plane) @ slopes + constants)
levels, size = np.linspace(-1, 1, 21), {"figsize": (11, 3.6), "sharey": True}
figure, axes = plt.subplots(1, 3, layout="constrained", **size)
for node, one in enumerate(axes):
    one.contourf(*plane, values[:, :, node], levels=levels, cmap="coolwarm")
    one.contour(*plane, values[:, :, node], levels=[0], colors="black")
    for kind, look in zip(species, ("ow", "^y", "sk"), strict=True):
        points = bills[birds["species"] == kind].T
        one.plot(*points, look, label=kind, markersize=4, mec="black", mew=0.4)
    one.set(title=f"node {node + 1}", xlabel="bill length, mm")
axes[0].set_ylabel("bill depth, mm")
axes[0].legend(loc="lower left", fontsize="small")
