"""What ``descend train`` found: the spread of the restarts, the winner, its scores, and what can be done next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from descend.cli.console import LABEL_WIDTH, count, duration, facts, listing, number, say, say_unbroken
from descend.cli.evaluate import baseline_words, learnt_nothing, scores_table
from descend.cli.options import shell_words

if TYPE_CHECKING:
    from rich.console import RenderableType

    from descend.models.train import Trained
    from descend.training.result import Training


WHAT_TO_TRY = (
    "Try more --epochs, another --learning-rate or the preset tabular; if that does not help, the inputs may say "
    "nothing about the target: look for a column that does."
)


def show_result(trained: Trained, path: Path, table: str, seconds: float) -> None:
    """Print everything about a finished training."""
    training = trained.training
    say("", facts([*spread_facts(training, seconds), *winner_facts(training)]))
    say("", *_score_parts(trained), "")
    say(facts([("Model", f"{path} ({_size(path)})")]))
    source = "TABLE" if table == "-" else table
    following = [
        ("predict", path, source),
        ("evaluate", path, source),
        ("step", path, source, "--row", 1),
        ("inspect", path),
    ]
    for place, words in enumerate(following):
        say_unbroken(f"{'' if place else 'Next':<{LABEL_WIDTH}} {shell_words('descend', *words)}")


def spread_facts(training: Training, seconds: float) -> list[tuple[str, RenderableType]]:
    """Say how different the restarts ended, and how many would have been enough."""
    spread, runs = training.spread, len(training.restarts)
    ended = [f"{n} {name}" for name in ("stopped early", "killed", "diverged") if (n := _ended(training, name))]
    head = f"{count(runs, 'restart')} in {duration(seconds)}{': ' if ended else ''}{', '.join(ended)}"
    if runs == 1:
        return [("Restarts", f"{head}. Give --restarts to try several and keep the best.")]
    losses = f"best {number(spread.best)}, median {number(spread.median)}, worst {number(spread.worst)}"
    if runs - spread.killed - spread.diverged == 1:
        losses = f"{number(spread.best)}, of the only one that was neither killed nor diverged"
    told: list[tuple[str, RenderableType]] = [("Restarts", head), ("", f"{training.selected_on} loss: {losses}")]
    if spread.killed:
        return [*told, ("", _killed_words(training))]
    chance = (
        f"A single run comes within 5% of the best loss with a chance of {spread.chance:.0%}; "
        f"{count(spread.enough, 'restart is', 'restarts are')} enough to do so with a chance of 95%."
    )
    return [*told, ("", chance)] if spread.enough else told


def _killed_words(training: Training) -> str:
    """Say when the race stopped restarts, and that nothing is known about their ends."""
    epochs = [len(one.loss_curve) for one in training.restarts if one.status == "killed"]
    when = listing(sorted(set(epochs)))
    who = "it" if len(epochs) == 1 else "they"
    return (
        f"The race stopped {count(len(epochs), 'restart')} after {when} epochs: where {who} "
        "would have ended is unknown, and so is the chance of a single run."
    )


def _ended(training: Training, status: str) -> int:
    return sum(one.status == status for one in training.restarts)


def winner_facts(training: Training) -> list[tuple[str, RenderableType]]:
    """Say which restart is kept, and by what it was chosen."""
    kept = training.restarts[training.winner]
    loss = f"{training.selected_on} loss {number(kept.best_loss)}"
    text = f"restart {kept.number}: {loss} at epoch {number(kept.best_epoch)}"
    if training.selected_on == "training":
        return [("Winner", f"{text}; there were no validation rows, so the training rows chose")]
    corrected = training.corrected_loss
    if corrected is None or training.spread.killed:
        return [("Winner", text)]
    return [("Winner", text), ("", f"corrected for being the best of {len(training.restarts)}: {number(corrected)}")]


def _score_parts(trained: Trained) -> list[RenderableType]:
    """Scores on untouched rows and on validation rows next to the baseline's, and what they are worth."""
    columns, words = {}, []
    if trained.test is not None:
        columns["untouched rows"] = trained.test.scores
        rows = count(trained.test.rows, "untouched row")
        words.append(f"The {rows} took no part in training or choosing: this score is honest.")
    if trained.validation is not None:
        columns["validation rows"] = trained.validation.scores
        rows = count(trained.validation.rows, "validation row")
        words.append(f"The {rows} chose the winner and its best epoch: that score is optimistic.")
    judged = trained.test or trained.validation
    if judged is None:
        return ["No rows were held out, so there is no honest score; leave out --test 0 to get one."]
    if judged.baseline:
        columns["baseline"] = judged.baseline
        words.append(baseline_words(judged.task))
    if verdict := learnt_nothing(judged):
        words += ["", f"{verdict} {WHAT_TO_TRY}"]
    return [scores_table(columns), "", *words]


def _size(path: Path) -> str:
    size = path.stat().st_size
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(1, round(size / 1e3))} kB"
