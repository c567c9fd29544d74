"""One whole job of a peer in a process of its own, in the folder of the job; started by `jobs`.

Neither LightGBM's wheel nor CatBoost's brings a command line: this is the shortest program that does the same.
Usage: ``python -m benchmarks.job_peers train|predict NAME MODEL TARGET CATEGORY[,CATEGORY]``
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any


def train_lightgbm(model: str, target: str, categories: Sequence[str]) -> None:
    """Let pandas read, for LightGBM's own reader takes no words; train with defaults; write the model."""
    import lightgbm

    rows = _pandas("known.csv", categories)
    data = lightgbm.Dataset(rows.drop(columns=target), rows[target])
    lightgbm.train({"objective": "regression"}, data).save_model(model)


def predict_lightgbm(model: str, target: str, categories: Sequence[str]) -> Any:
    """Predict the rows that were held out."""
    import lightgbm

    return lightgbm.Booster(model_file=model).predict(_pandas("new.csv", categories).drop(columns=target))


def train_lightgbm_codes(model: str, target: str, categories: Sequence[str]) -> None:
    """Let LightGBM read the file by itself, with a number for each word; train with defaults; write the model."""
    import lightgbm

    inputs = [name for name in _names("known-codes.csv") if name != target]
    data = lightgbm.Dataset(
        "known-codes.csv",
        params={"header": True, "label_column": f"name:{target}"},
        categorical_feature=[inputs.index(name) for name in categories],
    )
    lightgbm.train({"objective": "regression"}, data).save_model(model)


def predict_lightgbm_codes(model: str, target: str, _: Sequence[str]) -> Any:
    """Predict the rows that were held out."""
    import lightgbm

    return lightgbm.Booster(model_file=model).predict(_pandas("new-codes.csv", ()).drop(columns=target))


def train_catboost(model: str, target: str, categories: Sequence[str]) -> None:
    """Let CatBoost read the file by itself; train with defaults; write the model."""
    from catboost import CatBoostRegressor

    CatBoostRegressor().fit(_pool("known.csv", target, categories)).save_model(model)


def predict_catboost(model: str, target: str, categories: Sequence[str]) -> Any:
    """Predict the rows that were held out."""
    from catboost import CatBoostRegressor

    return CatBoostRegressor().load_model(model).predict(_pool("new.csv", target, categories))


def _pandas(path: str, categories: Sequence[str]) -> Any:
    import pandas

    return pandas.read_csv(path, dtype=dict.fromkeys(categories, "category"))


def describe_columns(names: Sequence[str], target: str, categories: Sequence[str]) -> str:
    r"""Return which columns are no plain numbers, as CatBoost's files of columns say it: place, kind, name.

    Examples
    --------
    >>> describe_columns(["size", "kind", "price"], "price", ["kind"])
    '1\tCateg\tkind\n2\tLabel\tprice\n'
    """
    kinds = {target: "Label"} | dict.fromkeys(categories, "Categ")
    return "".join(f"{place}\t{kinds[name]}\t{name}\n" for place, name in enumerate(names) if name in kinds)


def _names(path: str) -> list[str]:
    with Path(path).open(encoding="utf-8") as file:
        return file.readline().strip().split(",")


def _pool(path: str, target: str, categories: Sequence[str]) -> Any:
    """Return CatBoost's table of a file, with the description of its columns that CatBoost asks for."""
    from catboost import Pool

    description = Path("columns.txt")
    description.write_text(describe_columns(_names(path), target, categories), encoding="utf-8")
    return Pool(path, column_description=str(description), delimiter=",", has_header=True)


TRAIN: dict[str, Callable[[str, str, Sequence[str]], None]] = {
    "lightgbm": train_lightgbm,
    "lightgbm-codes": train_lightgbm_codes,
    "catboost": train_catboost,
}
PREDICT: dict[str, Callable[[str, str, Sequence[str]], Any]] = {
    "lightgbm": predict_lightgbm,
    "lightgbm-codes": predict_lightgbm_codes,
    "catboost": predict_catboost,
}


def main(arguments: Sequence[str]) -> None:
    """Train and write the model, or predict and write ``MODEL.csv``."""
    action, name, model, target, categories = arguments
    if action == "train":
        TRAIN[name](model, target, categories.split(","))
        return
    predicted = PREDICT[name](model, target, categories.split(","))
    lines = ["prediction", *(repr(float(one)) for one in predicted)]
    Path(f"{model}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
