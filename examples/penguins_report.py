"""
Penguins, from a CSV file to a report
=====================================

A table as it comes: texts, numbers, missing cells. A few lines read it, learn
it, judge the model on rows that took no part, save it, and load it again.
"""

# %%
# Read and learn
# --------------
# ``understand`` decides how each column is read, and says what it saw.
# ``train`` learns a blend of small networks.

import tempfile
from pathlib import Path

import descend
from descend.models.train import TrainOptions, train, understand
from descend.tables.datasets import dataset_path

path = dataset_path("penguins")
print(*path.read_text().splitlines()[:4], sep="\n")

understood = understand(path, "species", TrainOptions(quality="fast"))
trained = train(understood)
print(trained.model)

# %%
# Judge
# -----
# A fifth of the rows was put aside before anything was learnt.

score = trained.test
print(f"{score.rows} untouched rows")
for name, one in score.scores.items():
    print(f"{name}: {one:.3f}")

# %%
# Save, load, predict
# -------------------
# A model file holds numbers and text, never code. The columns of a new table
# may come in any order.

with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "penguins.descend"
    trained.model.save(file)
    model = descend.load(file)
    print(f"{file.stat().st_size:,} bytes")

bird = {
    "island": "Biscoe",
    "bill_length_mm": 46.5,
    "bill_depth_mm": 13.5,
    "flipper_length_mm": 210.0,
}
bird |= {"body_mass_g": 4550.0, "sex": None}
answer = model.predict(bird)
print(answer, model.predict_probability(bird).round(3))

# %%
# Show
# ----
# Which species are taken for which, on the untouched rows.

from sklearn.metrics import ConfusionMatrixDisplay

ConfusionMatrixDisplay(score.confusion, display_labels=score.classes).plot(
    cmap="Blues"
)
