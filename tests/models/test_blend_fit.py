"""Learning a blend: the same bits however many networks descend at once, stopped and resumed; weights that are best."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import descend.models.blends.blocks as blocks_module
from descend.errors import FileError
from descend.models.blends.blocks import Blocks
from descend.models.blends.descent import Goal, Place, halved
from descend.models.blends.encoded import encode
from descend.models.blends.fit import BlendFit
from descend.models.blends.members import MEMBERS
from descend.models.blends.options import BlendOptions
from descend.models.blends.weights import Judge, greedy_weights
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.encoders.stopping import FitStopped
from descend.preprocessing.folds import Dealing, make_folds
from descend.preprocessing.transform import fit_inputs
from descend.spec.indexed import expanded
from descend.tables.convert import as_table

ROWS = 240


def made_table():
    random = np.random.default_rng(5)
    a, b = random.normal(size=ROWS), random.integers(6, size=ROWS).astype(float)
    a[random.random(ROWS) < 0.1] = np.nan
    c = np.array(["red", "green", "blue", ""])[random.integers(4, size=ROWS)]
    day = np.datetime64("2024-01-01") + random.integers(400, size=ROWS)
    return {"a": a, "b": b, "c": c, "day": day}


def made_blocks(folds=3, classes=True):
    table = as_table(made_table())
    columns = fit_inputs(table, table.names, {})
    b, c = table.column("b").values, table.column("c").values
    signal = (np.nan_to_num(table.column("a").values) > 0) ^ (b > 2) ^ (c == "red")
    y = signal.astype(np.int64) if classes else signal + 0.1 * b
    inputs = Inputs({name: table.column(name) for name in columns.input_names})
    if classes:
        Y, dealing, encoded = np.eye(2, dtype=np.float32)[y], Dealing(strata=y), y[:, None].astype(float)
        goal = Goal("softmax", "log_loss", Y)
    else:
        z = ((y - y.mean()) / y.std())[:, None]
        goal, dealing, encoded = Goal("identity", "squared", z.astype(np.float32)), Dealing(order=y), z
    dealt = make_folds(dealing, folds, np.random.default_rng(0))
    return Blocks(inputs, columns.encoders, encoded, None, dealing, dealt, 0), goal


def short(*names, samples=4_000):
    return [replace(MEMBERS[name], samples=samples, least=3, most=10) for name in names]


def fitted(n_jobs=1, **more):
    blocks, goal = made_blocks()
    options = BlendOptions(keep=2, n_jobs=n_jobs, seed=3)
    return BlendFit(blocks, goal, short("tanhte", "tri", "leafntp"), options, **more)


def bits(training):
    nets = [(net.place, net.network.theta.tobytes(), net.loss) for net in training.blend.nets]
    return nets, training.outputs.tobytes()


@pytest.fixture(scope="module")
def whole():
    return fitted().run()


def test_the_bits_do_not_depend_on_how_many_descend_at_once(whole):
    assert bits(fitted(n_jobs=3).run()) == bits(whole)


def test_the_best_members_of_the_first_fold_go_on_and_every_row_is_answered(whole):
    assert [len(one.nets) for one in sorted(whole.standings, key=lambda one: -len(one.nets))] == [3, 3, 1]
    assert np.isfinite(whole.outputs).all()
    assert sum(member.weight for member in whole.blend.members) == pytest.approx(1.0)
    assert whole.finished
    assert all(one.weight == 0.0 for one in whole.standings if len(one.nets) == 1)


def test_each_row_is_answered_by_networks_that_have_not_learnt_it(whole):
    blocks, _ = made_blocks()
    answers = np.zeros((ROWS, 2))
    for member in whole.blend.members:
        for net in member.nets:
            seen = blocks.seen(MEMBERS[member.name].blocks, net.place.fold)
            held = blocks.folds[net.place.fold].validation
            answers[held] += member.weight * net.network.predict(expanded(seen.validation)).astype(float)
    np.testing.assert_allclose(answers, whole.outputs, atol=1e-6)


def test_a_blend_answers_new_rows_as_its_networks_do_on_average(whole):
    blocks, _ = made_blocks()
    rows = blocks.inputs.take(np.arange(50))
    expected = np.zeros((50, 2))
    for member in whole.blend.members:
        own = [net.network.predict(encode(net.encoders, rows)).astype(float) for net in member.nets]
        expected += member.weight * np.mean(own, axis=0)
    outputs = whole.blend.outputs(rows)
    np.testing.assert_allclose(outputs, expected, atol=1e-6)
    assert whole.blend.outputs(rows.take(np.array([7]))).tobytes() == outputs[7:8].tobytes()


def test_many_rows_in_threads_have_the_same_bits(whole):
    blocks, _ = made_blocks()
    many = blocks.inputs.take(np.arange(3 * ROWS) % ROWS)
    once = whole.blend.outputs(blocks.inputs)
    assert whole.blend.outputs(many, n_jobs=3).tobytes() == np.tile(once, (3, 1)).tobytes()


def test_a_training_that_was_cut_goes_on_with_the_same_bits(whole, tmp_path):
    path = tmp_path / "blend.checkpoint"
    cut = fitted(checkpoint=path)
    cut.watch = lambda done: cut.stop() if done.done == 4 else None
    part = cut.run()
    assert not part.finished
    again = fitted(checkpoint=path, resume=True)
    told = []
    again.watch = told.append
    assert bits(again.run()) == bits(whole)
    assert len(told) == 7


def test_a_checkpoint_of_other_data_or_damaged_is_refused(tmp_path):
    path = tmp_path / "blend.checkpoint"
    cut = fitted(checkpoint=path)
    cut.watch = lambda done: cut.stop()
    cut.run()
    other = fitted(checkpoint=path, resume=True)
    other.options = replace(other.options, seed=4)
    with pytest.raises(FileError, match="it belongs to other data, options or another version"):
        other.run()
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    with pytest.raises(FileError, match="it is damaged"):
        fitted(checkpoint=path, resume=True).run()


@pytest.mark.parametrize("large", [0, 10**9])
def test_what_no_network_will_see_any_more_is_let_go(large, monkeypatch):
    monkeypatch.setattr(blocks_module, "LARGE", large)
    fit, held = fitted(), []
    forget = fit.blocks.forget

    def watched(needed):
        forget(needed)
        held.append((len(fit.nets), set(fit.blocks._made)))

    fit.blocks.forget = watched
    training = fit.run()
    assert all(isinstance(key, str) for key in held[-1][1])  # nothing of any fold
    assert bool(held[-1][1]) == (large > 0)
    for done, keys in held:
        folds = {key[1] for key in keys if isinstance(key, tuple)}
        assert folds <= ({0} if done < 3 else {1, 2}), done
    assert any(("learning", 0) in keys for done, keys in held if done < 3)
    same_encoders = {net.encoders[0] for one in training.blend.members for net in one.nets}
    assert len(same_encoders) == 1  # computed again or not


def test_a_time_limit_that_is_too_short_still_gives_an_answer():
    fit = fitted()
    fit.options = replace(fit.options, time_limit=1e-9)
    fit.__post_init__()
    training = fit.run()
    assert not training.finished
    assert len(list(training.blend.nets)) == 1
    assert np.isfinite(training.blend.outputs(made_blocks()[0].inputs)).all()


class _Clock:
    """A clock that goes on by one second whenever somebody looks at it."""

    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        self.now += 1.0
        return self.now


@pytest.mark.parametrize("limit", [20, 60])
def test_what_members_see_is_given_up_when_the_time_is_over(limit, monkeypatch):
    clock = _Clock()
    monkeypatch.setattr("descend.models.blends.fit.time", clock)
    monkeypatch.setattr("descend.models.blends.one.time", clock)
    fit = fitted()
    fit.options = replace(fit.options, time_limit=float(limit))
    fit.members = short("leafntp", "tri")
    fit.__post_init__()
    given_up, inner = [], fit.blocks.seen

    def watched(names, fold, look):
        before = clock.now
        try:
            return inner(names, fold, look)
        except FitStopped:
            given_up.append((before, clock.now))
            raise

    fit.blocks.seen, told = watched, []
    fit.watch = told.append
    training = fit.run()
    assert all(done.net is not None for done in told)  # nothing is said of those that never began
    assert not training.finished
    assert len(given_up) == 1
    assert given_up[0][0] < limit < given_up[0][1] <= limit + 2  # at the first look after it
    assert len(list(training.blend.nets)) == 1  # one epoch of the first member, whatever the time


def test_an_error_in_one_descent_ends_the_others():
    fit = fitted(n_jobs=2)
    before = set(threading.enumerate())
    fit.members[1].__class__.spec, spec = _broken, fit.members[1].__class__.spec
    try:
        with pytest.raises(RuntimeError, match="broken"):
            fit.run()
    finally:
        fit.members[1].__class__.spec = spec
    assert set(threading.enumerate()) <= before


def _broken(*_):
    raise RuntimeError("broken")


def test_numbers_are_clipped_to_what_was_learnt():
    blocks, goal = made_blocks(classes=False)
    training = BlendFit(blocks, goal, short("tanhte", "ntpw"), BlendOptions(seed=1)).run()
    assert training.outputs.min() >= goal.Y.min()
    assert training.outputs.max() <= goal.Y.max()
    assert training.loss < 1.0


def test_one_member_alone_has_all_the_weight():
    blocks, goal = made_blocks()
    training = BlendFit(blocks, goal, short("tanhte", "rsw", "pca"), BlendOptions(best=True)).run()
    assert [member.weight for member in training.blend.members] == [1.0]
    assert training.blend.members[0].name == min(training.standings, key=lambda one: one.loss).name


def test_a_seed_belongs_to_member_fold_and_start_whatever_stands_beside_it():
    seeds = {Place(name, fold, start).seed(7) for name in MEMBERS for fold in range(6) for start in range(2)}
    assert len(seeds) == 12 * len(MEMBERS)
    assert Place("tri", 2).seed(7) != Place("tri", 2).seed(8)


@given(st.integers(0, 10_000))
def test_the_greedy_weights_are_never_worse_than_the_best_member_or_the_plain_mean(seed):
    random = np.random.default_rng(seed)
    Y = np.eye(3)[random.integers(3, size=40)]
    judge = Judge("softmax", Y, random.random(40) + 0.1)
    answers = [random.dirichlet(np.ones(3), 40) for _ in range(4)]
    parts = [judge.of_truth(one) for one in answers]
    weights, loss = greedy_weights(parts, judge.loss)
    assert weights.sum() == pytest.approx(1.0)
    assert (weights >= 0).all()
    assert loss <= min(judge.loss(part) for part in parts) + 1e-12
    blended = sum(w * one for w, one in zip(weights, answers, strict=True))
    truth = (blended * Y).sum(axis=1)
    assert loss == pytest.approx(float(np.average(-np.log(truth), weights=judge.weight)))


def test_judges_know_each_kind_of_loss():
    v, Y = np.array([[0.2, 0.9], [0.5, 0.4]]), np.array([[0.0, 1.0], [1.0, 1.0]])
    labels = Judge("sigmoid", Y)
    assert labels.loss(labels.of_truth(v)) == pytest.approx(-np.log(0.8 * 0.9 * 0.5 * 0.4) / 2)
    numbers = Judge("identity", Y, np.array([1.0, 3.0]))
    expected = ((0.2**2 + 0.1**2) + 3 * (0.5**2 + 0.6**2)) / 4
    assert numbers.loss(numbers.of_truth(v)) == pytest.approx(expected)


def test_weights_are_kept_as_a_file_keeps_them():
    theta = np.array([1 / 3, 1e-9, 1e6, -7.1], dtype=np.float32)
    kept = halved(theta)
    assert kept.dtype == np.float32
    assert kept[2] == 1e6
    assert kept[[0, 1, 3]].tolist() == theta[[0, 1, 3]].astype(np.float16).astype(np.float32).tolist()


def test_networks_of_a_checkpoint_are_taken_up_whatever_the_time_limit(tmp_path):
    path = tmp_path / "checkpoint"
    cut = fitted(checkpoint=path)
    cut.watch = lambda done: cut.stop() if len(cut.nets) >= 2 else None
    cut.run()
    there = set(cut.nets)
    again = fitted(checkpoint=path, resume=True)
    again.options = replace(again.options, time_limit=1e-9)
    again.run()
    assert len(there) >= 2
    assert there <= set(again.nets)
    assert all(again.nets[place].network.theta.tobytes() == cut.nets[place].network.theta.tobytes() for place in there)
