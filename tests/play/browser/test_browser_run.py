"""Training from the page: the same bits as from Python, back to the start, back in time, the race."""

from __future__ import annotations

import numpy as np

from browser import profile
from descend.play.session import Session

SPIRAL = "data=spiral&noise=0&samples=1000&hidden=16,16&learning_rate=0.01&optimizer=adam&batch_size=16&epochs=300"


def press(page, name):
    page.page.get_by_role("button", name=name).click()


def accuracy(page):
    matrix = page.arrays["confusion"]
    return matrix.trace() / matrix.sum()


def test_a_spiral_is_learnt(page):
    page.open(SPIRAL + "&restarts=4&race=false&speed=0")
    press(page, "Play")
    page.until_epoch(300)
    assert page.picture["finished"]
    assert accuracy(page) >= 0.95


def test_a_link_is_the_same_experiment_in_another_browser(page, chromium, address):
    page.open("data=moons&seed=3&restarts=4&epochs=20&speed=0")
    press(page, "Play")
    page.until_epoch(20)
    press(page, "Rewind")
    page.until(lambda: page.picture["epoch"] == 0, "the start")
    start = page.arrays["theta"].copy()
    link = page.page.evaluate("location.hash.slice(1)")
    with profile(chromium, address) as other:
        other.open(link)
        assert np.array_equal(other.arrays["theta"], start)
        for one in (page, other):
            press(one, "Play")
            one.until_epoch(20)
        assert other.picture["epoch"] == 20
        assert other.arrays["theta"].tobytes() == page.arrays["theta"].tobytes()
        assert not np.array_equal(other.arrays["theta"], start)
        assert other.faults == []


def test_time_travel_shows_the_weights_of_then(page):
    page.open("data=circles&restarts=2&race=false&epochs=40&speed=0")
    then = {0: page.arrays["theta"].copy()}
    for epoch in (1, 2, 3):
        press(page, "1 epoch")
        page.until_epoch(epoch)
        then[epoch] = page.arrays["theta"].copy()
    press(page, "Play")
    page.until_epoch(40)
    now = page.arrays["theta"].copy()
    slider = page.page.get_by_role("slider", name="Time travel")
    for epoch in (2, 0, 3):
        slider.fill(str(epoch))
        page.until(lambda epoch=epoch: page.picture["shown_epoch"] == epoch, f"epoch {epoch} of then")
        assert np.array_equal(page.arrays["theta"], then[epoch])
    press(page, "Now")
    page.until(lambda: page.picture["shown_epoch"] == 40, "now")
    assert np.array_equal(page.arrays["theta"], now)


def test_those_greyed_are_those_that_python_kills(page):
    link = "data=xor&hidden=3&restarts=16&epochs=64&speed=40"
    page.open(link)
    press(page, "Play")
    page.until_epoch(64)
    said = []
    session = Session(lambda message, arrays: said.append(message))
    session.receive({"type": "hello", "address": "#" + link})
    session.receive({"type": "set", "settings": {"speed": 0}})
    session.receive({"type": "run", "action": "play"})
    while not (seen := session.picture()) or not seen[0].finished:
        pass
    session.close()
    assert page.picture["status"] == seen[0].status
    assert page.picture["status"].count("killed") == 15
    raced = [message["status"].count("killed") for message, _ in page.heard if message["type"] == "picture"]
    assert len(set(raced)) >= 3  # it was seen live, not only at the end


def test_the_weights_of_the_lowest_loss_are_shown_by_a_click_and_those_of_now_by_another(page):
    page.open("data=xor&noise=0.5&samples=80&restarts=1&race=no&epochs=80&learning_rate=0.5&speed=0")
    press(page, "Play")
    page.until_epoch(80)
    now = page.arrays["theta"].copy()
    best = int(page.arrays["validation_loss"][0].argmin()) + 1
    assert best < 80
    press(page, "lowest validation loss")
    page.until(lambda: page.picture["shown_epoch"] == best, "the epoch of the lowest loss")
    assert (page.arrays["theta"] != now).any()
    assert page.page.get_by_role("slider", name="Time travel").input_value() == str(best)
    press(page, "back to now")
    page.until(lambda: page.picture["shown_epoch"] == 80, "now")
    assert (page.arrays["theta"] == now).all()


def test_the_time_slider_shows_how_far_the_training_is(page):
    page.open("data=xor&restarts=1&epochs=40&speed=0")
    slider = page.page.get_by_role("slider", name="Time travel")
    assert slider.is_disabled()
    assert slider.input_value() == "0"
    press(page, "1 epoch")
    page.until_epoch(1)
    assert (slider.input_value(), slider.get_attribute("max")) == ("1", "40")
