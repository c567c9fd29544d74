"""What a page says is checked, settings and addresses; what is wrong is refused by name, and all stays as it was."""

import math

import numpy as np
import pytest

from descend.play.address import read_address, write_address
from descend.play.choices import BOUNDS, choices
from descend.play.messages import Settings
from descend.play.settings import NAMES, changed
from descend.spec.activations import ACTIVATIONS
from descend.spec.init import INITIALISATIONS
from descend.spec.losses import LOSSES
from descend.spec.plan import OPTIMIZERS
from descend.spec.schedules import SHAPES
from play_sessions import Talk

WRONG = [
    ("noise", 7, "from 0 to 1; got 7"),
    ("noise", math.nan, "got nan"),
    ("noise", "a", "got 'a'"),
    ("samples", 3, "a whole number from 20 to 5,000"),
    ("samples", 100.5, "a whole number"),
    ("hidden", [0], "1 to 1,024 nodes"),
    ("hidden", [2] * 9, "at most 8 layers"),
    ("hidden", 4, "at most 8 layers"),
    ("activation", ["tanhh"], 'Did you mean "tanh"?'),
    ("activation", ["softmax"], "is not known"),
    ("data", "own", "Upload one"),
    ("data", "spirale", 'Did you mean "spiral"?'),
    ("init", "zeros", "every hidden node computes the same"),
    ("loss", "poisson", "is for counts"),
    ("optimizer", None, "is not known"),
    ("race", 1, "true or false"),
    ("restarts", 257, "from 1 to 256"),
    ("row", 10_000, "from 0 to"),
    ("restart", 20, "from −1 to 15"),
    ("edits", [[0, 5, 0, 0, 1.0]], "There is no weight W_5[0,0]"),
    ("edits", [[99, 0, 0, 0, 1.0]], "restart 99"),
    ("edits", [[0, 0, 0, 0, "x"]], "must be a list of"),
    ("edits", [[0, 0, "x", 0, 1.0]], "must be a list of"),
    ("target", 3, "the name of a column"),
]


@pytest.mark.parametrize(("setting", "value", "text"), WRONG)
def test_what_is_wrong_is_refused_by_name_and_all_stays(setting, value, text):
    with Talk("#samples=60&speed=0") as talk:
        talk.run("epoch")
        talk.finish()
        before, theta = talk.experiment.settings, talk.theta()
        (refused,) = talk.set(**{setting: value})
        assert (refused.type, refused.setting) == ("refused", setting)
        assert text in refused.text
        assert talk.experiment.settings == before
        assert talk.picture()[0].epoch == 1
        assert (talk.theta() == theta).all()


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({}, "is not known"),
        ({"type": ["x"]}, "is not known"),
        ({"type": "sett"}, 'Did you mean "set"?'),
        ({"type": "set"}, "`settings` is missing"),
        ({"type": "set", "settings": [1]}, "must be an object"),
        ({"type": "set", "settings": {"colour": 1}}, "is no setting"),
        ({"type": "run", "action": "jump"}, "is not known"),
        ({"type": "run", "action": []}, "must be a text"),
        ({"type": "travel", "epoch": 1.5}, "a whole number"),
        ({"type": "travel", "epoch": 10**400}, "a whole number"),
        ({"type": "edit", "layer": 0, "from_node": 0, "to_node": 0, "weight": math.inf}, "finite"),
        ({"type": "edit", "layer": 0, "from_node": 9, "to_node": 0, "weight": 1}, "There is no weight"),
        ({"type": "edit", "layer": -1, "from_node": 0, "to_node": 0, "weight": 1}, "There is no weight"),
        ({"type": "edit", "layer": 0, "from_node": 0, "to_node": 0, "weight": 10**400}, "finite"),
        ({"type": "ask", "what": "all"}, "is not known"),
        ({"type": "ask", "what": "node", "layer": 9}, "There is no node"),
        ({"type": "ask", "what": "edge", "layer": 9}, "There is no weight"),
        ({"type": "hello", "address": 7}, "must be a text"),
    ],
)
def test_messages_that_make_no_sense_are_refused(message, text):
    with Talk("#samples=60") as talk:
        talk.session.receive(message)
        assert talk.heard[-1][0].type == "refused"
        assert text in talk.heard[-1][0].text


def test_nothing_goes_before_hello():
    from descend.play.session import Session

    said = []
    session = Session(lambda message, arrays: said.append(message))
    session.receive({"type": "run", "action": "play"})
    assert said[0].text == 'The page must say "hello" first.'
    assert session.picture() is None
    session.close()


def test_choices_are_the_tables_of_the_library():
    known = {setting: [one.value for one in values] for setting, values in choices("mine").items()}
    assert known["activation"] == [name for name, row in ACTIVATIONS.items() if row.hidden]
    assert known["init"] == ["auto", *INITIALISATIONS, "zeros"]
    assert sorted(known["loss"]) == sorted(["auto", *LOSSES])
    assert known["schedule"] == list(SHAPES)
    assert known["optimizer"] == list(OPTIMIZERS)
    assert known["data"][-1] == "own"
    assert all(one.label and one.note for values in choices("mine").values() for one in values)
    assert set(BOUNDS) <= set(NAMES)


ODD = Settings(
    data="curve",
    noise=0.25,
    samples=50,
    target="a&b=c #é",
    hidden=[3, 70],
    activation=["relu", "step"],
    straight_through=True,
    bias=0.5,
    init="he_normal",
    seed=2**53 - 1,
    loss="huber",
    learning_rate=1e-5,
    schedule="cosine",
    batch_size=7,
    optimizer="adam",
    l2=0.001,
    dropout=0.125,
    epochs=9,
    restarts=3,
    race=False,
    speed=0.0,
    row=4,
    restart=2,
    member=1,
    edits=[[0.0, 1.0, 2.0, 0.0, -1.5], [1.0, 0.0, 0.0, 0.0, 1e-300]],
)


def test_an_address_says_every_setting_and_reads_back():
    usual = Settings()
    assert [name for name in NAMES if getattr(ODD, name) == getattr(usual, name)] == []
    written = write_address(ODD, "view=round&theme=dark")
    assert all(f"{name}=" in written for name in NAMES)
    assert "target=a%26b%3Dc%20%23%C3%A9" in written
    assert read_address("#" + written, usual) == (ODD, "view=round&theme=dark", [])
    assert write_address(usual) == ""
    assert read_address("hidden=none", usual)[0].hidden == []


@pytest.mark.parametrize("text", ["no", "false", "False", "off", "0"])
def test_an_address_takes_a_switch_as_people_write_it(text):
    assert not read_address(f"#race={text}", Settings())[0].race


def test_an_address_with_wrong_parts_says_so_and_takes_the_rest():
    with Talk("#data=xor&noise=9&hidden=a,b&colour=red&seed=5&view=round&lesson=zeros&=&%ff") as talk:
        s = talk.experiment.settings
        assert (s.data, s.seed, s.noise, s.hidden) == ("xor", 5, 0.1, [4])
        notes = [message.text for message, _ in talk.heard if message.type == "said"]
        assert len(notes) == 5
        assert "from 0 to 1; got 9" in notes[0]
        assert "Did you mean" in notes[2] or "is no setting" in notes[2]
        assert talk.experiment.address == "data=xor&seed=5&view=round&lesson=zeros"


def test_an_address_that_cannot_be_followed_leaves_what_holds_otherwise():
    with Talk("#data=xor&init=zeros") as talk:
        assert talk.experiment.settings == Settings()
        assert "every hidden node computes the same" in talk.last("said")[0].text


def test_activations_follow_the_layers():
    assert changed(Settings(), {"hidden": [2, 3, 4]}).activation == ["tanh"] * 3
    assert changed(Settings(), {"hidden": []}).activation == []
    assert changed(changed(Settings(), {"hidden": []}), {"hidden": [1]}).activation == ["tanh"]


def test_zeros_without_a_hidden_layer_are_no_problem():
    with Talk("#data=plane&hidden=none&init=zeros&speed=0&noise=0") as talk:
        assert not talk.theta().any()
        assert talk.play()[0].finished
        assert talk.picture()[0].scores[0] == ["R²", "1.0000 ± 0.0000"]


def test_a_step_without_surrogate_is_looked_at_and_not_trained():
    with Talk("#activation=step&speed=0") as talk:
        assert not talk.experiment.trainable
        picture, arrays = talk.picture()
        assert set(np.abs(arrays["v"][2:6])) <= {0.0, 1.0}
        assert np.isnan(arrays["delta"]).all()
        assert picture.answer
        (refused,) = talk.run("play")
        assert refused.setting == "straight_through"
        assert "nothing below it would ever learn" in refused.text
        assert talk.ask("trace")[0].text == refused.text
        talk.set(straight_through=True)
        assert talk.experiment.trainable
        assert talk.play()[0].finished


def test_more_than_the_memory_for_it_is_refused():
    with Talk() as talk:
        (refused,) = talk.set(hidden=[1024, 1024, 1024], restarts=256)
        assert "GB" in refused.text
        assert talk.experiment.settings == Settings()


def test_a_run_that_goes_begins_anew_with_another_setting_and_goes_on_but_not_with_other_data():
    with Talk("#data=xor&restarts=2&epochs=20000&speed=50") as talk:
        talk.set(learning_rate=0.1)
        assert not talk.picture()[0].running
        talk.run("play")
        talk.set(learning_rate=0.2, hidden=[3])
        picture, _ = talk.picture()
        assert picture.running
        assert picture.epoch < 10
        talk.set(data="moons")
        assert not talk.picture()[0].running
        talk.run("play")
        talk.set(activation=["step"], hidden=[2])
        assert not talk.picture()[0].running
