"""The numbers on the page are those of the mathematics, to the last digit; what is changed by hand changes them."""

from __future__ import annotations

import re

import numpy as np

from browser import weights
from descend import Network

LINK = "data=xor&samples=60&hidden=2&restarts=1&race=false&seed=4"
SIZES = [2, 2, 1]


def text_of(step):
    return re.sub(r"\s+", "", step.replace("−", "-"))


def network_of(page):
    net = Network(SIZES, output="sigmoid", loss="log_loss", dtype="float64", engine="reference")
    net.W = weights(SIZES, page.arrays["theta"])
    return net


def chosen_row(page):
    row = dict(page.picture["chosen"])
    x = [float(row["x_1"].replace("−", "-")), float(row["x_2"].replace("−", "-"))]
    return x, page.last("experiment")[0]["classes"].index(row["class"])


def steps_seen(page):
    """Walk through the round from its first step to its last; returns the text of each."""
    page.page.get_by_role("tab", name="One round").click()
    region = page.page.get_by_role("region", name="The step in numbers")
    region.wait_for()
    count = int(re.search(r"of (\d+)", page.page.locator(".round-count").inner_text())[1])
    texts = []
    for place in range(count):
        page.page.get_by_text(f"step {place + 1} of {count}").wait_for()
        texts.append(text_of(region.inner_text()))
        if place + 1 < count:
            page.page.get_by_role("button", name="next ▶").click()
    return texts


def test_one_round_is_walked_through_with_every_digit_of_the_trace(page):
    page.open(LINK + "&row=7")
    x, y = chosen_row(page)
    seen = network_of(page).trace(x, y)
    texts = steps_seen(page)
    assert len(texts) == 11

    def number(value):
        return text_of(repr(float(value)).removesuffix(".0"))

    forward, delta, gradient = texts[1], texts[7], texts[8]
    for i in range(2):
        assert f"s1[{i}]=" in forward
        assert f"={number(seen.s[1][i])}" in forward
        assert f"={number(seen.v[1][i])}" in forward
        assert f"={number(seen.delta[1][i])}" in delta
    for i in range(3):
        for j in range(2):
            assert f"={number(seen.dL_dW[0][i, j])}" in gradient
    assert number(seen.loss) in texts[3]
    found = {name: page.arrays[name] for name in ("v", "s", "delta", "dL_dv")}
    assert found["v"][2:4].tolist() == seen.v[1][:2].tolist()
    assert found["s"][2:4].tolist() == seen.s[1].tolist()
    assert found["delta"][2:4].tolist() == seen.delta[1].tolist()
    assert np.array_equal(page.arrays["dL_dW"], np.concatenate([one.ravel() for one in seen.dL_dW]))


def test_the_page_says_that_the_gradient_is_right(page):
    page.open(LINK)
    page.page.get_by_role("button", name=re.compile("check", re.IGNORECASE)).first.click()
    page.until(lambda: page.last("gradient_check") is not None, "the gradient check")
    assert page.last("gradient_check")[0]["passed"]
