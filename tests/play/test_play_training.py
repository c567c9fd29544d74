"""The playground's training is the library's: the same bits, however it is paused, rewound, stepped or linked to."""

import numpy as np
import pytest

from descend.nets.network import Network
from play_sessions import Talk

SMALL = "#data=xor&samples=60&hidden=3&restarts=4&epochs=16&speed=0"


def fitted(talk, **changes):
    """The same training by `Network.fit`."""
    s, made = talk.experiment.settings, talk.session._made
    net = Network(
        list(made.spec.sizes),
        s.activation,
        made.spec.activations[-1].name,
        made.spec.loss.name,
        dtype=made.network.dtype.name,
        seed=s.seed,
    )
    train, choose, _ = made.problem.parts
    names = ("epochs", "learning_rate", "schedule", "batch_size", "optimizer", "l2", "dropout", "restarts")
    options = {name: getattr(s, name) for name in names}
    options |= {"race": "halving" if s.race else None, "validation": (choose.X, choose.Y), "n_jobs": 2}
    return net.fit(train.X, train.Y, **options | changes)


@pytest.mark.parametrize("more", ["", "&race=no", "&optimizer=adam&batch_size=8&schedule=cosine&dropout=0.2&l2=0.01"])
def test_weights_curves_and_killed_ones_are_those_of_fit(more):
    with Talk(SMALL + more) as talk:
        picture, arrays = talk.play()
        training = fitted(talk)
        assert picture.status == [one.status for one in training.restarts]
        assert picture.winner == training.winner
        assert picture.finished
        for r, state in enumerate(training._states):
            assert (talk.theta()[r] == state.theta).all()
            assert (arrays["loss"][r, : state.epoch] == state.loss_curve[: state.epoch].astype(np.float32)).all()
            assert np.isnan(arrays["loss"][r, state.epoch :]).all()
        assert arrays["best_loss"].tolist() == [float(one.best_loss) for one in training.restarts]
        assert ("killed" in picture.status) == ("race=no" not in more)


def test_a_link_opened_elsewhere_begins_with_the_same_weights_and_has_the_same_bits_after_20_epochs():
    address = "#data=moons&hidden=5,3&activation=tanh,relu&seed=7&restarts=5&epochs=20&speed=0"
    with Talk(address) as first, Talk("#" + first.experiment.address) as second:
        assert second.experiment.settings == first.experiment.settings
        assert (first.theta() == second.theta()).all()
        first.play()
        for _ in range(20):
            second.run("epoch")
            second.finish()
        assert second.picture()[0].epoch == 20
        assert (first.theta() == second.theta()).all()
        assert first.picture()[0].status == second.picture()[0].status


def test_pausing_and_going_on_changes_no_bit():
    with Talk(SMALL + "&epochs=400&samples=300") as talk, Talk(SMALL + "&epochs=400&samples=300") as whole:
        for _ in range(6):
            talk.run("play")
            talk.run("pause")
            talk.finish()
        talk.play()
        whole.play()
        assert (talk.theta() == whole.theta()).all()


def test_rewind_gives_the_same_starting_weights_and_the_same_end():
    with Talk(SMALL) as talk:
        start = talk.theta()
        talk.play()
        end = talk.theta()
        assert (start != end).any()
        talk.run("rewind")
        picture, _ = talk.picture()
        assert (picture.epoch, picture.round, picture.finished, picture.kept) == (0, 0, False, [0])
        assert (talk.theta() == start).all()
        talk.play()
        assert (talk.theta() == end).all()


@pytest.mark.parametrize(
    "more",
    [
        "",
        "&batch_size=7",
        "&optimizer=adam&batch_size=8&l2=0.01",
        "&optimizer=momentum&l2=0.1",
        "&dropout=0.3&schedule=linear",
    ],
)
def test_rounds_one_by_one_are_those_of_the_engine(more):
    address = SMALL + "&epochs=4&race=yes" + more
    with Talk(address) as talk, Talk(address) as whole:
        rounds = talk.experiment.rounds_per_epoch
        for number in range(1, 2 * rounds + 4):
            talk.run("round")
            assert talk.picture()[0].round == number or "killed" in talk.picture()[0].status
        whole.run("epoch")
        whole.finish()
        whole.run("epoch")
        whole.finish()
        epoch, thetas = talk.session._trainer.kept.at(2)
        assert epoch == 2
        assert (thetas == whole.theta()).all()
        assert talk.play()[0].finished
        whole.play()
        assert (talk.theta() == whole.theta()).all()
        curves = [one.session._made.prepared.group.states for one in (talk, whole)]
        for stepped, run in zip(*curves, strict=True):
            np.testing.assert_allclose(stepped.loss_curve, run.loss_curve, rtol=1e-12)
            assert stepped.status == run.status


def test_a_round_from_the_middle_of_an_epoch_changes_the_weights_as_the_walk_says():
    with Talk("#data=xor&samples=40&hidden=2&restarts=1&speed=0") as talk:
        order = [int(i) for i in _order(talk)]
        talk.set(row=order[0])
        message, _ = talk.ask("round")
        talk.run("round")
        theta = talk.theta()[0]
        update = [line for step in message.steps if step.part == "update" for line in step.lines]
        new = sorted(float(line.rpartition("= ")[2].replace("−", "-")) for line in update)
        np.testing.assert_allclose(sorted(theta.tolist()), new, rtol=1e-13, atol=1e-15)


def _order(talk):
    from descend.reference.order import epoch_order

    state = talk.session._made.prepared.group.states[0]
    return epoch_order(state.order_seed, 0, len(talk.part.X))


def test_looking_elsewhere_does_not_begin_anew():
    with Talk(SMALL) as talk:
        talk.run("epoch")
        talk.finish()
        talk.set(row=3, restart=2, speed=5)
        picture, _ = talk.picture()
        assert (picture.epoch, picture.restart) == (1, 2)
        talk.set(learning_rate=0.2)
        assert talk.picture()[0].epoch == 0


def test_speed_limits_the_epochs_of_a_second():
    with Talk("#data=xor&samples=40&restarts=1&epochs=2000&speed=20") as talk:
        import time

        talk.run("play")
        time.sleep(0.5)
        assert 4 <= talk.picture()[0].epoch <= 16
        talk.set(speed=0)
        assert talk.finish()[0].finished


def test_a_closed_session_ends_its_thread_at_once():
    with Talk("#hidden=64,64&restarts=64&epochs=2000&speed=0") as talk:
        talk.run("play")
        thread = talk.session._trainer._thread
        talk.session.close()
        assert not thread.is_alive()
        assert talk.session.picture() is None


def test_runs_that_diverge_are_said_with_the_remedy():
    with Talk("#data=bumps&hidden=8&activation=relu&learning_rate=5&restarts=3&race=no&speed=0") as talk:
        picture, _ = talk.play()
        assert picture.status == ["diverged"] * 3
        assert "Lower it (try 0.5)" in talk.last("said")[0].text
        assert "not finite" in talk.ask("round")[0].text
