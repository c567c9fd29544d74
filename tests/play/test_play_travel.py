"""Time travel: the weights of then, and a memory that does not grow."""

import numpy as np

from descend.files.load import load
from descend.play.moments import KEPT_BYTES, MOST_KEPT, Kept
from play_sessions import Talk


def test_travel_shows_the_weights_of_then():
    with Talk("#data=xor&samples=60&restarts=3&epochs=12&race=no&speed=0") as talk:
        then = {0: talk.theta()}
        for epoch in range(1, 9):
            talk.run("epoch")
            assert talk.finish()[0].epoch == epoch
            then[epoch] = talk.theta()
        assert talk.picture()[0].kept == list(range(9))
        talk.set(restart=1)
        for epoch in (3, 0, 8, 5):
            talk.say("travel", epoch=epoch)
            picture, arrays = talk.picture()
            assert (picture.shown_epoch, picture.epoch) == (epoch, 8)
            assert (arrays["theta"] == then[epoch][1]).all()
            assert picture.loss == talk.network(then[epoch][1]).trace(talk.part.X[0], talk.part.Y[0]).loss
        assert "go back to now" in talk.say("edit", layer=0, from_node=0, to_node=0, weight=1.0)[-1].text
        talk.say("travel", epoch=-1)
        assert (talk.picture()[1]["theta"] == then[8][1]).all()


def test_rounds_inside_an_epoch_leave_what_was_kept_of_its_beginning():
    with Talk("#data=xor&samples=60&restarts=1&speed=0") as talk:
        start = talk.theta()
        talk.run("round")
        assert (talk.theta() != start).any()
        talk.say("travel", epoch=0)
        assert (talk.picture()[1]["theta"] == start[0]).all()


def test_what_is_kept_is_bounded_evenly_spread_and_has_both_ends():
    kept = Kept(size=1)
    for epoch in range(5001):
        kept.add(epoch, np.full((1, 1), float(epoch)))
        assert len(kept.epochs) <= MOST_KEPT
    assert (kept.epochs[0], kept.epochs[-1]) == (0, 5000)
    assert len(kept.epochs) > MOST_KEPT / 3
    gaps = np.diff(kept.epochs)[:-1]
    assert gaps.max() <= 2 * gaps.min()
    assert [int(one[0, 0]) for one in kept.thetas] == kept.epochs


def test_large_networks_keep_fewer():
    kept = Kept(size=KEPT_BYTES)
    for epoch in range(20):
        kept.add(epoch, np.zeros((1, 1)))
    assert kept.epochs == [0, 19]


def test_travel_to_the_lowest_loss_shows_those_weights_and_a_download_takes_them(tmp_path):
    with Talk("#data=xor&noise=0.5&samples=80&restarts=2&epochs=60&race=no&speed=0&learning_rate=0.5&seed=1") as talk:
        assert talk.picture()[0].best_epoch == -1
        picture, arrays = talk.play()
        for restart in (0, 1):
            talk.set(restart=restart)
            talk.say("travel", epoch=-2)
            picture, arrays = talk.picture()
            curve = arrays["validation_loss"][restart]
            assert picture.shown_epoch == picture.best_epoch == int(curve.argmin()) + 1 < 60
            X, Y = talk.session._problem.parts[1].X, talk.session._problem.parts[1].Y
            p = talk.network(arrays["theta"]).predict(X)
            loss = -np.log(np.where(Y > 0.5, p, 1 - p)).mean()
            assert abs(loss - curve.min()) < 1e-5
            _, content = talk.ask("model")
            (tmp_path / "best.descend").write_bytes(content["bytes"].tobytes())
            assert (load(tmp_path / "best.descend").theta == arrays["theta"]).all()
        assert "go back to now" in talk.say("edit", layer=0, from_node=0, to_node=0, weight=1.0)[-1].text
