"""The views show the numbers that Python has, each with all its digits, and hand on what is done in them."""

from __future__ import annotations

import re

import numpy as np
import pytest

from browser import weights
from descend.nets.network import Network

SMALL = "data=circles&hidden=3&restarts=2&seed=5"


def shown(page):
    """Numbers of the node or edge that is looked at, by name."""
    names = page.page.locator(".numbers-list dt").all_inner_texts()
    values = page.page.locator(".numbers-list dd").all_inner_texts()
    return {name: number(value) for name, value in zip(names, values, strict=False)}


def number(text):
    return float(text.strip().replace("−", "-"))


def middle(box):
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def traced(page):
    """What the library says of the chosen row at the weights shown."""
    net = Network([2, 3, 1], activation="tanh", output="sigmoid", loss="log_loss", dtype="float64", engine="reference")
    net.W = [one.tolist() for one in weights([2, 3, 1], page.arrays["theta"])]
    chosen = dict(page.picture["chosen"])
    x = np.array([float(chosen["x_1"]), float(chosen["x_2"])])
    return net.trace(x, np.array([float(chosen["class"] == "B")]))


def test_the_keyboard_leads_to_every_node_and_shows_its_numbers(page):
    page.open(SMALL)
    page.page.locator('.net-node[tabindex="0"]').focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "Enter"):
        page.page.keyboard.press(key)
    seen = traced(page)
    assert page.page.locator(".numbers-head").inner_text().startswith("Node v1[2]")
    assert shown(page) == {
        "v1[2]": seen.v[1][2],
        "s1[2]": seen.s[1][2],
        "δ1[2]": seen.delta[1][2],
        "∂L/∂v1[2]": seen.dL_dv[1][2],
    }


def test_a_weight_set_by_hand_changes_what_it_must(page):
    page.open(SMALL)
    before = page.arrays["theta"].copy()
    page.page.mouse.click(*middle(page.page.locator(".net-edge").nth(1).bounding_box()))
    assert shown(page)["W0[0,1]"] == before[1]
    page.page.get_by_label("set to").fill("-1.25")
    page.page.keyboard.press("Enter")
    page.until(lambda: page.arrays["theta"][1] == -1.25, "the new weight")
    assert np.flatnonzero(page.arrays["theta"] != before).tolist() == [1]
    seen = traced(page)
    assert page.arrays["s"].tolist()[2:] == [*seen.s[1], *seen.s[2]]
    page.until(lambda: shown(page).get("W0[0,1]") == -1.25, "its numbers")
    assert shown(page)["∂L/∂W0[0,1]"] == seen.dL_dW[0][0, 1]


def walked(page):
    """The numbers of all lines, step by step."""
    found = {}
    page.page.get_by_role("button", name="next ▶").focus()
    steps = page.page.get_by_text(re.compile(r"step \d+ of \d+"))
    last = int(steps.inner_text().split()[-1])
    for step in range(1, last + 1):
        page.until(lambda step=step: steps.inner_text() == f"step {step} of {last}", f"step {step}")
        page.page.wait_for_timeout(50)
        for line in page.page.locator(".round-line").all_inner_texts():
            name = line.split(" = ")[0].strip()
            found[name] = line.split(" = ")[-1]
        page.page.keyboard.press("ArrowRight")
    return found


def test_a_round_is_walked_through_with_the_numbers_of_a_trace(page):
    page.open(SMALL + "&view=round")
    seen = traced(page)
    wanted = {"s1[2]": seen.s[1][2], "L": seen.loss, "δ1[0]": seen.delta[1][0]}
    found = walked(page)
    if not wanted.keys() <= found.keys():  # lines come a moment after their step
        page.page.get_by_role("button", name="first step").click()
        found |= walked(page)
    assert {name: number(found.get(name, "nan")) for name in wanted} == wanted, sorted(found)


def test_doing_the_round_shows_the_numbers_after_it(page):
    page.open(SMALL + "&view=round")
    page.page.get_by_role("button", name="last step").click()
    before = page.picture["round"]
    page.page.get_by_role("button", name="do this round").click()
    page.until(lambda: page.picture["round"] == before + 1, "the round")
    page.page.get_by_role("button", name="first step").click()
    page.page.get_by_role("button", name="next ▶").click()
    wanted = traced(page).s[1][0]
    page.until(lambda: str(wanted).replace("-", "−") in page.page.locator(".round-text").inner_text(), "new numbers")


def test_a_restart_chosen_is_shown_everywhere_and_the_leader_again(page):
    page.open(SMALL)
    page.page.get_by_role("button", name="1 epoch").click()
    page.until_epoch(1)
    other = 1 - page.picture["winner"]
    page.page.locator(".restart-chip").nth(other).click()
    page.until(lambda: page.picture["restart"] == other, "the other restart")
    page.page.get_by_role("button", name="back to the leader").click()
    page.until(lambda: page.picture["restart"] == page.picture["winner"], "the leader")


def test_a_click_on_a_point_chooses_its_row(page):
    page.open("data=xor&samples=20&noise=0&hidden=2&restarts=1")
    points, part = (page.last("experiment")[1][name] for name in ("points", "part"))
    training = points[part == 0]
    far = [np.hypot(*(points[:, :2] - one[:2]).T) for one in training]
    row = int(np.argmax([np.sort(one)[1] for one in far]))  # the one farthest from all others
    frame = page.page.locator(".answers-frame").bounding_box()
    least_x, most_x, least_y, most_y = page.last("experiment")[0]["extent"]
    x = frame["x"] + frame["width"] * (training[row, 0] - least_x) / (most_x - least_x)
    y = frame["y"] + frame["height"] * (most_y - training[row, 1]) / (most_y - least_y)
    page.page.mouse.click(float(x), float(y))
    page.until(lambda: page.last("experiment")[0]["settings"]["row"] == row, f"row {row}")


def test_all_of_an_edge_is_seen_without_scrolling_in_a_small_window(page):
    page.open(SMALL)
    page.page.mouse.click(*middle(page.page.locator(".net-edge").nth(1).bounding_box()))
    page.page.get_by_label("set to").wait_for()
    for card in (".card.numbers .card-body", ".net-place"):
        sizes = page.page.locator(card).evaluate("one => [one.scrollHeight - one.clientHeight, one.clientWidth]")
        assert sizes[0] == 0
        assert sizes[1] > 300


def test_inputs_show_backward_how_the_loss_changes_with_them(page):
    page.open(SMALL)
    page.page.get_by_label("backward: δ, ∂L/∂w").check()
    wanted = traced(page).dL_dv[0]
    for index, value in enumerate(wanted[:2]):
        words = page.page.locator(f'.net-node[data-layer="0"][data-index="{index}"]').get_attribute("aria-label")
        assert number(words.partition("∂L/∂v = ")[2]) == pytest.approx(value, rel=0.1)
    assert page.page.locator(".net-quantity").text_content() == "∂L/∂v"


def test_before_the_first_epoch_nothing_is_said_of_losses(page):
    page.open(SMALL)
    text = page.page.locator("[aria-label=Results]").inner_text()
    assert "No epoch is done yet" in text
    assert "∞" not in text
    page.page.get_by_role("button", name="1 epoch").click()
    page.until_epoch(1)
    page.page.get_by_text("best, median, worst").wait_for()
    assert page.page.get_by_text("No epoch is done yet").count() == 0
