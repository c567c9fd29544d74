"""Models that are blends: learnt from a table, judged, saved, looked into; folds that do not leak; learnt again."""

import json
from dataclasses import replace

import numpy as np
import pytest

from descend import DataError, FileError, SpecError, load
from descend.describe.blend import blend_facts
from descend.models.blends.encoded import encode
from descend.models.options import TrainOptions
from descend.models.rows import inputs_of, joined_rows
from descend.models.train import judge, train, understand
from descend.tables.convert import as_table
from model_files import content_of, opened, sealed

ROWS = 160


def made(rows=ROWS, seed=0):
    random = np.random.default_rng(seed)
    a, b = random.normal(size=rows), random.integers(5, size=rows).astype(float)
    colour = np.array(["red", "green", "blue"])[random.integers(3, size=rows)]
    signal = a + (b > 2) - (colour == "red")
    a[random.random(rows) < 0.1] = np.nan
    return {
        "a": a,
        "b": b,
        "colour": colour,
        "day": np.datetime64("2024-01-01") + random.integers(200, size=rows),
        "kind": np.where(signal > 0.3, "high", "low"),
        "size": 10.0 * signal + random.normal(size=rows),
    }


def fast(**options):
    return TrainOptions(**{"quality": "fast", "drop": ("size",)} | options)


def understood(target="kind", table=None, **options):
    options = {"drop": ("kind",)} | options if target == "size" else options
    return understand(table or made(), target, fast(**options))


@pytest.fixture(scope="module")
def trained():
    return train(understood(), n_jobs=1)


def test_it_is_a_blend_and_learns(trained):
    assert trained.model.blend is not None
    assert trained.test.scores["accuracy"] > 0.75
    assert len(trained.model.predict(made(40, seed=1))) == 40
    assert "a blend of 3 networks" in repr(trained.model)


def test_saved_and_loaded_it_answers_with_the_same_bits(trained, tmp_path):
    path = tmp_path / "x.descend"
    trained.model.save(path)
    again = load(path)
    rows = made(50, seed=2)
    assert again.predict_probability(rows).tobytes() == trained.model.predict_probability(rows).tobytes()
    assert content_of(again) == path.read_bytes()
    assert again.record == json.loads(json.dumps(trained.model.record))
    assert again.evaluate(made()).learnt == trained.model.evaluate(made()).learnt >= 128
    assert again.network.theta.tobytes() == trained.model.network.theta.tobytes()


def test_the_out_of_fold_score_is_of_networks_that_have_not_learnt_the_row(trained):
    seen = understood()
    rows, right = seen.train_rows, 0
    for k, fold in enumerate(seen.blend.folds):
        part = rows.inputs.take(fold.validation)
        answer = 0.0
        for member in trained.model.blend.members:
            own = [net for net in member.nets if net.place.fold == k]
            answer = answer + member.weight * np.mean(
                [n.network.predict(encode(n.encoders, part)) for n in own], axis=0
            )
        right += (answer.argmax(axis=1) == rows.truth[fold.validation]).sum()
    assert trained.validation.rows == len(rows.Y) == 128
    assert trained.validation.scores["accuracy"] == pytest.approx(right / 128)
    assert trained.model.record["scores"]["out_of_fold"]["scores"] == trained.validation.scores
    assert "validation" not in trained.model.record["scores"]


def test_parts_are_judged_alone_on_the_untouched_rows(trained):
    member, network, first = trained.alone
    assert member.evaluation.scores == trained.test.scores  # quality fast has one member
    assert (first.member, first.fold) == (trained.model.net().place.member, 0)
    best = min((net for one in trained.training.standings for net in one.nets), key=lambda net: net.loss)
    assert (network.member, network.fold) == (best.place.member, best.place.fold)
    rows = understood().test_rows
    X = encode(best.encoders, rows.inputs)
    expected = (best.network.predict(X).argmax(axis=1) == rows.truth).mean()
    assert network.evaluation.scores["accuracy"] == pytest.approx(expected)


def test_any_number_of_jobs_and_a_cut_give_the_same_bits(trained, tmp_path):
    path = tmp_path / "x.checkpoint"

    def interrupt(done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as cut:
        train(understood(), n_jobs=1, on_net=interrupt, checkpoint=path)
    part = judge(understood(), cut.value.training)
    assert part.model.record["finished"] is False
    assert len(list(part.model.blend.nets)) == 1
    again = train(understood(), n_jobs=2, checkpoint=path, resume=True)
    assert content_of(again.model) == content_of(trained.model)


def test_a_time_limit_is_recorded_and_gives_what_there_is():
    found = train(understood(time_limit=1e-6))
    assert found.model.record["finished"] is False
    assert found.model.record["recipe"]["time_limit"] == 1e-6
    assert blend_facts(found.model.record)[0][1].endswith("; the time limit of 0.000 s ended it")
    assert len(found.model.predict(made(5, seed=3))) == 5


def test_learnt_again_on_all_rows_the_scores_stay_those_of_before(trained):
    again = train(understood(refit=True))
    assert again.test.scores == trained.test.scores
    assert again.model.record["scores"] == trained.model.record["scores"]
    assert [one.weight for one in again.model.blend.members] == [one.weight for one in trained.model.blend.members]
    assert again.model.network.theta.tobytes() != trained.model.network.theta.tobytes()
    assert (again.model.evaluate(made()).learnt, again.model.learnt.rows) == (ROWS, ROWS)


def test_numbers_are_learnt_and_all_losses_are_of_one_kind():
    found = train(understood("size"))
    record = found.model.record
    assert found.test.scores["r2"] > 0.5
    losses = [net["loss"] for one in record["members"] for net in one["networks"]]
    assert record["members"][0]["loss"] == pytest.approx(np.mean(losses), rel=0.05)
    rows, scale = understood("size").train_rows, np.std(understood("size").train_rows.truth)
    assert found.validation.scores["rmse"] == pytest.approx(np.sqrt(record["loss"]) * scale, rel=1e-6)
    assert len(rows.Y) == 128


# ---------------------------------------------------------------- rows that choose


def test_validation_rows_replace_the_folds():
    shares, table = understood(validation=0.25), understood(validation=as_table(made(60, seed=5)))
    assert (shares.recipe.folds, shares.recipe.starts) == (table.recipe.folds, table.recipe.starts) == (1, 3)
    assert shares.rows == {"table": ROWS, "train": 96, "validation": 32, "test": 32}
    found = train(table)
    assert found.validation.rows == 60
    assert found.model.record["scores"]["validation"]["rows"] == 60
    assert {net.place.start for net in found.model.blend.nets} == {0, 1, 2}
    again = train(replace(table), n_jobs=2)
    assert content_of(again.model) == content_of(found.model)


def test_groups_and_equal_rows_stay_in_one_fold():
    table = made() | {"who": [f"w{i % 16}" for i in range(ROWS)]}
    seen = understood(table=table, group="who")
    who = seen.train_rows.group
    for fold in seen.blend.folds:
        assert not set(who[fold.train]) & set(who[fold.validation])
    twice = {name: np.concatenate([column[:100], column[:60]]) for name, column in made().items()}
    seen = understood(table=twice)
    rows = [tuple(row) for row in np.c_[seen.train_rows.X, seen.train_rows.Y]]
    for fold in seen.blend.folds:
        assert not {rows[i] for i in fold.train} & {rows[i] for i in fold.validation}


def test_with_time_no_fold_learns_from_what_is_later():
    seen = understood(time="day", drop=("size",))
    when = seen.train_rows.moment
    assert len(seen.blend.folds) == 3
    for fold in seen.blend.folds:
        assert when[fold.train].max() < when[fold.validation].min()
    assert when.max() <= as_table(made()).column("day").values.max()
    found = train(seen)
    assert 0 < found.validation.rows < 128


def test_what_rows_count_reaches_the_networks_and_the_scores():
    table = made() | {"w": np.where(made()["b"] > 2, 3.0, 1.0)}
    seen = understood(table=table, weight="w", class_weight={"high": 2.0})
    ratio = seen.blend.goal.weight / seen.train_rows.weight
    high = seen.train_rows.Y[:, 0] == 1
    assert ratio[high].min() == pytest.approx(2 * ratio[~high].max())
    assert train(seen).test.weighted


def test_rows_of_weight_0_neither_learn_nor_choose():
    table = made() | {"w": np.where(np.arange(ROWS) % 4 == 0, 0.0, 1.0)}
    seen = understood(table=table, weight="w", class_weight={"low": 0.5})
    counted = np.flatnonzero(seen.train_rows.weight)
    assert sorted(row for fold in seen.blend.folds for row in fold.validation) == counted.tolist()
    for fold in seen.blend.folds:
        assert sorted([*fold.train, *fold.validation]) == counted.tolist()
    found = train(seen)
    assert found.validation.rows == len(counted)
    with pytest.raises(DataError, match="at least 2 rows are needed"):
        understood(
            table=made() | {"w": (np.arange(ROWS) == int(seen.blend.folds[0].train[0])).astype(float)},
            weight="w",
            test=0.0,
        )


def test_rows_of_several_parts_are_joined():
    seen = understood(validation=0.25, table=made() | {"who": [f"w{i % 16}" for i in range(ROWS)]}, group="who")
    other = replace(seen.test_rows, group=None)
    rows = joined_rows([seen.train_rows, seen.validation_rows, other])
    assert len(rows.Y) == rows.inputs.rows == ROWS
    assert len(set(rows.group[-len(other.Y) :])) == len(other.Y)
    assert not set(rows.group[-len(other.Y) :]) & set(rows.group[: -len(other.Y)])
    whole = inputs_of(seen.preprocessing, as_table(made()))
    for encoder in seen.preprocessing.encoders:
        one, all_rows = (np.zeros((ROWS, len(encoder.feature_names))) for _ in range(2))
        encoder.encode(rows.inputs.columns[encoder.name], one)
        encoder.encode(whole.columns[encoder.name], all_rows)
        assert sorted(map(tuple, one)) == sorted(map(tuple, all_rows))


# ---------------------------------------------------------------- what is chosen before


def test_a_blend_does_not_fit_into_memory_and_the_sum_is_told(monkeypatch):
    monkeypatch.setattr("descend.models.memory.available_memory", lambda: 100_000)
    with pytest.raises(SpecError, match=r"^train: 160 rows × 6 inputs and outputs × 12 bytes = 0.01") as told:
        understood()
    assert "128 rows × 1,070 bytes of what the members see = 0.14 MB;" in str(told.value)
    assert 'or the `preset` "single".' in str(told.value)


@pytest.mark.parametrize(
    ("options", "preset"),
    [
        ({}, "tabular"),
        ({"restarts": 2}, "tabular"),
        ({"dropout": 0.0}, "single"),
        ({"race": True}, "single"),
        ({"engine": "reference"}, "single"),
        ({"validation": 0.0}, "single"),
        ({"preset": "textbook"}, "textbook"),
    ],
)
def test_who_says_nothing_about_a_network_gets_a_blend(options, preset):
    assert understand(made(), "kind", TrainOptions(**options)).recipe.preset == preset


def test_few_rows_make_one_network_unless_a_blend_is_asked_for():
    few = {name: column[:60] for name, column in made().items()}
    seen = understand(few, "kind", TrainOptions(drop=("size",)))
    assert (seen.recipe.preset, seen.rows["validation"]) == ("single", 10)
    assert [note for note in seen.notes if note.startswith("about 48 rows to learn from")]
    asked = understand(few, "kind", TrainOptions(drop=("size",), preset="tabular", quality="fast"))
    assert asked.recipe.preset == "tabular"
    assert train(asked).test.rows == 12


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"preset": "tabular", "epochs": 3, "l2": 0.1}, "whose networks have shapes of their own; got `epochs`, `l2`"),
        ({"preset": "single", "quality": "best"}, '`quality` can be said of a blend only; got `preset` "single"'),
        ({"hidden": (3,), "refit": True}, "`refit` can be said of a blend only, and `hidden` of one network only"),
        ({"validation": 0.0, "time_limit": 5}, "`validation` 0 leaves a blend no rows to choose its weights by"),
        ({"time_limit": 0}, "`time_limit` must be a number of seconds above 0; got 0."),
        ({"quality": "god"}, '`quality` "god" is not known. Did you mean "good"?'),
        ({"preset": "tabluar"}, 'Did you mean "tabular"?'),
    ],
)
def test_what_cannot_be_of_a_blend_is_told(options, words):
    (problem,) = TrainOptions(**options).problems()
    assert words in problem


# ---------------------------------------------------------------- one of its networks


def test_a_network_of_a_member_and_fold_is_given_its_own_inputs(trained):
    model, rows = trained.model, made(20, seed=4)
    name = model.blend.members[0].name
    net = model.net(name, 2)
    assert (net.place.member, net.place.fold) == (name, 2)
    X, Y = model.inputs_and_targets(rows, net)
    assert X.shape == (20, net.network.spec.sizes[0]) == (20, len(net.feature_names))
    assert net.network.gradient_check(X[:3], Y[:3], most=300).passed
    assert model.inputs_and_targets(rows)[0].tobytes() == model.inputs_and_targets(rows, model.net())[0].tobytes()
    with pytest.raises(SpecError, match=r'the blend has no `member` "trii"\. '):
        model.net("trii")
    with pytest.raises(SpecError, match=rf'`fold` must be one of those that the member "{name}" has, 0, 1, 2; got 7'):
        model.net(fold=7)


def test_a_model_of_one_network_has_no_members():
    model = train(understand(made(), "kind", TrainOptions(hidden=(2,), epochs=2, restarts=1))).model
    assert model.net().network is model.network
    with pytest.raises(SpecError, match="this model is one network"):
        model.net("tri")


# ---------------------------------------------------------------- files that are wrong


def reading_another_column(document):
    """A column that no plain encoder reads, so that nobody would fetch it, and an encoder that asks for it."""
    document["columns"].append({"name": "z", "kind": "number"})
    next(one for one in document["encoders"] if one["kind"] == "piecewise" and not one["part"])["column"] = "z"


def changed(content, change):
    document, tensors = opened(content)
    change(document, tensors)
    return sealed(document, tensors)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d, t: d.update(combined={"kind": "single"}), "field `members\\[0\\].name` is unknown"),
        (lambda d, t: d["members"][0].update(weight=0.5), "their weights must sum to 1"),
        (lambda d, t: d["members"][0]["nets"][0]["encoders"].reverse(), "`encoders`: each must be read by a network"),
        (lambda d, t: d["encoders"][0].update(column="size"), "encoders\\[0\\]"),
        (lambda d, t: d["encoders"][0].update(column=["a"]), "encoders\\[0\\]"),
        (lambda d, t: reading_another_column(d), "must be a column of numbers, booleans or dates"),
        (lambda d, t: d.update(levels={"a": ["x"]}), "`levels.a` must be levels of a column of kind category"),
        (lambda d, t: d["target"].update(classes=["high", "low", "mid"]), "the target needs 3 outputs, softmax"),
        (lambda d, t: d.update(scaling={"kind": "z-score", "mean": 0, "std": 1}), '`scaling.kind` must be "classes"'),
        (lambda d, t: t.update(spare=np.zeros(1)), "spare"),
        (lambda d, t: t.pop("net_1.theta"), "tensor `net_1.theta` must be"),
        (
            lambda d, t: d["members"][0]["nets"][0].update(seconds=1.5),
            "`members\\[0\\].nets\\[0\\].seconds` is unknown",
        ),
    ],
)
def test_a_file_that_is_wrong_is_refused(trained, tmp_path, change, words):
    path = tmp_path / "x.descend"
    path.write_bytes(changed(content_of(trained.model), change))
    with pytest.raises(FileError, match=words):
        load(path)


def test_a_file_is_little_more_than_two_bytes_for_each_weight(trained):
    weights = sum(net.network.spec.theta_size for net in trained.model.blend.nets)
    assert len(content_of(trained.model)) < 2 * weights + 30_000
