"""What ``descend train`` found: restarts and their winner, or a blend; scores, and what can be done next."""

from __future__ import annotations

from pathlib import Path

from descend.cli.console import LABEL_WIDTH, facts, say, say_unbroken, shell_words, table
from descend.describe.blend import SAME_ROWS, alone_grid, blend_facts, loss_words, members_grid
from descend.describe.facts import Fact
from descend.describe.numbers import duration, file_size
from descend.describe.scores import NO_HONEST_SCORE, compared_by, learnt_nothing, trained_scores, worth_words
from descend.describe.training import spread_facts, winner_facts
from descend.describe.uncertainty import uncertainty_facts
from descend.models.blends.result import BlendTraining
from descend.models.train import Trained
from descend.tables.pieces.named import names_several
from descend.training.result import Training

TRY_SEVERAL = "Give --restarts to try several and keep the best."
HOLD_OUT = "leave out --test 0 to get one"
WHAT_TO_TRY = (
    "Try more --epochs, another --learning-rate or a blend (--preset tabular); if that does not help, the inputs may "
    "say nothing about the target: look for a column that does."
)
BLEND_HAS_TRIED = "The inputs may say nothing about the target: look for a column that does."


def show_result(trained: Trained, path: Path, source: str, seconds: float, report: Path | None = None) -> None:
    """Print everything about a finished training.

    Parameters
    ----------
    trained : Trained
        The model and its scores.
    path : Path
        Where the model was written.
    source : str
        The table, as it was typed.
    seconds : float
        How long the training took.
    report : Path or None, default None
        Where a report was written.
    """
    training, record = trained.training, trained.model.record
    if isinstance(training, BlendTraining):
        say("", facts(blend_facts(record, duration(seconds))), "", table(members_grid(record)), "", loss_words(record))
    else:
        say("", facts([*spread_facts(training, seconds, TRY_SEVERAL), *winner_facts(training)]))
    say()
    _say_scores(trained)
    if alone := alone_grid(record["scores"]):
        say("", table(alone), "", SAME_ROWS)
    known = uncertainty_facts(trained.model.sections.uncertainty)
    written: list[Fact] = [(label, _file(one)) for label, one in (("Model", path), ("Report", report)) if one]
    say("", facts([*known, *written]))
    _say_next(path, "TABLE" if source == "-" else source)


def _file(path: Path) -> str:
    return f"{path} ({file_size(path.stat().st_size)})"


def _say_scores(trained: Trained) -> None:
    """Scores next to the baseline's, what they are worth, and what to try if nothing was learnt."""
    scores = trained_scores(trained)
    if scores is None:
        say(f"{NO_HONEST_SCORE}; {HOLD_OUT}.")
        return
    say(table(scores), "", *worth_words(trained))
    judged = trained.test or trained.validation
    if judged and (verdict := learnt_nothing(judged, compared_by(trained.model.record))):
        say("", f"{verdict} {WHAT_TO_TRY if isinstance(trained.training, Training) else BLEND_HAS_TRIED}")


def _say_next(path: Path, source: str) -> None:
    following = [
        ("predict", path, source),
        ("evaluate", path, source),
        *([] if names_several(source) else [("step", path, source, "--row", 1)]),  # which reads one file
        ("inspect", path),
    ]
    for place, words in enumerate(following):
        say_unbroken(f"{'' if place else 'Next':<{LABEL_WIDTH}} {shell_words('descend', *words)}")
