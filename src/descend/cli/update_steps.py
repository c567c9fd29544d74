"""What ``descend train --from MODEL`` does: check, learn on, save what stays, and say which that is."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from time import monotonic
from typing import Any

from descend.cli.console import LABEL_WIDTH, facts, say, say_json, say_unbroken, shell_words, table
from descend.cli.errors import raise_usage
from descend.cli.interrupt import finishing
from descend.cli.live_blend import watched_further
from descend.cli.models import load_table_model
from descend.cli.notes import warnings_as_notes
from descend.cli.output import model_problem, same_file
from descend.describe.documents import updated_document
from descend.describe.numbers import file_size
from descend.describe.scores import ERROR_WORDS
from descend.describe.updating import old_and_new_grid, update_facts, verdict_words
from descend.errors import cut, quoted
from descend.files.atomic import remove_halves
from descend.files.lock import only_writer
from descend.models.model import Model
from descend.models.updating.going_on import UpdateOptions
from descend.models.updating.of_model import RowOptions, Update, update_model

REFUSED = (  # parameters of `descend train` that would make another model
    *("task", "drop", "types", "decimal", "date_format", "test", "validation", "row_hashes", "weight"),
    *("class_weight", "preset", "quality", "time_limit", "refit", "hidden", "activation", "restarts", "race"),
    *("batch_size", "learning_rate", "optimizer", "l2", "dropout", "resume"),
    *("prior_correction", "threshold", "costs", "report", "cluster"),
)
USUAL = {"task": "auto", "test": "0.2", "row_hashes": True}  # values of options that were not typed, if they have some


def learn_on(given: Mapping[str, Any], start: Path) -> None:
    """Go on with a model.

    Parameters
    ----------
    given : mapping
        The options of ``descend train`` by the names of its parameters; others are passed over.
    start : Path
        The model.
    """
    path: Path = given["output"] or start.with_name(f"{start.stem}-updated.descend")
    _check(given, path)
    with only_writer(path):
        model = load_table_model(start)
        _check_target(given["target"], model)
        options = UpdateOptions(epochs=given["epochs"], seed=given["seed"], n_jobs=given["jobs"])
        columns = RowOptions(given["group"], given["time"], tuple(given["missing"] or ()))
        begun = monotonic()
        silent = nullcontext(lambda done, networks: None)
        with warnings_as_notes(), silent if given["as_json"] else watched_further() as on_net:
            found = update_model(model, given["table"], options, columns, on_net)
        seconds = monotonic() - begun
        replaced = same_file(path, [str(start)])
        remove_halves(path)
        finishing()
        found.model.save(path)
    if given["as_json"]:
        say_json(updated_document(found, start, given["table"], path, seconds, replaced))
    else:
        _show(found, given["table"], path, seconds, replaced)


def _check(given: Mapping[str, Any], path: Path) -> None:
    """Refuse what would change the model's structure, and what cannot be.

    Raises
    ------
    UsageError
        Listing all that is wrong.
    """
    typed = [name for name in REFUSED if given[name] != USUAL.get(name) and (given[name] or name in USUAL)]
    refused = [f"--{name.removesuffix('s') if name == 'types' else name.replace('_', '-')}" for name in typed]
    problems = []
    if refused:
        said = "cannot be given with --from: the model stays as it is made, and its weights go on"
        problems.append(f"{', '.join(refused)} {said}. Leave it out, or train anew.")
    if given["epochs"] is not None and given["epochs"] < 1:
        problems.append(f"--epochs must be a whole number ≥ 1; got {given['epochs']}.")
    if given["seed"] < 0:
        problems.append(f"--seed must be a whole number ≥ 0; got {given['seed']}.")
    if given["jobs"] is not None and given["jobs"] < 1:
        problems.append(f"--jobs must be a whole number ≥ 1; got {given['jobs']}.")
    if given["group"] is not None and given["time"] is not None:
        problems.append("rows are split by --group or by --time, not both.")
    if problem := model_problem(path, [given["table"]], given["force"]):
        problems.append(problem)
    raise_usage("train", problems)


def _check_target(target: str | None, model: Model) -> None:
    known = model.preprocessing.target
    if target is not None and target != known:
        raise_usage(
            "train", [f"--target must be that of the model, {quoted(known)}, or be left out; got {quoted(target)}."]
        )


def _show(found: Update, source: str, path: Path, seconds: float, replaced: bool) -> None:
    told = found.model.record["updates"][-1]
    target = [("Target", cut(found.model.preprocessing.target))]
    say("", facts([*target, *update_facts(told, seconds)]), "", table(old_and_new_grid(found)), "", ERROR_WORDS)
    say(verdict_words(found.better))
    where = "; it took the place of the one that went on" if replaced else ""
    say("", facts([("Model", f"{path} ({file_size(path.stat().st_size)}){where}")]))
    following = [("predict", path, "TABLE" if source == "-" else source), ("inspect", path)]
    for place, words in enumerate(following):
        say_unbroken(f"{'' if place else 'Next':<{LABEL_WIDTH}} {shell_words('descend', *words)}")
