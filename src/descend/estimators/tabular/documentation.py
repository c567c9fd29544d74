"""What the docstrings of `TabularClassifier` and `TabularRegressor` share, written once."""

from __future__ import annotations

from inspect import cleandoc
from typing import TypeVar

Estimator = TypeVar("Estimator", bound=type)

_WHAT_IT_DOES = """\
A raw table in, the best answer out: numbers, texts, categories, booleans, dates, missing cells, any scale, in data
frames of any kind (pandas, polars, pyarrow), arrays, lists or sparse matrices. Several members, each of which sees
the table differently, have one network for each fold of the rows; the networks of a fold stop by the rows that it
holds out. All members are compared on the first fold, the best go on, and their answers are blended with the
weights that are best on out-of-fold rows. Everything that needs the target is learnt without the held-out rows."""

_EFFORT = """\
quality : {"fast", "good", "best"}, default "good"
    How much is tried. "fast": one member on 3 folds. "good": eight members on the first of 6 folds, the best three
    (of fewer than 1,000 rows three) on all. "best": eight members, 10 folds, two starts each.
restarts : int ≥ 1, default 1
    Networks of a member on each fold, times those of `quality`; they differ by their initial weights.
select : {"blend", "best"}, default "blend"
    Whether the weighted mean of members answers, or the best member alone.
time_limit : float > 0 or None, default None
    Seconds after which networks stop where they are, counted from when the table is prepared; what has been trained
    by then is blended, at least one network for one epoch. What comes out then depends on the machine."""

_ROWS = """\
groups : str or None, default None
    Name of the column whose values name groups of rows: they stay together in a fold. It is no input, and need not be
    there when predicting. Or give values, one for each row, to ``fit(groups=…)``.
time : str or None, default None
    Name of a column of numbers or dates: the folds are windows that expand, which learn from what is earlier than the
    rows that they hold out, in the later half of the rows. It is an input only if it holds dates. Or give values to
    ``fit(time=…)``. Not both groups and time."""

_MACHINE = """\
n_jobs : int or None, default None
    Networks that descend at once, as joblib counts; None: as many as there are cores. The bits do not depend on it.
    Inside ``joblib.parallel_config("dask")``, or another engine of other machines, they descend there.
random_state : int, RandomState or None, default None
    Folds, initial weights, order of samples, dropout.
verbose : bool or int, default False
    Whether to say on standard output how far the fit is, and how long it will take: by a bar in a terminal (drawn by
    rich) and in a notebook, elsewhere by lines."""

_ATTRIBUTES = """\
members_ : tuple of BlendMember
    The members that answer, the heaviest first: `name`, `weight` (their sum is 1) and `nets`, by fold and start, each
    with `network` (a `Network`), `encoders` (what it sees of the table), `loss` on the rows that its fold holds out,
    `best_epoch` and `place`.
leaderboard_ : list of dict
    All members that were tried: member, summary, weight, loss (out of fold; of a member that did not go on, on the
    first fold), score (by `eval_metric`), first_fold_loss, networks, inputs (columns that a network sees), seconds.
    Losses are mean log-losses, or mean squared errors of z-scores.
oof_prediction_ : ndarray, or list of ndarray
    Out-of-fold answers of the blend, as of `predict_proba` or `predict`, for each row by networks that have not learnt
    it; NaN where no fold has held a row out. Optimistic: stopping and weights were chosen on these rows. Judge on rows
    of your own.
oof_loss_, oof_score_ : float, float or None
    Loss and score of these, or on the rows of `eval_set`, which then chose; as optimistic.
stopped_ : bool
    Whether the time limit or Ctrl-C ended the fit before all networks had come to their end.
left_out_ : dict of str to str
    Columns that are no inputs, and why.
notes_ : tuple of str
    How columns were read, beyond the obvious.
n_features_in_, feature_names_in_ : int, ndarray
    Columns of X; names if it had them."""

_NOTES = """\
Notes
-----
Missing cells: of numbers and dates the median, with a column that says so where cells are missing in training;
categories and booleans: zeros, and no bin, no level. A column whose first missing cell comes when predicting is treated
so, too. A category that training has not seen is taken as missing, with a warning. A column that has one value, numbers
the rows, or is text that is nearly all different is left out (see `left_out_`); of free text make columns yourself, for
example embeddings, or TfidfVectorizer with TruncatedSVD. Equal rows stay in one fold, unless rows repeat by nature.
Rows to predict that differ from those of `fit` by more than chance are told, in one line (`DriftWarning`, `drift`)."""


def documented(cls: Estimator) -> Estimator:
    """Decorate an estimator: the names in braces in its docstring become the texts above."""
    if cls.__doc__:  # none under python -OO
        parts = {
            "what_it_does": _WHAT_IT_DOES,
            "effort": _EFFORT,
            "rows": _ROWS,
            "machine": _MACHINE,
            "attributes": _ATTRIBUTES,
            "notes": _NOTES,
        }
        text = cleandoc(cls.__doc__)
        for name, part in parts.items():
            text = text.replace(f"{{{name}}}", part)
        cls.__doc__ = text
    return cls
