"""Learning on: networks that go on with new rows, and rows held out of these that decide."""

from dataclasses import replace

import numpy as np
import pytest

import descend
from descend.errors import DataError, SpecError
from descend.models.blends.descent import Goal
from descend.models.decisions.decision import Decision
from descend.models.decisions.scaling import Scaling
from descend.models.options import TrainOptions
from descend.models.rows import prepare_rows
from descend.models.train import train
from descend.models.understand import understand
from descend.models.updating.compare import compare, losses
from descend.models.updating.going_on import NewRows, UpdateOptions, go_on, judging_rows
from descend.models.updating.of_model import as_blend, update_model
from descend.preprocessing.folds import Dealing
from descend.preprocessing.learnt import LearntRows


def table(rows, shift=0.0, seed=0, first_day=0):
    """`number` depends on a and b; `shift` is added where b is y, so that what was learnt is wrong there."""
    random = np.random.default_rng(seed)
    a, b = random.normal(size=rows), random.choice(["x", "y", "z"], rows)
    number = np.where(b == "x", 2.0 * a, a * a) + shift * (b == "y") + 0.3 * random.normal(size=rows)
    later = np.arange(rows) if first_day else random.integers(0, 365, rows)
    days = np.datetime64("2024-01-01") + first_day + later
    return {
        "a": a.tolist(),
        "b": b.tolist(),
        "day": days.astype(str).tolist(),
        "who": [f"p{i // 5}" for i in range(rows)],
        "kind": np.where(number > 0.5, "high", "low").tolist(),
        "number": number.tolist(),
    }


def learnt(target, **options):
    drop = ("who", "number" if target == "kind" else "kind")
    return train(understand(table(400), target, TrainOptions(drop=drop, **options)), n_jobs=1).model


@pytest.fixture(scope="module")
def numbers():
    return learnt("number", quality="fast")


@pytest.fixture(scope="module")
def classes():
    return learnt("kind", quality="fast")


# ---------------------------------------------------------------- what decides


def test_a_comparison_is_of_differences_row_by_row():
    random = np.random.default_rng(0)
    hard = random.normal(size=(400, 1)) * 10.0  # rows differ by far more than the models
    found = compare(hard, hard * 0.99, np.zeros((400, 1)), "identity")
    gain = hard[:, 0] ** 2 * (1 - 0.99**2)
    assert found.difference == pytest.approx(gain.mean())
    assert found.error == pytest.approx(gain.std() / 20.0)
    assert found.better
    assert not compare(hard * 0.99, hard, np.zeros((400, 1)), "identity").better


def test_weights_count_in_a_comparison():
    old, new, Y = np.array([[1.0], [0.0]]), np.array([[0.0], [2.0]]), np.zeros((2, 1))
    found = compare(old, new, Y, "identity", np.array([3.0, 1.0]))
    assert (found.old, found.new, found.difference) == pytest.approx((0.75, 1.0, -0.25))


def test_losses_of_classes_and_labels_are_log_losses():
    v, Y = np.array([[0.25, 0.75], [0.5, 0.5]]), np.array([[0.0, 1.0], [0.4, 0.6]])
    assert losses(v, Y, "softmax") == pytest.approx([-np.log(0.75), np.log(2.0)])
    assert losses(v, Y, "sigmoid")[0] == pytest.approx(-2.0 * np.log(0.75))


COSTLY = Decision(0.1, ((0.0, 1.0), (9.0, 0.0)), "costs")


def test_costs_compare_where_costs_decide():
    Y = np.eye(2)[np.arange(200) % 2]
    sure, unsure = (np.abs(Y - p) for p in (0.001, 0.06))
    unsure[::20] = 0.5  # by their loss far worse; but none of its answers is wrong where that is dear
    wrong = sure.copy()
    wrong[1::40] = [0.95, 0.05]
    assert compare(wrong, unsure, Y, "softmax").difference < 0
    found = compare(wrong, unsure, Y, "softmax", None, COSTLY)
    assert (found.by, found.old, found.new, found.better) == ("cost", 9 * 5 / 200, 10 / 200, False)
    assert found.error == pytest.approx(
        np.std(9.0 * (np.arange(200) % 40 == 1) - (np.arange(200) % 20 == 0)) / 200**0.5
    )


def test_a_metric_compares_where_it_chose_the_threshold():
    random = np.random.default_rng(3)
    Y = np.eye(2)[(random.random(5_000) < 0.3).astype(int)]
    old, new = (np.clip(Y[:, 1] + random.normal(0.3, spread, 5_000), 0.01, 0.99) for spread in (0.5, 0.45))
    old, new = (np.stack([1 - p, p], axis=1) for p in (old, new))
    found = compare(old, new, Y, "softmax", None, Decision(0.8, None, "f1"))
    f1 = [2 * (Y[:, 1] * (p[:, 1] >= 0.8)).sum() / (Y[:, 1] + (p[:, 1] >= 0.8)).sum() for p in (old, new)]
    assert (found.old, found.new, found.difference) == pytest.approx((*f1, f1[1] - f1[0]))
    again = [random.integers(0, 5_000, 5_000) for _ in range(100)]
    drawn = [compare(old[i], new[i], Y[i], "softmax", None, Decision(0.8, None, "f1")).difference for i in again]
    assert found.error == pytest.approx(np.std(drawn), rel=0.25)  # the bootstrap's
    assert found.better
    assert not compare(new, old, Y, "softmax", None, Decision(0.8, None, "f1")).better


def test_the_loss_is_that_of_mended_probabilities():
    Y, mending = np.eye(2)[[0, 1, 1]], Scaling(0.5, (0.0, 0.3))
    old, new = np.array([[0.9, 0.1], [0.3, 0.7], [0.6, 0.4]]), np.array([[0.8, 0.2], [0.2, 0.8], [0.5, 0.5]])
    plain = compare(mending.of(old), mending.of(new), Y, "softmax")
    assert compare(old, new, Y, "softmax", None, Decision(scaling=mending)) == plain
    assert compare(old, new, Y, "softmax") != plain


# ---------------------------------------------------------------- models


def test_a_model_of_classes_is_compared_as_it_answers(classes):
    new = table(300, 3.0, seed=2)
    mending = Decision(scaling=Scaling(0.2, (0.0, 1.5)))
    decided = {
        name: replace(classes, sections=replace(classes.sections, decision=one)).update(new, n_jobs=1)
        for name, one in (("log_loss", mending), ("cost", COSTLY), ("f1", Decision(0.4, None, "f1")))
    }
    for score, found in decided.items():
        assert found.comparison.old == pytest.approx(found.old.scores[score])
        assert found.comparison.new == pytest.approx(found.new.scores[score])
    assert [one.comparison.by for one in decided.values()] == ["loss", "cost", "f1"]


def test_new_rows_that_were_learnt_already_are_counted(numbers):
    again, fresh = table(400), table(100, seed=9)
    both = {name: again[name] + fresh[name] for name in again}
    found = numbers.update(both, n_jobs=1)
    learnt = numbers.evaluate(again).learnt
    assert found.known == pytest.approx(learnt, abs=2)
    assert found.known > 250
    assert 0 < found.old.learnt < found.known
    assert found.model.record["updates"][0]["known"] == found.known


@pytest.mark.parametrize("name", ["numbers", "classes"])
def test_rows_without_a_target_are_left_out_if_that_is_asked_for(name, request):
    model, new = request.getfixturevalue(name), table(100, seed=2)
    cells = new[model.preprocessing.target]
    new[model.preprocessing.target] = ["" if i == 3 else "?" if i == 7 else str(cell) for i, cell in enumerate(cells)]
    with pytest.warns(UserWarning, match=r"rows 4, 8 \(2 of 100\) left out: the target"):
        found = model.update(new, missing=("", "?"), n_jobs=1)
    assert found.rows + found.comparison.rows == 98


def test_a_missing_target_is_refused_with_advice_that_can_be_followed(classes):
    new = table(100)
    new["kind"][5] = "n/a"
    with pytest.raises(DataError, match=r"which is read as missing. Remove those rows, or leave .* --missing n/a\.$"):
        classes.update(new)
    with pytest.raises(DataError, match=r"which is read as missing. Remove those rows\.$"):
        classes.evaluate(new)


def test_each_network_that_went_on_is_told(numbers):
    told = []
    update_model(numbers, table(100), UpdateOptions(n_jobs=2), on_net=lambda *how_far: told.append(how_far))
    assert told == [(i, 3) for i in (1, 2, 3)]


@pytest.mark.parametrize("name", ["numbers", "classes"])
def test_what_has_changed_is_learnt(name, request):
    model = request.getfixturevalue(name)
    found = model.update(table(500, 3.0, seed=2), n_jobs=1)
    assert found.better
    assert found.comparison.new < 0.7 * found.comparison.old
    assert found.rows == 400
    fresh = table(300, 3.0, seed=3)
    key = "rmse" if name == "numbers" else "log_loss"
    assert found.model.evaluate(fresh).scores[key] < 0.85 * model.evaluate(fresh).scores[key]
    assert model.record.get("updates") is None  # the old one is as it was


def test_rows_of_the_same_source_change_nothing_beyond_chance(numbers):
    found = numbers.update(table(200, seed=5), n_jobs=1)
    assert not found.better
    fresh = table(50, seed=6)
    assert (found.model.predict(fresh) == numbers.predict(fresh)).all()
    assert found.model.record["updates"][0]["comparison"]["better"] is False
    assert found.model.learnt is numbers.learnt


def test_noise_makes_no_new_model(numbers):
    noise = table(200, seed=7)
    noise["number"] = np.random.default_rng(0).permutation(noise["number"]).tolist()
    found = numbers.update(noise, step=1.0, n_jobs=1)
    assert not found.better or found.comparison.new < found.comparison.old - 2 * found.comparison.error


def test_one_network_goes_on_too():
    model = learnt("number", preset="single", restarts=1, hidden=(16,))
    found = model.update(table(500, 3.0, seed=2))
    assert found.better
    assert found.model.blend is None
    assert found.model.network.spec == model.network.spec


def test_what_is_saved_comes_back_with_its_history_and_can_go_on(numbers, tmp_path):
    first = numbers.update(table(500, 3.0, seed=2), n_jobs=1).model
    second = first.update(table(300, 3.0, seed=4), n_jobs=1).model
    second.save(tmp_path / "b.descend")
    back = descend.load(tmp_path / "b.descend")
    fresh = table(40, 3.0, seed=6)
    assert (back.predict(fresh) == second.predict(fresh)).all()
    assert [one["learnt"] for one in back.record["updates"]] == [400, 240]


def test_rows_that_were_learnt_are_known_again(numbers):
    new = table(500, 3.0, seed=2)
    changed = numbers.update(new, n_jobs=1).model
    assert changed.evaluate(new).learnt == pytest.approx(500, rel=0.05)  # of 880 rows one of two is kept
    assert changed.evaluate(table(400)).learnt >= numbers.evaluate(table(400)).learnt
    assert changed.evaluate(table(400, seed=9)).learnt < 60


def test_numbers_beyond_the_old_range_can_be_answered(numbers):
    far = table(400, seed=2)
    far["number"] = [one + 20.0 for one in far["number"]]
    found = numbers.update(far, step=1.0, epochs=60, n_jobs=1)
    assert found.better
    assert max(found.model.predict(far)) > max(table(400)["number"]) + 1.0


def test_intervals_after_an_update_are_of_the_rows_that_judged(numbers):
    new = table(1_100, 3.0, seed=2)
    found = numbers.update(new, n_jobs=1)
    fresh = table(400, 3.0, seed=8)
    ends = found.model.predict_interval(fresh, 0.9)
    inside = np.mean((ends[:, 0] <= fresh["number"]) & (fresh["number"] <= ends[:, 1]))
    assert 0.82 < inside <= 0.98


def test_rows_like_those_that_were_learnt_on_are_no_drift(numbers):
    found = numbers.update(table(500, 6.0, seed=2), n_jobs=1)
    fresh = table(400, 6.0, seed=8)
    with pytest.warns(descend.errors.DriftWarning, match='the prediction "number"'):
        replace(found.model, sections=numbers.sections).predict(fresh)  # told against the rows of long ago
    found.model.predict(fresh)  # a warning would be an error


@pytest.mark.filterwarnings("ignore::descend.errors.DriftWarning")
def test_the_latest_rows_judge_where_time_matters(numbers):
    new = table(300, 3.0, seed=2, first_day=500)
    found = numbers.update(new, time="day", n_jobs=1)
    late = {name: cells[240:] for name, cells in new.items()}
    assert found.old.scores == numbers.evaluate(late).scores


def test_groups_stay_together(numbers):
    found = numbers.update(table(300, 3.0, seed=2), group="who", n_jobs=1)
    assert found.rows + found.comparison.rows == 300
    assert found.rows % 5 == 0


def test_bits_depend_on_the_seed_alone(numbers):
    new = table(300, 3.0, seed=2)
    answers = [
        numbers.update(new, seed=seed, n_jobs=jobs).model.predict(table(50)).tobytes()
        for seed, jobs in ((0, 1), (0, 2), (1, 1))
    ]
    assert answers[0] == answers[1] != answers[2]


def test_a_network_that_gets_no_better_stays_as_it_was():
    model = learnt("number", preset="single", restarts=1, hidden=(8,))
    rows, _ = prepare_rows(model.preprocessing, model.preprocessing.table_of(table(100)), np.float32, columns=True)
    blend = as_blend(model)
    for beyond in (0.0, 5.0):  # what it answers already, and something else
        Y = (blend.outputs(rows.inputs, 1) + beyond).astype(np.float32)
        new = NewRows(rows.inputs, Goal("identity", "squared", Y), Dealing(order=Y[:, 0]))
        found = go_on(blend, new, UpdateOptions(step=1.0, n_jobs=1))
        assert (next(found.nets).network is model.network) == (beyond == 0.0)


# ---------------------------------------------------------------- what is refused


def test_an_unknown_class_is_refused_with_the_way_out(classes):
    new = table(100)
    new["kind"][3] = "middling"
    with pytest.raises(DataError, match=r'must be one of the classes "high", "low"; got "middling" .* or train anew'):
        classes.update(new)


@pytest.mark.filterwarnings("ignore::descend.errors.DriftWarning")
def test_levels_that_encoders_do_not_know_are_said(numbers):
    new = table(100)
    new["b"] = ["w" if i < 30 else cell for i, cell in enumerate(new["b"])]
    with pytest.warns(UserWarning, match=r'column "b": 30 cells with an unknown category \("w"\) treated as missing'):
        numbers.update(new, n_jobs=1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"step": 0.0, "epochs": 0, "seed": -1}, r"`step` must be above 0 .* `epochs` must be .* `seed` must be"),
        ({"group": "who", "time": "day"}, r"by `group` or by `time`, not both"),
        ({"time": "who"}, r"`time` must be a column that the model reads"),
        ({"group": "nobody"}, r'must have the column of groups "nobody"'),
    ],
)
def test_words_that_cannot_be_are_refused(numbers, words, said):
    with pytest.raises((SpecError, DataError), match=said):
        numbers.update(table(100), **words)


def test_too_few_rows_and_no_target_are_refused(numbers):
    with pytest.raises(DataError, match="at least 25 new rows that count are needed, a fifth of which judges; got 10"):
        numbers.update(table(10))
    without = {name: cells for name, cells in table(100).items() if name != "number"}
    with pytest.raises(DataError, match='must have the target column "number"'):
        numbers.update(without)


def test_the_judging_rows_are_a_fifth_of_every_class():
    strata = np.arange(100) % 4
    fold = judging_rows(Dealing(strata=strata), 0)
    assert np.bincount(strata[fold.validation]).tolist() == [5, 5, 5, 5]
    assert sorted([*fold.train, *fold.validation]) == list(range(100))


def test_hashes_of_very_many_further_rows_do_not_fill_the_bits():
    old, new = np.arange(100, dtype=np.uint64), np.arange(1_000, 101_000, dtype=np.uint64)
    both = LearntRows.of(old, b"model").extended(new)
    others = np.arange(10**6, 10**6 + 50_000, dtype=np.uint64)
    assert both.count(others) < 0.15 * len(others)
    assert both.count(new) > 0.6 * len(new)
