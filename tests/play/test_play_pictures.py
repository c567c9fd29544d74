"""Every number of a picture is that of the library: traces, predictions, scores."""

import numpy as np
import pytest

from descend.engine import predict
from descend.models.scores import evaluate_classes
from descend.nets.health import health
from descend.nets.network import Network
from descend.play.pictures.network import grid
from play_sessions import Talk

PLANE = "#data=spiral3&samples=100&hidden=5,4&activation=tanh,relu&restarts=3&epochs=10&race=no&speed=0"


def without_bias(talk, layers):
    each = zip(layers, talk.experiment.sizes, strict=True)
    return np.concatenate([np.full(n, np.nan) if one is None else one[:n] for one, n in each])


@pytest.mark.parametrize("address", [PLANE, "#data=curve&hidden=3&epochs=5&speed=0", "#hidden=none&epochs=5&speed=0"])
def test_quantities_of_the_row_are_those_of_trace(address):
    with Talk(address) as talk:
        talk.play()
        talk.set(row=7, restart=1)
        picture, arrays = talk.picture()
        seen = talk.network(talk.theta()[1]).trace(talk.part.X[7], talk.part.Y[7])
        assert picture.loss == seen.loss
        for name in ("v", "s", "delta", "dL_dv"):
            np.testing.assert_array_equal(arrays[name], without_bias(talk, getattr(seen, name)))
        assert (arrays["dL_dW"] == np.concatenate([one.ravel() for one in seen.dL_dW])).all()
        assert (arrays["theta"] == talk.theta()[1]).all()
        assert arrays["theta"].dtype == np.float64


def test_maps_and_surface_are_the_values_over_the_plane_from_the_top_down():
    with Talk(PLANE) as talk:
        _, arrays = talk.play()
        extent = talk.experiment.extent
        net = talk.network(talk.session._trainer.moment.thetas[talk.picture()[0].restart])
        side = arrays["maps"].shape[1]
        assert arrays["maps"].shape == (sum(talk.experiment.sizes), side, side)
        rows = [(0, 0), (3, side - 1), (side - 1, 5)]
        for i, j in rows:
            x = [
                extent[0] + (extent[1] - extent[0]) * j / (side - 1),
                extent[3] - (extent[3] - extent[2]) * i / (side - 1),
            ]
            values = without_bias(talk, net.trace(x, [1, 0, 0]).v)
            np.testing.assert_allclose(arrays["maps"][:, i, j], values, atol=2e-5)
        fine = arrays["surface"].shape[1]
        points = np.ascontiguousarray(grid(tuple(extent), fine))
        expected = predict(net.spec, net.theta.astype(np.float32), points)
        assert (expected == arrays["surface"].reshape(3, -1).T).all()


def test_matrix_and_scores_are_those_of_the_rows_that_judge():
    with Talk(PLANE) as talk:
        picture, arrays = talk.play()
        judge = talk.session._made.problem.parts[2]
        net = talk.network(talk.session._trainer.moment.thetas[picture.restart])
        one = evaluate_classes(net.predict(judge.X), judge.truth)
        assert (arrays["confusion"] == one.confusion).all()
        assert picture.judged == "20 rows that took no part in learning"
        assert picture.scores[0][0] == "accuracy"
        assert float(picture.scores[0][1].split(" ")[0]) == round(one.scores["accuracy"], 4)


def test_two_classes_with_one_output_have_a_matrix_of_two():
    with Talk("#data=xor&samples=200&epochs=30&speed=0") as talk:
        picture, arrays = talk.play()
        judge = talk.session._made.problem.parts[2]
        output = talk.network(talk.session._trainer.moment.thetas[picture.restart]).predict(judge.X)[:, 0]
        expected = [[((judge.truth == i) & ((output > 0.5) == j)).sum() for j in range(2)] for i in range(2)]
        assert arrays["confusion"].tolist() == expected


def test_parts_of_a_curve_add_up_to_the_fit():
    with Talk("#data=curve&hidden=5&epochs=30&speed=0") as talk:
        picture, arrays = talk.play()
        theta = talk.session._trainer.moment.thetas[picture.restart]
        bias = theta[-1]
        np.testing.assert_allclose(arrays["curve_parts"].sum(axis=0) + bias, arrays["curve_y"], atol=1e-5)
        x = float(arrays["curve_x"][40])
        assert talk.network(theta).predict([[x]])[0, 0] == pytest.approx(float(arrays["curve_y"][40]), abs=1e-5)


def test_marks_are_those_of_health():
    edits = "0:0:0:0:0.5,0:0:0:1:0.5,0:0:1:0:-0.4,0:0:1:1:-0.4,0:0:2:2:-9,0:0:0:3:900"
    with Talk(f"#data=circles&hidden=4&activation=relu&restarts=1&edits={edits}") as talk:
        _, arrays = talk.picture()
        found = health(talk.network(talk.theta()[0]), talk.part.X)
        assert arrays["health"].tolist() == [3, 3, 1, 0]
        assert (found.dead, found.duplicated) == ([[2]], [[(0, 1)]])


def test_large_layers_are_summarised():
    rng = np.random.default_rng(0)
    X, Y = rng.random((60, 200)), rng.random(60)
    from descend.nets.network import Network

    with Talk("#speed=0", (Network([200, 120, 1], seed=0), X, Y)) as talk:
        _, arrays = talk.picture()
        assert "theta" not in arrays
        W = talk.network(talk.theta()[0]).W
        np.testing.assert_allclose(arrays["edge_mean"][0], [abs(W[0]).mean(), abs(W[0]).max()], rtol=1e-6)
        edge = talk.ask("edge", layer=0, from_node=3, to_node=5)[0].values
        assert edge["W_0[3,5]"] == W[0][3, 5]
        node = talk.ask("node", layer=1, to_node=5)[0].values
        assert edge["∂L/∂W_0[3,5]"] == edge["v_0[3]"] * node["δ_1[5]"]


def test_many_rows_are_judged_a_part_at_a_time_until_all_are():
    with Talk("#data=table:diamonds&hidden=64,64&activation=tanh,tanh&restarts=1&row=2") as talk:
        seen, judged = talk.session.picture(), []
        while seen is not None:
            judged.append(seen[0].judged)
            assert len(judged) < 50
            seen = talk.session.picture()
        assert len(judged) > 2
        assert judged[0].endswith("of 2,400 rows that took no part in learning")
        assert judged[-1] == "2,400 rows that took no part in learning"


def test_restarts_of_one_network_are_ranked_by_the_rows_that_choose():
    with Talk("#data=xor&restarts=8&race=no&epochs=20&noise=0.3&speed=0") as talk:
        picture, arrays = talk.play()
        assert picture.restart == picture.winner == int(arrays["best_loss"].argmin())
        assert sum("median" in head + words for head, words in picture.race) == 1
        assert any("with a chance of" in words for _, words in picture.race)
        assert arrays["ended"].tolist() == [20] * 8


def test_figures_of_a_race_say_that_the_killed_are_not_in_them_and_how_to_see_their_ends():
    with Talk("#data=xor&restarts=8&epochs=32&speed=0") as talk:
        while not any("killed" in words for _, words in talk.picture()[0].race):
            talk.run("epoch")
            talk.finish()
        heads = [head for head, _ in talk.picture()[0].race]
        assert "best, median, worst of the rest" in heads
        told = talk.play()[0].race
        assert any("switch Race off" in words for _, words in told)
        assert "loss of the one that is left" in dict(told)


def test_rows_that_a_given_network_may_know_are_not_called_new():
    X = np.random.default_rng(0).normal(size=(50, 2))
    with Talk("", (Network([2, 3, 1], seed=0), X, X[:, :1])) as talk:
        assert talk.picture()[0].judged == "10 rows left out here, which the given network may have learnt from"


@pytest.mark.filterwarnings("error")
def test_a_restart_that_diverges_makes_no_noise_in_the_terminal():
    with Talk("#data=plane&learning_rate=100&restarts=2&race=no&epochs=5&speed=0") as talk:
        talk.play()
        assert "diverged" in talk.picture()[0].status


def test_nothing_is_said_of_losses_before_there_are_some():
    with Talk("#data=xor&restarts=4&epochs=3&speed=0") as talk:
        picture, _ = talk.picture()
        assert picture.race == []
        assert not {"training loss", "lowest loss on the rows that choose"} & {head for head, _ in picture.scores}
        picture, _ = talk.play()
        assert {"training loss", "lowest loss on the rows that choose"} <= {head for head, _ in picture.scores}
        assert "best, median, worst of the rest" in [head for head, _ in picture.race]
        assert not any("validation loss: " in words for _, words in picture.race)  # once is enough
