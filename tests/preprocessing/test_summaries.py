"""What a model keeps of its training rows is right, comes back from a file, and rows drawn from it are like them."""

import copy
import dataclasses
import json

import numpy as np
import pytest

from descend.errors import FileError
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.summaries.columns import NumberSummary, summarise_column, summarise_numbers
from descend.preprocessing.summaries.draw import draw
from descend.preprocessing.summaries.file import summary_from_parts, summary_parts
from descend.preprocessing.summaries.table import TableSummary, summarise
from descend.tables.columns.column import make_column


def inputs_of(**columns) -> Inputs:
    return Inputs({name: make_column(name, *given) for name, given in columns.items()})


def mixed(rows: int = 600, seed: int = 0) -> Inputs:
    random = np.random.default_rng(seed)
    a = random.normal(size=rows)
    gaps = np.where(random.random(rows) < 0.2, np.nan, np.round(np.exp(a)))
    levels = np.where(a > 0.8, "high", np.where(random.random(rows) < 0.3, "odd", "low")).astype(object)
    levels[:30] = ""
    return inputs_of(
        a=("number", a),
        gaps=("number", gaps),
        level=("category", levels),
        flag=("boolean", np.where(random.random(rows) < 0.25, 1.0, 0.0)),
        day=("date", np.floor(random.random(rows) * 1000) * 86_400.0),
        gone=("number", np.full(rows, np.nan)),
    )


def same(one: TableSummary, other: TableSummary) -> bool:
    alike = one.rows == other.rows and one.scores == other.scores and list(one.columns) == list(other.columns)
    numbers = np.array_equal(one.mean, other.mean) and np.array_equal(one.covariance, other.covariance)
    alike = alike and len(one.answers) == len(other.answers) and all(map(equal, one.answers, other.answers))
    return alike and numbers and all(equal(one.columns[name], other.columns[name]) for name in one.columns)


def equal(one, other) -> bool:
    return all(np.array_equal(getattr(one, f.name), getattr(other, f.name)) for f in dataclasses.fields(one))


def answered(rows: Inputs) -> TableSummary:
    return dataclasses.replace(summarise(rows), answers=(summarise_numbers("high", np.arange(40.0) / 40),))


def kinds(inputs: Inputs) -> dict[str, str]:
    return {name: column.kind for name, column in inputs.columns.items()}


def test_a_number_is_its_quantiles_and_ranks_are_those_of_the_rows():
    values = np.arange(1000.0) ** 2
    one = summarise_column(make_column("a", "number", np.append(values, np.nan)))
    assert isinstance(one, NumberSummary)
    assert (one.rows, one.missing, one.there, len(one.quantiles)) == (1001, 1, 1000, 257)
    np.testing.assert_allclose(one.ranks(values), np.arange(1000) / 999, atol=1e-3)
    np.testing.assert_allclose(one.at(np.arange(1000) / 999), values, rtol=1e-2, atol=60)


def test_values_that_are_few_are_never_made_up():
    one = summarise_column(make_column("a", "number", [0.0] * 700 + [1.5] * 200 + [4.0] * 100))
    assert set(one.at(np.linspace(0, 1, 501))) == {0.0, 1.5, 4.0}
    assert abs((one.at((np.arange(1000) + 0.5) / 1000) == 0.0).mean() - 0.7) < 0.01


@pytest.mark.parametrize("values", [[3.0], [3.0, 3.0], [np.nan, np.nan]])
def test_columns_that_never_differ_have_a_middle_rank(values):
    one = summarise_column(make_column("a", "number", values))
    assert one.ranks(np.array([1.0, 3.0])).tolist() == [0.5, 0.5] or len(one.quantiles) == 2


def test_how_many_values_each_quantile_has_below_it_is_exact_whatever_is_repeated():
    values = np.where(np.arange(3000) % 3 == 0, 0.0, np.arange(3000) * 0.7)
    one = summarise_column(make_column("a", "number", values))
    assert one.below.tolist() == [(values < q).sum() for q in one.quantiles]
    assert one.up_to.tolist() == [(values <= q).sum() for q in one.quantiles]


def test_levels_are_counted_the_most_frequent_first():
    one = summarise_column(make_column("c", "category", ["b", "a", "b", "", "c"]))
    assert (one.levels, one.counts, one.missing, one.single, one.rest) == (("b", "a", "c"), (2, 1, 1), 1, 2, 0)
    assert one.codes(make_column("c", "category", ["a", "new", "", "b"])).tolist() == [1, -2, -1, 0]
    yes = summarise_column(make_column("f", "boolean", [1.0, np.nan, 0.0, 1.0]))
    assert (yes.levels, yes.counts) == (("no", "yes"), (1, 2))
    assert yes.codes(make_column("f", "boolean", [1.0, np.nan, 0.0])).tolist() == [1, -1, 0]


def test_of_very_many_levels_the_rest_is_counted():
    texts = [f"id {k:05d}" for k in range(1500)] + ["often"] * 5
    one = summarise_column(make_column("c", "category", texts))
    assert (one.levels[0], len(one.levels), one.rest, one.single) == ("often", 1000, 501, 1500)


def test_scores_have_the_moments_that_numpy_finds():
    rows = mixed()
    summary = summarise(rows)
    Z = summary.score_rows(rows)
    np.testing.assert_allclose(summary.mean, Z.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(summary.covariance, np.cov(Z.T, bias=True), atol=1e-6)
    assert {(s.column, s.what) for s in summary.scores} >= {("a", "value"), ("gaps", "missing"), ("level", "missing")}


def test_a_summary_survives_its_file():
    rows = mixed()
    summary = answered(rows)
    parts, tensors = summary_parts(summary)
    again = summary_from_parts(json.loads(json.dumps(parts, allow_nan=False)), tensors, kinds(rows))
    assert same(again, summary)
    for column in draw(summary, 50, 3).columns.values():
        other = draw(again, 50, 3).columns[column.name]
        assert np.array_equal(column.missing, other.missing)
        assert column.values[~column.missing].tolist() == other.values[~other.missing].tolist()


def test_every_damage_is_refused():
    rows = mixed()
    parts, tensors = summary_parts(answered(rows))
    damages = [
        lambda p, t: p.update(rows=0),
        lambda p, t: p.update(rows=7),
        lambda p, t: p.pop("scores"),
        lambda p, t: p["columns"].pop(),
        lambda p, t: p["columns"][0].update(kind="category"),
        lambda p, t: p["columns"][0].update(quantiles=1),
        lambda p, t: p["columns"][0].update(missing=-1),
        lambda p, t: p["columns"][0].update(integer=1),
        lambda p, t: p["columns"][2]["counts"].pop(),
        lambda p, t: p["columns"][2]["levels"].append("low"),
        lambda p, t: p["columns"][3].update(levels=["no", "yes"]),
        lambda p, t: p["scores"].append(["a", "level", 0]),
        lambda p, t: p["scores"].append(p["scores"][0]),
        lambda p, t: p["scores"].append(["none", "value", -1]),
        lambda p, t: p.pop("answers"),
        lambda p, t: p["answers"].append({}),
        lambda p, t: p["answers"][0].update(rows=0),
        lambda p, t: p["answers"][0].update(quantiles=9),
        lambda p, t: t.update({"summary.below": t["summary.below"] + 1}),
        lambda p, t: t.update({"summary.below": t["summary.below"].astype(float)}),
        lambda p, t: t.update({"summary.up_to": t["summary.up_to"][:-1]}),
        lambda p, t: t.update({"summary.up_to": t["summary.up_to"][::-1]}),
        lambda p, t: t.pop("summary.mean"),
        lambda p, t: t.update({"summary.mean": t["summary.mean"][:-1]}),
        lambda p, t: t.update({"summary.covariance": -t["summary.covariance"]}),
        lambda p, t: t.update({"summary.quantiles": t["summary.quantiles"][::-1]}),
        lambda p, t: t.update({"summary.quantiles": t["summary.quantiles"] * np.nan}),
    ]
    for damage in damages:
        own, held = copy.deepcopy(parts), dict(tensors)
        damage(own, held)
        with pytest.raises(FileError, match="preprocessing: "):
            summary_from_parts(own, held, kinds(rows))


def test_drawn_rows_are_distributed_as_the_training_rows():
    rows = mixed(3000)
    summary = summarise(rows)
    made = draw(summary, 1000, 1)
    a = made.columns["a"].values
    np.testing.assert_allclose(
        np.quantile(a, [0.1, 0.5, 0.9]), np.quantile(rows.columns["a"].values, [0.1, 0.5, 0.9]), atol=0.02
    )
    gaps = made.columns["gaps"]
    assert abs(gaps.missing.mean() - rows.columns["gaps"].missing.mean()) < 2e-3
    assert (gaps.present() == np.floor(gaps.present())).all()
    for level in ("high", "low", "odd", ""):
        share = (rows.columns["level"].values == level).mean()
        assert abs((made.columns["level"].values == level).mean() - share) < 5e-3
    assert abs(made.columns["flag"].values.mean() - rows.columns["flag"].values.mean()) < 2e-3
    assert made.columns["gone"].missing.all()
    there = ~gaps.missing
    assert np.corrcoef(a[there], np.log1p(gaps.present()))[0, 1] > 0.7  # they go together, as they did
    assert a[made.columns["level"].values == "high"].mean() > 0.9


def test_the_same_seed_draws_the_same_rows_and_another_draws_others():
    summary = summarise(mixed())
    first, again, other = (draw(summary, 20, seed).columns["a"].values for seed in (5, 5, 6))
    assert first.tolist() == again.tolist() != other.tolist()
    assert sorted(first.tolist()) == pytest.approx(sorted(other.tolist()))


def test_one_row_has_a_summary_and_can_be_drawn():
    summary = summarise(inputs_of(a=("number", [2.0]), c=("category", ["x"]), g=("category", [""])))
    made = draw(summary, 3)
    assert made.columns["a"].values.tolist() == [2.0] * 3
    assert made.columns["c"].values.tolist() == ["x"] * 3
    assert made.columns["g"].missing.all()
