"""The words of a report that no other face needs: headings, what it comes to, simpler models, what was left out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from descend.describe.facts import Fact, Grid
from descend.describe.numbers import count, number, with_error
from descend.describe.reading import reading_words
from descend.describe.scores import ERROR_WORDS as ERROR_WORDS
from descend.describe.scores import label, scores_grid
from descend.describe.table import KINDS
from descend.errors import cut
from descend.preprocessing.summaries.columns import NumberSummary
from descend.tables.columns.column import date_text

if TYPE_CHECKING:
    from descend.explanations.importance import Importance
    from descend.models.model import Model
    from descend.models.scores import Evaluation

MOST_ROWS = 30  # of a table in a report
MODEL, LINEAR, TRIVIAL = "this model", "linear model", "baseline"
RESULT, ANSWERS, DATA, TRAINING = "The result", "The answers", "What was learnt from what", "How it was learnt"
COLUMNS, DRIFT, NETWORKS = "What the columns say", "New rows and training rows", "Weights and nodes"
REPEAT = "How to repeat it"
REPEATED = (
    "Options of the table itself (types, columns left out, how rows are split, weights) stand in the sections above."
)
NO_ROWS = "No rows were held out, so there is no honest score and nothing is said of answers to new rows."
RELEARNT = (
    "The networks have been learnt again on all rows since: what is said of answers is the score of before, and "
    "figures of single rows are left out. A table that the model has not learnt gives them: descend report MODEL TABLE."
)
NO_CURVES = "A file keeps where the restarts ended, not the way there: curves are in reports of the training only."
GRADIENTS = (
    "The mean size of a column is how much it moves an answer up or down from the average one, averaged over rows, by "
    "the exact gradients of the networks (expected gradients); of more than two classes, all of them together."
)
NOT_CAUSES = "All of this says what the model does with the columns, not what causes what."
DRIFTS = "The rows that judge are compared with the training rows."
DIFFERING = "Each column, those that differ first"
TABLE, SPLIT = "Data", "Split"  # labels of facts that say where rows came from
TRAINING_COLUMNS, GIVEN = "The columns, in the training rows", "What the networks are given of each column"
WORTH = "What each column is worth"
MEMBERS, COUNTING = "The members of the blend", "The members that count"
ALONE = "What parts of the blend reach without the others"
ON_THE_DAY = "Scores on the day of training"
LAYERS, IDLE = "Its layers", "Hidden nodes that do little or nothing"
STDIN = "standard input"
IN_INTERVAL = "lie in their intervals; the mean width is"
IN_SET = "have their class in their set; the mean number of classes in a set is"


def judged_on(rows: int, source: str) -> str:
    """Say which rows judge.

    Examples
    --------
    >>> judged_on(69, ""), judged_on(344, "penguins.csv")
    ('69 untouched rows', '344 rows of penguins.csv')
    """
    return f"{count(rows, 'row')} of {cut(source)}" if source else count(rows, "untouched row")


def chose_on(rows: int) -> str:
    """Say that the rows that judge are those that chose.

    Examples
    --------
    >>> chose_on(120)
    'the 120 rows by which the best was chosen (optimistic)'
    """
    return f"the {count(rows, 'row')} by which the best was chosen (optimistic)"


def lead_words(target: str, evaluation: Evaluation, where: str, by: str = "accuracy") -> str:
    """Say what a report comes to.

    Parameters
    ----------
    target : str
        What is predicted.
    evaluation : Evaluation
        On the rows that judge.
    where : str
        Which rows.
    by : {"accuracy", "balanced_accuracy"}, default "accuracy"
        As of `main_score`.

    Examples
    --------
    >>> from descend.models.scores import Evaluation
    >>> told = Evaluation("regress", 9, {"r2": 0.9, "mae": 2.0}, {"mae": 8.0}, errors={"mae": 0.1})
    >>> lead_words("price", told, "9 untouched rows")
    'On 9 untouched rows predictions of price are off by 2.0000 ± 0.1000 on average; always the same answer, by 8.0000.'
    """
    numbers = evaluation.task == "regress"
    name = "mae" if numbers else main_score(evaluation, by)
    value = with_error(evaluation.scores[name], evaluation.errors.get(name))
    same = with_error(evaluation.baseline.get(name), None) if name in evaluation.baseline else ""
    if numbers:
        end = f"; always the same answer, by {same}" if same else ""
        return f"On {where} predictions of {cut(target)} are off by {value} on average{end}."
    end = f"; that of always answering the same is {same}" if same else ""
    return f"On {where} the {label(name)} of {cut(target)} is {value}{end}."


def title_of(target: str, record: Mapping[str, Any]) -> str:
    """Return the heading of a report.

    Examples
    --------
    >>> title_of("species", {"table": {"source": "penguins.csv"}})
    'species, learnt from penguins.csv'
    """
    source = (record.get("table") or {}).get("source")
    return f"{cut(target)}, learnt from {cut(source)}" if source else cut(target)


def what_answers(model: Model) -> str:
    """Say in a sentence what a model is."""
    task, inputs = model.preprocessing.task, count(len(model.preprocessing.input_names), "column")
    what = f"one of {len(task.classes)} classes" if task.kind == "classify" else "a number"
    networks = 1 if model.blend is None else sum(len(one.nets) for one in model.blend.members)
    who = "A small neural network predicts" if networks == 1 else f"{networks} small neural networks together predict"
    return f"{who} {cut(model.preprocessing.target)}, {what}, from {inputs}."


def looked_into(member: str, fold: int) -> str:
    """Say which network of a blend is looked into.

    Examples
    --------
    >>> looked_into("tri", 0)
    'Here the network of member tri and fold 0 is looked into, the first of the heaviest member.'
    """
    return f"Here the network of member {member} and fold {fold} is looked into, the first of the heaviest member."


def main_score(evaluation: Evaluation, by: str = "accuracy") -> str:
    """Return the score that stands for all: of classes what chose the answers if something did, else `by`.

    Parameters
    ----------
    evaluation : Evaluation
        On the rows that judge.
    by : {"accuracy", "balanced_accuracy"}, default "accuracy"
        From `descend.describe.scores.compared_by`.
    """
    if evaluation.task == "regress":
        return "r2" if math.isfinite(evaluation.scores["r2"]) else "rmse"
    chosen = [name for name in ("f1", "mcc", "cost") if name in evaluation.scores]
    return chosen[0] if chosen else by


def result_grid(evaluation: Evaluation, linear: Evaluation | None) -> Grid:
    """Return the scores of a model next to those of a linear and of a trivial one.

    Parameters
    ----------
    evaluation : Evaluation
        Of the model, with its baseline.
    linear : Evaluation or None
        Of a linear model.

    Examples
    --------
    >>> from descend.models.scores import Evaluation
    >>> result_grid(Evaluation("regress", 9, {"r2": 0.9}, {"r2": 0.0}), None).rows
    (('R²', '0.9000', '0.0000'),)
    """
    columns = {MODEL: evaluation.scores} | ({} if linear is None else {LINEAR: linear.scores})
    columns |= {TRIVIAL: evaluation.baseline} if evaluation.baseline else {}
    errors = {MODEL: evaluation.errors} | ({} if linear is None else {LINEAR: linear.errors})
    return scores_grid(columns, errors)


def targets_grid(judged: Sequence[tuple[str, Evaluation, Evaluation | None]]) -> Grid:
    """Return a row for each of several targets: its scores, next to those of a linear and of a trivial model.

    Examples
    --------
    >>> from descend.models.scores import Evaluation
    >>> one = Evaluation("regress", 9, {"r2": 0.9, "rmse": 2.0}, {"r2": 0.0}, errors={"r2": 0.01})
    >>> targets_grid([("x", one, None)]).rows
    (('x', 'R²', '0.9000 ± 0.0100', '0.0000'), ('', 'root mean squared error', '2.0000', '–'))
    """
    heads = ["target", "score", MODEL]
    heads += [LINEAR] if any(linear for _, _, linear in judged) else []
    heads += [TRIVIAL] if any(evaluation.baseline for _, evaluation, _ in judged) else []
    rows = []
    for target, evaluation, linear in judged[:MOST_ROWS]:
        for place, name in enumerate(list(evaluation.scores)[:2]):
            cells = {MODEL: with_error(evaluation.scores[name], evaluation.errors.get(name))}
            cells[LINEAR] = "–" if linear is None else with_error(linear.scores.get(name), linear.errors.get(name))
            cells[TRIVIAL] = with_error(evaluation.baseline.get(name), None)
            rows.append(("" if place else cut(target), label(name), *(cells[head] for head in heads[2:])))
    return Grid(tuple(heads), tuple(rows), words=(0, 1))


def linear_words(classes: bool, learning: bool) -> str:
    """Say what the linear model is.

    Parameters
    ----------
    classes : bool
        Whether it answers classes.
    learning : bool
        Whether it has learnt the training rows; if not, four fifths of the rows that judge, for the others.

    Examples
    --------
    >>> linear_words(True, True).partition(" behind ")[0]
    "The linear model is scikit-learn's logistic regression"
    """
    what = "logistic regression" if classes else "ridge regression"
    how = (
        "it has learnt the training rows."
        if learning
        else "the training rows are not kept, so it learns four fifths of these rows and answers the others, in turn."
    )
    return f"The linear model is scikit-learn's {what} behind the same preprocessing; {how}"


def beside_linear(evaluation: Evaluation, linear: Evaluation | None, by: str = "accuracy") -> str:
    """Say that a linear model is better or as good; "" if it is worse by more than a standard error, or not there.

    Examples
    --------
    >>> from descend.models.scores import Evaluation
    >>> ours, linear = (Evaluation("regress", 9, {"r2": r2}, errors={"r2": 0.03}) for r2 in (0.9, 0.91))
    >>> beside_linear(ours, linear)
    'On these rows the linear model is about as good: its R² differs by less than the standard error.'
    """
    if linear is None or (name := main_score(evaluation, by)) not in linear.scores:
        return ""
    ahead = (linear.scores[name] - evaluation.scores[name]) * (-1 if name in ("rmse", "cost") else 1)
    errors = (one.errors.get(name, 0.0) for one in (evaluation, linear))
    error = math.hypot(*(one if math.isfinite(one) else 0.0 for one in errors))
    if ahead < -error or not math.isfinite(ahead):
        return ""
    if ahead > error:
        return f"On these rows the linear model is better, by its {label(name)}: use it, or train longer."
    return (
        f"On these rows the linear model is about as good: its {label(name)} differs by less than the standard error."
    )


def coverage_words(inside: int, rows: int, width: float, where: str) -> str:
    """Say how many rows lie in their intervals of 90 %, or have their class in their sets, and how wide these are.

    Examples
    --------
    >>> coverage_words(90, 100, 2.5, IN_INTERVAL)
    '90 of 100 rows (90 % ± 3 %) lie in their intervals; the mean width is 2.5.'
    """
    share = inside / rows
    error = math.sqrt(share * (1.0 - share) / rows)
    told = f"{inside:,} of {count(rows, 'row')} ({number(100 * share, 3)} % ± {number(100 * error, 2)} %)"
    return f"{told} {where} {number(width)}."


def training_columns_grid(model: Model) -> Grid | None:
    """Return the columns that a model reads, as the training rows had them; None if it keeps no summary of them.

    Parameters
    ----------
    model : Model
        Just trained or loaded.
    """
    summary, readings = model.sections.summary, model.preprocessing.known_readings()
    if summary is None:
        return None
    rows = []
    for name, one in summary.columns.items():
        missing = f"{one.missing:,}" if one.missing else "·"
        rows.append((cut(name, 40), KINDS[one.kind], _values(one), missing, reading_words(readings[name])))
    return Grid(("column", "type", "values", "missing", "read as"), tuple(rows), words=(0, 1, 2, 4))


def _values(one: Any) -> str:
    if isinstance(one, NumberSummary):
        if not len(one.quantiles):
            return "–"
        write = (lambda x: date_text(float(x))) if one.kind == "date" else number
        return f"{write(float(one.quantiles[0]))} … {write(float(one.quantiles[-1]))}"
    if one.kind == "boolean":
        return "yes/no"
    first = ", ".join(cut(level, 20) for level in one.levels[:3])
    return first if len(one.levels) <= 3 else f"{len(one.levels):,} different: {first}, …"


def first_rows(grid: Grid, most: int = MOST_ROWS) -> tuple[Grid, str]:
    """Return the first rows of a table, and what is said of the others.

    Examples
    --------
    >>> first_rows(Grid(("a",), (("1",), ("2",), ("3",))), 2)
    (Grid(heads=('a',), rows=(('1',), ('2',)), words=(0,)), '1 more row is not shown.')
    """
    more = len(grid.rows) - most
    if more <= 0:
        return grid, ""
    told = f"{count(more, 'more row is', 'more rows are')} not shown."
    return Grid(grid.heads, grid.rows[:most], grid.words), told


def headed(grid: Grid) -> Grid:
    """Return the table of a drift with a head above its names.

    Examples
    --------
    >>> headed(Grid(("", "now"), ())).heads
    ('column or prediction', 'now')
    """
    return Grid(("column or prediction", *grid.heads[1:]), grid.rows, grid.words)


def worth_grid(found: Importance, sizes: Mapping[str, float], unit: str) -> Grid:
    """Return what columns are worth: the increase of the loss without each, and how much it moves answers.

    Parameters
    ----------
    found : Importance
        Of the rows that judge.
    sizes : mapping of str to float
        Column -> mean size of what it adds to an answer; empty if that is not known.
    unit : str
        Of these sizes.

    Examples
    --------
    >>> import numpy as np
    >>> from descend.explanations.importance import Importance
    >>> found = Importance(("a",), np.array([2.0]), np.array([0.25]), "RMSE", 1.5)
    >>> worth_grid(found, {"a": 12.0}, "price").rows
    (('a', '2.0000 ± 0.2500', '12'),)
    """
    each = zip(found.columns, found.increase.tolist(), found.error.tolist(), strict=True)
    rows = [
        (cut(name, 40), with_error(increase, error), *([number(sizes.get(name))] if sizes else []))
        for name, increase, error in each
    ]
    heads = ("column", f"increase of {found.metric}", *([f"mean size, {cut(unit, 30)}"] if sizes else []))
    return Grid(heads, tuple(rows[:MOST_ROWS]))


def some_rows_words(taken: int, rows: int) -> str:
    """Say that not all rows were looked at, or nothing if they were.

    Examples
    --------
    >>> some_rows_words(500, 2400), some_rows_words(9, 9)
    ('Measured on 500 of the 2,400 rows, evenly spaced.', '')
    """
    return "" if taken == rows else f"Measured on {taken:,} of the {count(rows, 'row')}, evenly spaced."


def few_rows_words(rows: int, least: int) -> str:
    """Say that too few rows judge to look at nodes.

    Examples
    --------
    >>> few_rows_words(1, 20)
    'Whether its hidden nodes do their work is not said: that takes 20 rows; here is 1 row.'
    """
    there = f"here {'is' if rows == 1 else 'are'} {count(rows, 'row')}"
    return f"Whether its hidden nodes do their work is not said: that takes {least} rows; {there}."


def repeat_facts(record: Mapping[str, Any], command: Sequence[str], weights: str) -> list[Fact]:
    """Say what it takes to make the same again.

    Parameters
    ----------
    record : mapping
        `Model.record`, or that of a training.
    command : sequence of str
        Commands as they are typed.
    weights : str
        Hash of all weights.

    Examples
    --------
    >>> repeat_facts({"descend": "0.2", "python": "3.11", "seed": 0}, ["descend train t.csv"], "ab12")
    [('Command', 'descend train t.csv'), ('Seed', '0'), ('Versions', 'descend 0.2, python 3.11'), ('Weights', 'ab12')]
    """
    facts: list[Fact] = [("" if place else "Command", one) for place, one in enumerate(command)]
    if "seed" in record:
        facts.append(("Seed", str(record["seed"])))
    if table := record.get("table"):
        facts.append(("Table", f"{table['source']}, SHA-256 of its content {table['content_hash']}"))
    made = [f"{name} {record[name]}" for name in ("descend", "numpy", "python") if name in record]
    made += [f"instruction set {record['isa']}"] if "isa" in record else []
    return [*facts, ("Versions", ", ".join(made)), ("Weights", weights)]
