"""What rows on the disk count: written beside those that train, once all of them are there."""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.errors import DataError
from descend.models.options import TrainOptions
from descend.models.weights import BALANCED, Weighting, check_some_count, class_weights
from descend.preprocessing.transform import Preprocessing
from descend.training.cache import Kind, Writer
from descend.training.executors import scaled_weights
from descend.typing import Array


def with_weights(
    writer: Writer, preprocessing: Preprocessing, options: TrainOptions, dtype: np.dtype[Any]
) -> dict[str, list[Kind]]:
    """Write what the training rows count, scaled, if they do not count alike."""
    names = [name for name in writer.names if name.startswith("train")]
    ends = np.cumsum([writer.rows[name] for name in names])
    if not all(writer.rows[name] for name in names):
        left = "no row is left to train" if len(names) == 1 else f"{len(names)} folds need more rows, or more groups"
        raise DataError(f"train: {left}. Hold out fewer rows, or other groups.")
    if options.weight is None and options.class_weight is None:
        return {}

    def of_all(array: str) -> Array:
        return np.concatenate([writer.column(name, array) for name in names])

    counted = None if options.weight is None else of_all("weight")
    truth = of_all("truth")
    weighting = weighting_of(options, preprocessing, truth, counted)
    count = weighting.of_classes(counted, truth) if weighting.classes is not None else counted
    check_some_count(count, "train", "training rows")
    scaled = scaled_weights(count, dtype)
    assert scaled is not None
    for name, own in zip(names, np.split(scaled, ends[:-1]), strict=True):
        writer.more(name, "sample_weight", own)
    return {name: [Kind("sample_weight", dtype.name, None)] for name in names}


def weighting_of(options: TrainOptions, preprocessing: Preprocessing, truth: Array, weight: Array | None) -> Weighting:
    """Return what rows count, by the training rows' classes (m,) and their own weights."""
    given, classes, task = options.class_weight, None, preprocessing.task
    if given is not None:
        k = len(task.classes)
        if task.kind == "classify":  # one row for each class, with the weight of all of its rows
            sums = np.bincount(truth, weight, minlength=k).astype(np.float64)
            classes = class_weights(given, task, np.eye(k), sums)
        else:
            classes = class_weights(given, task, np.empty((0, 1)), None)
    options.asked.check_weights(classes, task.written, "train")
    return Weighting(options.weight, classes, given == BALANCED)
