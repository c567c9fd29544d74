"""
L2 that means the same at every batch size
==========================================

The L2 penalty holds weights small. How small should depend on its strength, not
on how many rows are taken at a time. In scikit-learn's MLP it depends on both,
because the penalty is divided by the size of the batch.
"""

# %%
# One penalty, three batch sizes
# ------------------------------
# The same regression by both libraries: only the import differs. After enough
# epochs, the size of the weights tells how strong the penalty was.

import warnings

import numpy as np
import sklearn.neural_network
from sklearn.datasets import load_diabetes
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import scale

import descend

warnings.simplefilter("ignore", ConvergenceWarning)
X, y = load_diabetes(return_X_y=True)
X, y = scale(X), scale(y)
batches = [16, 64, 256]
how = {
    "hidden_layer_sizes": (4,),
    "activation": "tanh",
    "alpha": 2.0,
    "learning_rate_init": 0.01,
    "random_state": 0,
}

kinds = {
    "descend": descend.MLPRegressor,
    "scikit-learn": sklearn.neural_network.MLPRegressor,
}
how |= {"max_iter": 100, "n_iter_no_change": 1000}
size = {name: [] for name in kinds}
for name, kind in kinds.items():
    for batch in batches:
        net = kind(batch_size=batch, **how).fit(X, y)
        size[name].append(float(sum(np.sum(W**2) for W in net.coefs_)))
    print(f"{name}: Σ W² = {np.round(size[name], 2).tolist()}")

# %%

import matplotlib.pyplot as plt

figure, axes = plt.subplots(figsize=(6.5, 4), layout="constrained")
for name, sizes in size.items():
    axes.plot([str(one) for one in batches], sizes, marker="o", label=name)
axes.set(xlabel="batch size", ylabel="sum of squared weights")
axes.set_ylim(bottom=0)
axes.legend(title="alpha = 2")
