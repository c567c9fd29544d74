"""A network, a table's model or an estimator -> `Described`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from descend.describe.numbers import count
from descend.errors import DataError, SpecError, closest, quoted, raise_problems
from descend.exports.columns import raw_columns
from descend.exports.described import LABEL, PREDICTION, PROBABILITIES, Answer, Answers, ClassColumn, Described, Net
from descend.models.blends.blend import Blend
from descend.models.blends.file import encoders_of
from descend.models.decisions.decision import Decision
from descend.models.file import document_of as model_document
from descend.models.model import Model
from descend.models.rows import inputs_of
from descend.models.uncertainty.disagreement import Answers as Spreads
from descend.models.uncertainty.disagreement import blend_answers
from descend.models.uncertainty.numbers import NumberUncertainty
from descend.nets.file import document_of as network_document
from descend.nets.network import Network
from descend.preprocessing.transform import Preprocessing
from descend.tables.convert import as_table
from descend.tables.frames import is_frame
from descend.tables.table import Table
from descend.typing import Array, Floats


def described(fitted: Any) -> Described:
    """Return a fitted model in plain data.

    Parameters
    ----------
    fitted : Network, Model, MLPClassifier, MLPRegressor, TabularClassifier or TabularRegressor
        What is exported.

    Raises
    ------
    SpecError
        If it is none of these, is not fitted, or holds what is no data, such as a user's own activation.

    Examples
    --------
    >>> import descend
    >>> found = described(descend.Network([2, 3, 1], seed=0))
    >>> found.source, found.features, found.nets[0].spec.sizes, found.answer.kind
    ('Network', ('x0', 'x1'), (2, 3, 1), 'outputs')
    """
    if isinstance(fitted, Network):
        return _of_network(fitted)
    if isinstance(fitted, Model):
        return _of_model(fitted)
    return _of_estimator(fitted)


def _net(network: Network, encoders: tuple[Any, ...] = (), share: float = 1.0, member: str = "", fold: int = 0) -> Net:
    if any(one.name == "custom" for one in network.spec.activations):
        raise SpecError(
            "export: activations must be those of the table; one is a user's own code, which no file holds. Train with "
            "one by name."
        )
    if not np.isfinite(network.theta).all():
        raise SpecError("export: the weights must be finite; some are not. Export a network that did not diverge.")
    return Net(network.spec, tuple(network.spec.weights(network.theta)), encoders, share, member, fold)


def _features(n: int, names: Any = ()) -> tuple[str, ...]:
    """Names of the columns of X."""
    return tuple(str(name) for name in names) or tuple(f"x{place}" for place in range(n))


def _rows_reader(features: tuple[str, ...], named: bool = False) -> Callable[[Any], Array]:
    """What makes rows X of what a user gives: an array, or a table that has the columns of X.

    If nobody has named the columns of X, a table of as many columns is taken as it stands.
    """

    def read(source: Any) -> Array:
        if not isinstance(source, str | Path) and not is_frame(source):
            try:
                X = np.asarray(source, dtype=np.float64)
            except (TypeError, ValueError) as error:
                raise DataError(f"export: `table` must hold numbers: {error}.") from None
        else:
            X = _numbers_of(as_table(source), features, named)
        if X.ndim != 2 or X.shape[1] != len(features) or X.dtype != np.float64:
            raise DataError(
                f"export: `table` must have a column of numbers for each of the {len(features)} inputs; got {X.dtype} "
                f"of shape {X.shape}."
            )
        return X

    return read


def _numbers_of(table: Table, features: tuple[str, ...], named: bool) -> Array:
    """The columns of X in a table.

    Raises
    ------
    DataError
        If one is absent, or holds no numbers.
    """
    absent = [name for name in features if name not in table.names]
    if named:
        problems = [
            f"the model needs the column {quoted(name)}, which is absent. {closest(name, table.names)}"
            for name in absent
        ]
        raise_problems(DataError, "export: `table`", problems)
    names = table.names if absent else features
    if len(names) != len(features):
        raise DataError(
            f"export: `table` must have a column for each of the {count(len(features), 'input')}: so many, or "
            f"{', '.join(map(quoted, features[:4]))}{', ...' * (len(features) > 4)}; got {count(len(names), 'column')}."
        )
    columns = [table.column(name) for name in names]
    problems = [
        f"column {quoted(one.name)} must hold numbers; it is read as {one.kind}. Correct its cells."
        for one in columns
        if one.kind not in ("number", "boolean")
    ]
    raise_problems(DataError, "export: `table`", problems)
    return np.stack([np.asarray(one.values, dtype=np.float64) for one in columns], axis=1)


# ---------------------------------------------------------------- networks


def _of_network(network: Network) -> Described:
    def ask(X: Any) -> Answers:
        return {PREDICTION: network.predict(X)}

    def parts() -> tuple[dict[str, Any], dict[str, Array]]:
        return network_document(network.spec, network.theta, network.dtype, network.seed, network.engine)

    features = _features(network.spec.sizes[0])
    nets, answer = (_net(network),), Answer("outputs")
    return Described("Network", (), features, nets, None, answer, ask, _rows_reader(features), parts)


# ---------------------------------------------------------------- models of tables


def _of_model(model: Model) -> Described:
    prep = model.preprocessing
    if model.blend is None:
        nets: tuple[Net, ...] = (_net(model.network, prep.encoders),)
        clip = None
    else:
        nets, clip = _nets_of(model.blend), _clip_of(model.blend)
    encoders = prep.encoders if model.blend is None else encoders_of(model.blend)
    columns = raw_columns(prep.known_readings(), prep.input_names, encoders)
    if prep.task.kind == "classify":
        own = ClassColumn(prep.task.classes, slice(0, len(prep.task.classes)), divided=True)
        answer = Answer("classes", (own,), model.decision, uncertainty=model.sections.uncertainty)
    else:
        mean, scale = np.array([prep.target_mean]), np.array([prep.target_std])
        answer = Answer("numbers", mean=mean, scale=scale, flat=True, uncertainty=model.sections.uncertainty)

    def ask(cells: Any) -> Answers:
        outputs = model._of_inputs(model._read(cells))
        if prep.task.kind != "classify":
            return {PREDICTION: model.predictions(outputs)}
        return {LABEL: model.predictions(outputs), PROBABILITIES: model.probabilities(outputs)}

    def parts() -> tuple[dict[str, Any], dict[str, Array]]:
        return model_document(model.network, prep, model.record, model.learnt, model.blend, model.sections)

    def answers(cells: Any) -> Spreads:
        inputs = model._read(cells)
        return Spreads.alone(model._of_inputs(inputs)) if model.blend is None else blend_answers(model.blend, inputs)

    found = Described("Model", columns, (), nets, clip, answer, ask, model._read, parts, model.sections.summary)
    return replace(found, interval=_interval(answer, answers), truth=_truth_of(prep))


def _interval(answer: Answer, answers: Callable[[Any], Spreads]) -> Callable[[Any, float], Array] | None:
    """What `predict_interval` answers, of what the networks do."""
    known = answer.uncertainty
    if not isinstance(known, NumberUncertainty):
        return None

    def interval(given: Any, coverage: float) -> Array:
        found = known.around(answers(given), known.ends(coverage), answer.mean, answer.scale)
        return found[:, 0] if answer.flat else found

    return interval


def _truth_of(prep: Preprocessing) -> Callable[[Any], Array | None]:
    """What finds the targets of a table."""

    def truth(source: Any) -> Array | None:
        table = prep.table_of(source)
        there = ~table.column(prep.target).missing if prep.target in table.names else np.zeros(table.rows, dtype=bool)
        if not there.any():
            return None
        try:
            Y = prep.encode_target(table.take(there))
        except DataError:  # of another class: no score without it
            return None
        found = np.full(table.rows, np.nan)
        found[there] = Y.argmax(axis=1) if prep.task.kind == "classify" else prep.decode(Y)
        return found

    return truth


def _nets_of(blend: Blend) -> tuple[Net, ...]:
    return tuple(
        _net(net.network, tuple(net.encoders), member.weight / len(member.nets), member.name, net.place.fold)
        for member in blend.members
        for net in member.nets
    )


def _clip_of(blend: Blend) -> tuple[Floats, Floats] | None:
    low, high = blend.low, blend.high
    return None if low is None or high is None else (low.astype(np.float64), high.astype(np.float64))


# ---------------------------------------------------------------- estimators


def _of_estimator(fitted: Any) -> Described:
    from sklearn.utils.validation import check_is_fitted

    from descend.estimators.mlp.base import BaseMLP
    from descend.estimators.mlp.moment import as_it_is
    from descend.estimators.tabular.base import BaseTabular

    if not isinstance(fitted, BaseMLP | BaseTabular):
        raise SpecError(
            "export: what is exported must be a Network, a Model, or a fitted estimator of descend; got "
            f"{type(fitted).__name__}."
        )
    check_is_fitted(fitted)
    now = as_it_is(fitted)
    return _of_mlp(now) if isinstance(now, BaseMLP) else _of_tabular(now)


def _of_mlp(estimator: Any) -> Described:
    from descend.estimators.mlp.file import document_of

    chosen = [estimator._fitted.networks[r] for r in estimator._fitted.chosen]
    nets = tuple(_net(network, share=1.0 / len(chosen)) for network in chosen)
    n = nets[0].spec.sizes[0]
    classes = getattr(estimator, "_classes", None)
    if classes is None:
        levels = getattr(estimator, "_learnt_levels", None)
        k = nets[0].spec.sizes[-1]
        known = () if levels is None else tuple(levels.tolist())
        mean, scale, least, most = np.zeros(k), np.ones(k), np.full(k, -np.inf), np.full(k, np.inf)
        residuals = None if known else estimator.__dict__.get("_uncertainty")
        answer = Answer("numbers", (), Decision(), mean, scale, least, most, known, k == 1, residuals)
    else:
        answer = _answer_of_classes(classes, divided=False)
    rows = estimator.__dict__.get("_looked_at")
    known = getattr(estimator, "feature_names_in_", ())
    features = _features(n, known)

    def ask(X: Any) -> Answers:
        v = estimator._fitted.output(X)
        if classes is None:
            from descend.estimators.mlp.regressor import _in_order

            return {PREDICTION: _flat(_in_order(v, getattr(estimator, "_learnt_levels", None)))}
        return _class_answers(classes.decode(v), classes.probabilities(v))

    source, read, parts = (
        type(estimator).__name__,
        _rows_reader(features, len(known) > 0),
        lambda: document_of(estimator),
    )
    found = Described(source, (), features, nets, None, answer, ask, read, parts)
    interval = _interval(answer, lambda X: Spreads.alone(estimator._fitted.output(X)))
    return replace(found, rows=rows if isinstance(rows, np.ndarray) else None, interval=interval)


def _of_tabular(estimator: Any) -> Described:
    from descend.estimators.tabular.file import document_of
    from descend.estimators.tabular.targets import ClassTarget

    columns, blend, target, sections = (
        getattr(estimator, name) for name in ("_columns", "_blend", "_target", "_sections")
    )

    def read(table: Any) -> Any:
        return inputs_of(columns, columns.table_of(table, with_target=False))

    raw = raw_columns(columns.known_readings(), columns.input_names, encoders_of(blend))
    if isinstance(target, ClassTarget):
        answer = _answer_of_classes(target.classes, divided=True, one_each=target.single)
        answer = replace(answer, decision=sections.decision or answer.decision)
    else:
        units = {name: getattr(target, name) for name in ("mean", "scale", "low", "high", "flat")}
        answer = Answer("numbers", **units)

    def ask(cells: Any) -> Answers:
        outputs = estimator._of_inputs(read(cells))
        if not isinstance(target, ClassTarget):
            return {PREDICTION: target.answers(outputs)}
        return _class_answers(estimator._answered(outputs), estimator._shown(outputs))

    answer = replace(answer, uncertainty=sections.uncertainty)
    nets, clip = _nets_of(blend), _clip_of(blend)
    source, parts = type(estimator).__name__, lambda: document_of(estimator)
    interval = _interval(answer, lambda cells: blend_answers(blend, read(cells), estimator.n_jobs))
    return Described(source, raw, (), nets, clip, answer, ask, read, parts, sections.summary, interval=interval)


def _answer_of_classes(classes: Any, *, divided: bool, one_each: bool = False) -> Answer:
    """What outputs become for `Classes` or `ColumnClasses`; `one_each`: two classes, too, have an output each."""
    several = getattr(classes, "columns", None)
    if several is None and classes.multilabel:
        return Answer("multilabel")
    columns, start = [], 0
    for one in several or (classes,):
        width = len(one.labels) if one_each else one.n_outputs
        share = divided if several is None else width > 1
        columns.append(ClassColumn(tuple(one.labels.tolist()), slice(start, start + width), share))
        start += width
    return Answer("columns" if several else "classes", tuple(columns))


def _class_answers(labels: Any, probabilities: Any) -> Answers:
    """Labels and probabilities by name; of several columns one each."""
    if not isinstance(probabilities, list):
        found = labels.toarray() if hasattr(labels, "toarray") else labels
        return {LABEL: np.asarray(found), PROBABILITIES: np.asarray(probabilities)}
    answers: Answers = {}
    for place, one in enumerate(probabilities):
        answers |= {f"{LABEL}_{place}": np.asarray(labels[:, place]), f"{PROBABILITIES}_{place}": np.asarray(one)}
    return answers


def _flat(v: Array) -> Array:
    return v[:, 0] if v.shape[1] == 1 else v
