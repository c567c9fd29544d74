"""Each lesson is run, and what should be seen is looked for."""

import numpy as np
import pytest

from descend.play.lessons import lessons
from play_sessions import Talk

VIEWS = ("network", "round", "restarts", "answers", "numbers")


def weights(talk):
    return talk.network(talk.theta()[0]).W


def lines(talk, part):
    message, _ = talk.ask("round")
    return [line for step in message.steps if step.part == part for line in step.lines]


def last_number(line):
    return float(line.rpartition("= ")[2].split(" ")[0].replace("−", "-"))


def forward(talk):
    seen = talk.network(talk.theta()[0]).trace(talk.part.X[0], talk.part.Y[0])
    told = lines(talk, "forward")
    assert last_number(told[0]) == seen.s[1][0] == pytest.approx(float(weights(talk)[0][:, 0] @ seen.v[0]))
    assert last_number(told[1]) == seen.v[1][0] == pytest.approx(np.tanh(seen.s[1][0]))
    assert (abs(seen.v[1][:2]) < 1).all()


def bias(talk):
    told = lines(talk, "forward")
    assert "v_1[2] = 0.5 (bias node)" in told
    assert any("v_0[2] = 0.5 (bias node)" in line for line in lines(talk, "row"))
    before = talk.picture()[0].answer
    talk.set(bias=0)
    assert [W.shape for W in weights(talk)] == [(2, 2), (2, 1)]
    assert talk.picture()[0].answer != ""
    assert before != ""


def loss(talk):
    assert talk.picture()[0].loss > 0
    for node, weight in enumerate((0.6, -0.35)):
        talk.say("edit", layer=0, from_node=node, to_node=0, weight=weight)
    for row in range(5):
        talk.set(row=row)
        assert talk.picture()[0].loss < 1e-25
    talk.set(edits=[])
    talk.play()
    np.testing.assert_allclose(weights(talk)[0][:, 0], [0.6, -0.35, 0.0], atol=1e-9)


def chain_rule(talk):
    edge = talk.ask("edge", layer=0, from_node=0, to_node=0)[0].values
    assert edge["∂L/∂W_0[0,0]"] == edge["v_0[0]"] * edge["δ_1[0]"]
    above = talk.ask("edge", layer=1, from_node=0, to_node=0)[0].values
    sums = talk.ask("node", layer=1, to_node=0)[0].values
    slope = 1 - np.tanh(sums["s_1[0]"]) ** 2
    assert edge["δ_1[0]"] == pytest.approx(above["W_1[0,0]"] * above["δ_2[0]"] * slope, rel=1e-12)
    assert talk.ask("gradient_check")[0].passed


def one_round(talk):
    message, _ = talk.ask("round")
    after, before = (float(word.rstrip(".;")) for word in message.steps[-1].title.split() if word[:2] == "0.")
    assert after < before == talk.picture()[0].loss
    talk.run("round")
    assert talk.picture()[0].round == 1


def zeros(talk):
    (refused,) = talk.set(init="zeros")
    assert (refused.setting, "gets the same gradient" in refused.text) == ("init", True)
    start = weights(talk)[0].copy()
    _, arrays = talk.play()
    W = weights(talk)
    assert (W[0] != start).all()
    assert (W[0][:, 0] == W[0][:, 1]).all()
    assert W[1][0, 0] == W[1][1, 0]
    assert arrays["health"].tolist() == [3, 3]
    talk.run("rewind")
    talk.say("edit", layer=0, from_node=0, to_node=0, weight=0.6)
    _, arrays = talk.play()
    assert abs(weights(talk)[0][:, 0] - weights(talk)[0][:, 1]).max() > 1
    assert arrays["health"].tolist() == [0, 0]


def large_step(talk):
    picture, _ = talk.play()
    assert picture.status == ["diverged"] * 4
    talk.set(learning_rate=0.05)
    assert talk.play()[0].status == ["finished"] * 4


def dead_nodes(talk):
    _, arrays = talk.picture()
    assert arrays["health"].tolist() == [1, 0, 0, 0]
    assert np.ptp(arrays["maps"][2]) == 0
    start = weights(talk)[0].copy()
    _, arrays = talk.play()
    assert arrays["health"][0] == 1
    assert (weights(talk)[0][:, 0] == start[:, 0]).all()
    assert (weights(talk)[0][:, 1:] != start[:, 1:]).all()
    talk.run("rewind")
    talk.say("edit", layer=0, from_node=2, to_node=0, weight=0)
    assert talk.play()[1]["health"][0] == 0


def descents(talk):
    picture, arrays = talk.play()
    scores = dict(picture.race)
    best = arrays["best_loss"].min()
    far = int((arrays["best_loss"] > 1.5 * best).sum())
    assert 4 <= far < 16
    assert scores["far from the best"].startswith(f"{far} of 16 have more than 1.5 times its loss")
    near = (arrays["best_loss"] <= 1.05 * best).mean()
    assert f"with a chance of {near:.0%}; " in " ".join(words for _, words in picture.race)
    talk.set(hidden=[4])
    assert talk.play()[1]["best_loss"].min() < best / 2


def spiral(talk):
    picture, _ = talk.play()
    assert float(picture.scores[0][1].split(" ")[0]) >= 0.95
    assert picture.judged.endswith("took no part in learning")
    assert picture.status.count("killed") == 7


SEEN = {
    "forward": forward,
    "bias": bias,
    "loss": loss,
    "chain-rule": chain_rule,
    "round": one_round,
    "zeros": zeros,
    "large-step": large_step,
    "dead-nodes": dead_nodes,
    "descents": descents,
    "spiral": spiral,
}


@pytest.mark.parametrize("lesson", lessons(), ids=lambda one: one.name)
def test_what_should_be_seen_is_seen(lesson):
    with Talk() as talk:
        talk.set(**lesson.settings)
        assert talk.heard[-1][0].type == "experiment"
        talk.set(speed=0)
        SEEN[lesson.name](talk)


def test_lessons_have_all_their_parts():
    assert [one.name for one in lessons()] == list(SEEN)
    for one in lessons():
        assert one.view in VIEWS
        assert one.title
        assert one.seen
        assert len(one.text) >= 2
        assert len(one.todo) >= 2
        with Talk() as talk:
            assert talk.set(**one.settings)[-1].type == "experiment"
            shown = talk.experiment.settings
            assert all(getattr(shown, name) == value for name, value in one.settings.items())
