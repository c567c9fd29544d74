"""
Restarts on a small Dask cluster
================================

Restarts are separate descents, so they may run on separate machines. Here two
processes stand for them. One line sends the restarts there, and the weights
that come back have the same bits as those of this machine.
"""

# %%
# What is learnt
# --------------
# Bikes that are rented in an hour, by the hour and the weather, as in the
# example of how many restarts are enough.

import joblib
import pandas as pd
from dask.distributed import Client, LocalCluster
from sklearn.preprocessing import scale

from descend import Network
from descend.tables.datasets import dataset_path

bikes = pd.read_csv(dataset_path("bikes"))
numbers = ["hour", "temperature", "humidity", "wind"]
X = scale(bikes[numbers].to_numpy(float))
y = scale(bikes["rentals"].to_numpy(float))
net = Network([4, 8, 1], activation="tanh", seed=0)
how = {
    "epochs": 32,
    "batch_size": 4,
    "learning_rate": 0.01,
    "validation": 0.25,
    "restarts": 16,
    "race": "halving",
}


# %%
# Two processes instead of two machines
# -------------------------------------
# ``Client("tcp://HOST:8786")`` would connect to a real cluster. Python starts
# these processes by reading this file anew, so what starts them stands below
# the usual line.


def on_a_cluster():
    """Fit on two workers."""
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0"
        ) as cluster,
        Client(cluster) as client,
        joblib.parallel_config("dask", client=client),
    ):
        return net.fit(X, y, **how)


# %%
# The same bits
# -------------
# The race kills the worse half of the restarts four times; who is killed, when,
# and all weights are those of this machine.

if __name__ == "__main__":
    far, here = on_a_cluster(), net.fit(X, y, **how)
    pairs = list(zip(far.restarts, here.restarts, strict=True))
    same = all((a.network.theta == b.network.theta).all() for a, b in pairs)
    ends = [one.status for one in far.restarts]
    print(f"{ends.count('killed')} of 16 restarts were killed on the way")
    print(f"the best has a loss of {far.best.loss(X, y):.3f}")
    print(f"same weights as on this machine: {same}")
