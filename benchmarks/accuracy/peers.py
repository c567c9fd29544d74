"""The peers with their defaults, each with categories in its own proper way, all cores, a fixed seed."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import numpy as np

from benchmarks.accuracy import frames
from benchmarks.accuracy.frames import Prepared
from benchmarks.accuracy.tasks import CLASSIFY

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Job:
    """What a contestant is given.

    Parameters
    ----------
    kind : {"classify", "regress"}
        The task.
    train, test : DataFrame
        Raw inputs.
    y : ndarray
        Numbers, or classes as whole numbers 0 … k − 1.
    seed : int
        For what is random in the contestant.
    """

    kind: str
    train: Any
    test: Any
    y: Array
    seed: int

    @property
    def classify(self) -> bool:
        """Whether classes are learnt."""
        return self.kind == CLASSIFY


Predict = Callable[[], Array]  # probabilities (m, k), or numbers (m,), of the test rows
Fit = Callable[[Job], Predict]


@dataclass(frozen=True)
class Peer:
    """A contestant: how it learns, and whose version its results belong to.

    Parameters
    ----------
    fit : callable
        Learns; returns what predicts the test rows.
    package : str
        The package that it needs; "descend" for ours.
    note : str
        What "default" means, where it is not plain.
    tasks : tuple of str
        The only tasks that it runs on; empty: all.
    """

    fit: Fit
    package: str
    note: str = ""
    tasks: tuple[str, ...] = ()

    @property
    def version(self) -> str | None:
        """Package and version, None if it is not installed."""
        try:
            return f"{self.package} {metadata.version(self.package)}"
        except metadata.PackageNotFoundError:
            return None


def predictor(model: Any, job: Job, test: Any) -> Predict:
    """Return what asks a fitted model of scikit-learn's kind."""
    return (lambda: model.predict_proba(test)) if job.classify else (lambda: model.predict(test))


def cores() -> int:
    """How many cores there are for this process."""
    return len(os.sched_getaffinity(0))


# ---------------------------------------------------------------- trees


def catboost(job: Job, **settings: Any) -> Predict:
    """Categories as `cat_features`, what is missing in them as a level; loss, rounds and rate as it chooses."""
    from catboost import CatBoostClassifier, CatBoostRegressor

    made = frames.named_missing(frames.prepare(job.train, job.test))
    maker = CatBoostClassifier if job.classify else CatBoostRegressor
    model = maker(random_seed=job.seed, verbose=False, allow_writing_files=False, **settings)
    model.fit(made.train, job.y, cat_features=made.categories)
    return predictor(model, job, made.test)


def lightgbm(job: Job) -> Predict:
    """Categories of pandas' type."""
    from lightgbm import LGBMClassifier, LGBMRegressor

    made = frames.as_categories(frames.prepare(job.train, job.test))
    model = (LGBMClassifier if job.classify else LGBMRegressor)(random_state=job.seed, n_jobs=cores(), verbosity=-1)
    model.fit(made.train, job.y)
    return predictor(model, job, made.test)


def xgboost(job: Job) -> Predict:
    """Categories of pandas' type with `enable_categorical`."""
    from xgboost import XGBClassifier, XGBRegressor

    made = frames.as_categories(frames.prepare(job.train, job.test))
    maker = XGBClassifier if job.classify else XGBRegressor
    model = maker(random_state=job.seed, n_jobs=cores(), enable_categorical=True)
    model.fit(made.train, job.y)
    return predictor(model, job, made.test)


LEVELS = 255  # that HistGradientBoosting takes in one category


def hist_gradient_boosting(job: Job) -> Predict:
    """Categories of pandas' type; those of more than 255 levels, which it refuses, through `TargetEncoder`."""
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import TargetEncoder

    made = frames.prepare(job.train, job.test)
    many = [name for name in made.categories if made.train[name].nunique() > LEVELS]
    made = frames.as_categories(made, [name for name in made.categories if name not in many])
    maker = HistGradientBoostingClassifier if job.classify else HistGradientBoostingRegressor
    model: Any = maker(random_state=job.seed, categorical_features="from_dtype")
    if many:
        made = Prepared(*(one.fillna(dict.fromkeys(many, frames.MISSING)) for one in (made.train, made.test)), many)
        encoder = (TargetEncoder(random_state=job.seed), many)
        columns = make_column_transformer(encoder, remainder="passthrough", verbose_feature_names_out=False)
        model = make_pipeline(columns.set_output(transform="pandas"), model)
    model.fit(made.train, job.y)
    return predictor(model, job, made.test)


# ---------------------------------------------------------------- nets


def sklearn_mlp(job: Job, early_stopping: bool = False) -> Predict:
    """The usual pipeline: medians, one-hot, standard scale; a number as target is scaled too."""
    from sklearn.compose import TransformedTargetRegressor, make_column_transformer
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    made = frames.imputed(frames.named_missing(frames.prepare(job.train, job.test)))
    columns = make_column_transformer(
        (StandardScaler(), made.numbers), (OneHotEncoder(handle_unknown="ignore"), made.categories)
    )
    settings = {"random_state": job.seed, "early_stopping": early_stopping}
    net = MLPClassifier(**settings) if job.classify else MLPRegressor(**settings)
    model: Any = make_pipeline(columns, net)
    if not job.classify:
        model = TransformedTargetRegressor(model, transformer=StandardScaler())
    model.fit(made.train, job.y)
    return predictor(model, job, made.test)


def sklearn_mlp_stopping(job: Job) -> Predict:
    """The same with `early_stopping=True`."""
    return sklearn_mlp(job, early_stopping=True)


def _pytabkit(job: Job, name: str, **settings: Any) -> Predict:
    """It takes categories of pandas' type, and wants missing numbers filled."""
    from pytabkit.models.sklearn import sklearn_interfaces

    made = frames.as_categories(frames.named_missing(frames.imputed(frames.prepare(job.train, job.test))))
    maker = getattr(sklearn_interfaces, f"{name}_{'Classifier' if job.classify else 'Regressor'}")
    model = maker(device="cpu", random_state=job.seed, n_threads=cores(), **settings)
    y = job.y if job.classify else job.y.astype("float32")
    model.fit(made.train, y, cat_col_names=made.categories)
    return predictor(model, job, made.test)


def realmlp(job: Job) -> Predict:
    """RealMLP-TD, one net, a fifth of the rows for its stopping: its authors' default."""
    return _pytabkit(job, "RealMLP_TD")


def tabm(job: Job) -> Predict:
    """TabM with piecewise-linear embeddings, k = 32; all else as pytabkit's TabM-D."""
    return _pytabkit(job, "TabM_D", num_emb_type="pwl")


# ---------------------------------------------------------------- CatBoost, tuned

DRAWS = 15
HOLDOUT = 0.2
TUNED_TASKS = ("ames", "adult", "california", "letter", "satellite", "wa_churn")


def draw_settings(draw: np.random.RandomState) -> dict[str, Any]:
    """Return one random setting: depth, rate, strength of L2, randomness and sampling.

    Examples
    --------
    >>> sorted(draw_settings(np.random.RandomState(0)))
    ['bagging_temperature', 'depth', 'l2_leaf_reg', 'learning_rate', 'random_strength']
    """
    return {
        "depth": int(draw.randint(3, 11)),
        "learning_rate": float(10 ** draw.uniform(-2.5, -0.5)),
        "l2_leaf_reg": float(10 ** draw.uniform(0, 1)),
        "random_strength": float(draw.uniform(0, 2)),
        "bagging_temperature": float(draw.uniform(0, 1)),
    }


def catboost_tuned(job: Job) -> Predict:
    """The best of 15 random settings on a fifth of the rows, of at most 2,000 rounds, stopped there; not refitted."""
    from catboost import CatBoostClassifier, CatBoostRegressor, Pool
    from sklearn.model_selection import train_test_split

    made = frames.named_missing(frames.prepare(job.train, job.test))
    fit_rows, hold_rows = train_test_split(
        np.arange(len(job.y)), test_size=HOLDOUT, random_state=job.seed, stratify=job.y if job.classify else None
    )
    pools = [Pool(made.train.iloc[rows], job.y[rows], made.categories) for rows in (fit_rows, hold_rows)]
    draw, best = np.random.RandomState(job.seed), None
    maker = CatBoostClassifier if job.classify else CatBoostRegressor
    for _ in range(DRAWS):
        model = maker(
            iterations=2000,
            early_stopping_rounds=50,
            bootstrap_type="Bayesian",
            random_seed=job.seed,
            verbose=False,
            allow_writing_files=False,
            **draw_settings(draw),
        )
        model.fit(pools[0], eval_set=pools[1])
        loss = next(iter(model.get_best_score()["validation"].values()))
        if best is None or loss < best[0]:
            best = (loss, model)
    assert best is not None
    return predictor(best[1], job, made.test)


PEERS: Mapping[str, Peer] = {
    "CatBoost": Peer(catboost, "catboost"),
    "LightGBM": Peer(lightgbm, "lightgbm"),
    "XGBoost": Peer(xgboost, "xgboost"),
    "HGB": Peer(hist_gradient_boosting, "scikit-learn", "scikit-learn's HistGradientBoosting"),
    "sk MLP": Peer(sklearn_mlp, "scikit-learn", "medians, one-hot, standard scale"),
    "sk MLP early stop": Peer(sklearn_mlp_stopping, "scikit-learn", "the same with early stopping"),
    "RealMLP": Peer(realmlp, "pytabkit", "RealMLP-TD"),
    "TabM": Peer(tabm, "pytabkit", "TabM with piecewise-linear embeddings, k = 32; all else as TabM-D"),
    "CatBoost tuned": Peer(catboost_tuned, "catboost", "best of 15 random settings on one holdout", TUNED_TASKS),
}
