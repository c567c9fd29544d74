"""
Penguins, from a CSV file to a report
=====================================

A table as it comes: texts, numbers, missing cells. A few lines read it, learn
it, judge the model on rows that took no part, and write a page about it that
can be shown to others.
"""

# %%
# Read and learn
# --------------
# A fifth of the rows is put aside before anything is learnt. ``understand``
# decides how each column of the others is read. ``train`` learns a blend of
# small networks.

import re
import tempfile
from pathlib import Path

import pandas as pd

import descend
from descend.models.train import TrainOptions, train, understand
from descend.tables.datasets import dataset_path

path = dataset_path("penguins")
print(*path.read_text(encoding="utf-8").splitlines()[:5], sep="\n")
birds = pd.read_csv(path)
untouched = birds.sample(frac=0.2, random_state=0)
others = birds.drop(untouched.index)

options = TrainOptions(quality="fast", test=0)
understood = understand(others, "species", options)
print(understood.task.reason)
model = train(understood).model
print(model)

# %%
# Judge
# -----
# Each score has its standard error: by how much it would differ on as many
# other rows.

score = model.evaluate(untouched)
print(f"{score.rows} untouched rows")
for name, value in score.scores.items():
    print(f"{name}: {value:.3f} ± {score.errors[name]:.3f}")

# %%

from sklearn.metrics import ConfusionMatrixDisplay

shown = ConfusionMatrixDisplay(score.confusion, display_labels=score.classes)
shown.plot(cmap="Blues")

# %%
# Save, load, predict
# -------------------
# A model file holds numbers and text, never code. A new row may lack cells.

folder = tempfile.TemporaryDirectory()
file = Path(folder.name) / "penguins.descend"
model.save(file)
loaded = descend.load(file)
print(f"{file.stat().st_size:,} bytes")

bird = {"island": "Biscoe", "bill_length_mm": 46.5, "bill_depth_mm": 13.5}
bird |= {"flipper_length_mm": 210.0, "body_mass_g": None, "sex": None}
answer = loaded.predict(bird)
print(answer, loaded.predict_probability(bird).round(3))

# %%
# Report
# ------
# One file, to be opened in any browser or printed; it loads nothing from
# elsewhere.

page = Path(folder.name) / "penguins.html"
loaded.report(untouched, page)
text = page.read_text(encoding="utf-8")
headings = re.findall(r"<h2[^>]*>(.*?)</h2>", text)
print(f"{page.stat().st_size:,} bytes; its chapters:")
print(*headings, sep="\n")
folder.cleanup()
