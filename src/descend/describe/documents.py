"""What the commands say, as plain data: documents of ``--json``; `docs/reference/json-output.md` names every field."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from descend.describe.reading import reading_words
from descend.describe.scores import compared_by, learnt_nothing
from descend.describe.uncertainty import uncertainty_document
from descend.models.blends.result import BlendTraining
from descend.models.model import Model
from descend.tables.datasets import datasets
from descend.version import __version__

if TYPE_CHECKING:
    from descend.explanations.importance import Importance
    from descend.models.blends.blend import BlendMember
    from descend.models.distil.of_model import Distilled
    from descend.models.scores import Evaluation
    from descend.models.train import Trained
    from descend.models.updating.of_model import Update
    from descend.nets.network import Network


def document(command: str, **fields: Any) -> dict[str, Any]:
    """Return the document of a command: which one, of which version, and its fields.

    Examples
    --------
    >>> document("datasets", datasets=[])["command"]
    'datasets'
    """
    return {"descend": __version__, "command": command} | fields


def inspected_document(loaded: Any, path: Path) -> dict[str, Any]:
    """Return what a file holds.

    Parameters
    ----------
    loaded : Model, Network or estimator
        As `descend.load` gives it.
    path : Path
        The file.
    """
    return document("inspect", model=str(path), bytes=path.stat().st_size, **_held(loaded))


def trained_document(
    trained: Trained, table: str, path: Path, seconds: float, report: Path | None = None
) -> dict[str, Any]:
    """Return what a training gave.

    Parameters
    ----------
    trained : Trained
        The model and its scores.
    table : str
        As it was typed.
    path : Path
        Where the model was written.
    seconds : float
        How long the training took.
    report : Path or None, default None
        Where a report was written.
    """
    judged = {"test": trained.test, "validation": trained.validation}
    spread = None if isinstance(trained.training, BlendTraining) else asdict(trained.training.spread)
    return document(
        "train",
        model=str(path),
        bytes=path.stat().st_size,
        report=None if report is None else str(report),
        table=table,
        seconds=seconds,
        spread=spread,
        confusion={name: None if one is None else _confusion(one) for name, one in judged.items()},
        **_held(trained.model),
    )


def distilled_document(
    found: Distilled,
    files: tuple[Path, str | None, Path],
    sizes: tuple[int, int],
    times: tuple[float, float] | None,
    seconds: float,
) -> dict[str, Any]:
    """Return what a distillation gave.

    Parameters
    ----------
    found : Distilled
        The network, and what it lost.
    files : tuple
        Model and table as they were typed (or None), and where the network was written.
    sizes : tuple of int
        Bytes of model and network.
    times : tuple of float or None
        Microseconds of an answer to a record.
    seconds : float
        How long it took.
    """
    model, table, path = files
    told = found.model.record["distilled"]
    before, after = (None, None) if times is None else times
    both = {"teacher": found.teacher, "student": found.student}
    judged = {name: one for name, one in both.items() if one is not None}
    rows = None if found.teacher is None else found.teacher.rows
    return document(
        "distil",
        model=str(path),
        bytes=sizes[1],
        microseconds=after,
        teacher={"model": str(model), "bytes": sizes[0], "microseconds": before}
        | {name: told[name] for name in ("networks", "weights")},
        table=table,
        seconds=seconds,
        rows=told["rows"],
        given=told["given"],
        likeness=told["likeness"],
        judged={"rows": rows, "learnt": None if found.teacher is None else found.teacher.learnt},
        scores={name: one.scores for name, one in judged.items()},
        errors={name: one.errors for name, one in judged.items()},
        network=found.model.network.spec.to_dict(),
    )


def updated_document(
    found: Update, start: Path, table: str, path: Path, seconds: float, replaced: bool
) -> dict[str, Any]:
    """Return what learning on gave.

    Parameters
    ----------
    found : Update
        The model that stays, and the scores of both.
    start : Path
        The model that went on.
    table : str
        As it was typed.
    path : Path
        Where the model that stays was written.
    seconds : float
        How long it took.
    replaced : bool
        Whether that is where the model lay that went on.
    """
    return document(
        "train from",
        model=str(path),
        bytes=path.stat().st_size,
        start=str(start),
        replaced=replaced,
        table=table,
        target=found.model.preprocessing.target,
        seconds=seconds,
        learnt=found.rows,
        known=found.known,
        known_judging=found.old.learnt,
        comparison=found.comparison.to_dict(),
        scores={"old": found.old.scores, "new": found.new.scores},
        errors={"old": found.old.errors, "new": found.new.errors},
        updates=len(found.model.record["updates"]),
    )


def evaluated_document(
    model: Model, evaluation: Evaluation, path: Path, table: str, importance: Importance | None = None
) -> dict[str, Any]:
    """Return how good a model is on a table.

    Parameters
    ----------
    model : Model
        That was judged.
    evaluation : Evaluation
        On the table.
    path : Path
        Of the model.
    table : str
        As it was typed.
    importance : Importance or None
        What columns are worth on the table, if that was asked for.
    """
    by = compared_by(model.record, model.decision.by is not None)
    return document(
        "evaluate",
        model=str(path),
        table=table,
        target=model.preprocessing.target,
        task=evaluation.task,
        rows=evaluation.rows,
        learnt=evaluation.learnt,
        weighted=evaluation.weighted,
        scores=evaluation.scores,
        errors=evaluation.errors,
        baseline=evaluation.baseline,
        better_than_baseline=not learnt_nothing(evaluation, by),
        classes=list(evaluation.classes) or None,
        confusion=_confusion(evaluation),
        calibration=evaluation.calibration and evaluation.calibration.to_dict(),
        importance=importance and _importance(importance),
    )


def _importance(found: Importance) -> dict[str, Any]:
    each = zip(found.columns, found.increase.tolist(), found.error.tolist(), strict=True)
    columns = [{"column": name, "increase": increase, "error": error} for name, increase, error in each]
    return {"metric": found.metric, "loss": found.loss, "columns": columns}


def datasets_document() -> dict[str, Any]:
    """Return the bundled tables.

    Examples
    --------
    >>> [one["name"] for one in datasets_document()["datasets"]][:2]
    ['penguins', 'diamonds']
    """
    return document("datasets", datasets=[asdict(one) | {"path": str(one.path)} for one in datasets()])


# ---------------------------------------------------------------- parts


def _held(loaded: Any) -> dict[str, Any]:
    """What a model, a network or an estimator is; of an estimator its best network, of one for tables its first."""
    members = getattr(loaded, "members_", None)
    first = loaded if members is None else members[0].nets[0].network
    network: Network = getattr(first, "network_", getattr(first, "network", first))
    about = {"dtype": network.dtype.name, "seed": network.seed, "weights": network.spec.theta_size}
    held: dict[str, Any] = {"kind": type(loaded).__name__, "network": network.spec.to_dict() | about}
    if not isinstance(loaded, Model):
        nothing = dict.fromkeys(("target", "task", "inputs", "learnt_rows", "blend", "uncertainty", "record"))
        return held | nothing | ({} if members is None else {"blend": [_member(one) for one in members]})
    prep, readings = loaded.preprocessing, loaded.preprocessing.known_readings()
    inputs = [
        {
            "name": one.name,
            "kind": one.kind,
            "read": reading_words(readings[one.name]),
            "features": list(one.feature_names),
        }
        for one in prep.encoders
    ]
    task = {"kind": prep.task.kind, "classes": list(prep.task.classes) or None}
    rows = None if loaded.learnt is None else loaded.learnt.rows
    blend = None if loaded.blend is None else [_member(one) for one in loaded.blend.members]
    about = {"target": prep.target, "task": task, "inputs": inputs, "learnt_rows": rows, "blend": blend}
    about["uncertainty"] = uncertainty_document(loaded.sections.uncertainty)
    return held | about | {"record": loaded.record}


def _member(member: BlendMember) -> dict[str, Any]:
    """A member of a blend, with its networks."""
    networks = [
        {"fold": net.place.fold, "start": net.place.start, "sizes": list(net.network.spec.sizes)} for net in member.nets
    ]
    return {"name": member.name, "weight": member.weight, "networks": networks}


def _confusion(evaluation: Evaluation) -> list[list[int]] | None:
    return None if evaluation.confusion is None else evaluation.confusion.tolist()
