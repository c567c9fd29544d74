"""Weights set by hand change what they must, and nothing else."""

import numpy as np

from play_sessions import Talk


def test_an_edit_before_the_first_round_is_in_the_address():
    with Talk("#data=xor&samples=60&hidden=2&restarts=3&restart=1&speed=0") as talk:
        before = talk.theta()
        talk.say("edit", layer=0, from_node=2, to_node=1, weight=0.75)
        after = talk.theta()
        assert [tuple(place) for place in np.argwhere(before != after)] == [(1, 5)]
        assert after[1, 5] == 0.75
        picture, arrays = talk.picture()
        assert not picture.edited
        assert talk.network(arrays["theta"]).W[0][2, 1] == 0.75
        with Talk("#" + talk.experiment.address) as other:
            assert (other.theta() == after).all()
            other.play()
            talk.play()
            assert (other.theta() == talk.theta()).all()
        talk.run("rewind")
        assert (talk.theta() == after).all()
        talk.say("edit", layer=0, from_node=2, to_node=1, weight=-1)
        assert talk.experiment.settings.edits == [[1.0, 0.0, 2.0, 1.0, -1.0]]
        talk.set(hidden=[3])
        assert talk.experiment.settings.edits == []


def test_an_edit_changes_the_values_above_it_and_those_alone():
    with Talk("#data=xor&samples=60&hidden=2&restarts=1") as talk:
        _, before = talk.picture()
        talk.say("edit", layer=0, from_node=0, to_node=1, weight=2.5)
        _, after = talk.picture()
        changed = (before["v"] != after["v"]).tolist()
        assert changed == [False, False, False, True, True]
        seen = talk.network(after["theta"]).trace(talk.part.X[0], talk.part.Y[0])
        assert after["v"][-1] == seen.output[0]


def test_an_edit_after_the_first_round_is_told_of_and_the_training_goes_on_from_it():
    with Talk("#data=xor&samples=60&restarts=2&restart=0&epochs=1000&race=no&speed=50") as talk:
        talk.run("play")
        while talk.picture()[0].epoch < 2:
            pass
        talk.say("edit", layer=1, from_node=0, to_node=0, weight=30.0)
        picture, _ = talk.picture()
        assert picture.edited
        assert picture.running
        talk.run("pause")
        talk.finish()
        assert talk.theta()[0, 12] > 10
        assert "edits" not in talk.experiment.address
        talk.run("rewind")
        assert not talk.picture()[0].edited
