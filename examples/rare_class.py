"""
A rare class: thresholds and costs
==================================

Three diamonds in a hundred have a cut that is only fair. A model that never
says so is right for 97 of 100 and of no use. What helps is not to bend the
probabilities, but to decide by them with care.
"""

# %%
# Learn probabilities
# -------------------

import numpy as np
import pandas as pd
from sklearn.metrics import confusion_matrix, f1_score

from descend import TabularClassifier
from descend.tables.datasets import dataset_path

stones = pd.read_csv(dataset_path("diamonds")).sample(6000, random_state=0)
X = stones[["carat", "depth", "table", "price", "x", "y"]]
fair = (stones["cut"] == "Fair").to_numpy()
learn, judge = slice(None, 3000), slice(3000, None)
for what, rows in (("are learnt", learn), ("judge", judge)):
    print(f"{fair[rows].sum()} of 3000 stones that {what} are fair")

# %%
# Three ways to answer
# --------------------
# The likelier class; the threshold with the best F1 on rows that were held out
# in training; the least expected cost, where a fair stone that is missed costs
# as much as twenty false alarms.

kinds = {
    "likelier class": {},
    "threshold='f1'": {"threshold": "f1"},
    "costs 20 : 1": {"costs": [[0, 1], [20, 0]]},
}
found = {}
for name, words in kinds.items():
    net = TabularClassifier(quality="fast", random_state=0, **words)
    said = net.fit(X[learn], fair[learn]).predict(X[judge])
    (_, false), (missed, right) = confusion_matrix(fair[judge], said)
    counts = {"found": right, "missed": missed, "false alarms": false}
    worth = {"F1": f1_score(fair[judge], said), "cost": 20 * missed + false}
    found[name] = {"threshold": net.threshold_} | counts | worth
print(pd.DataFrame(found).T.round(3).to_string())

# %%
# For F1 little changes: of probabilities that can be believed, 0.5 is already
# near its best threshold. Costs change much. All three are points of one curve,
# for the probabilities are the same.

import matplotlib.pyplot as plt
from sklearn.metrics import PrecisionRecallDisplay

probability = net.predict_proba(X[judge])[:, 1]
figure, axes = plt.subplots(figsize=(6, 4.2), layout="constrained")
PrecisionRecallDisplay.from_predictions(
    fair[judge], probability, ax=axes, name="all thresholds"
)
for (name, one), mark in zip(found.items(), "o^s", strict=True):
    precision = one["found"] / (one["found"] + one["false alarms"])
    recall = one["found"] / (one["found"] + one["missed"])
    axes.plot(recall, precision, mark, markersize=9, label=name)
axes.set(
    xlabel="share of fair stones that are found",
    ylabel="share of alarms that are right",
)
axes.legend()
print(f"mean probability of fair: {probability.mean():.3f}")
print(f"share of fair stones: {np.mean(fair[judge]):.3f}")
