"""The user's own table, by upload: learnt, judged, shown as text and never as code."""

from __future__ import annotations

import numpy as np


def upload(page, path):
    with page.page.expect_file_chooser() as chosen:
        page.page.get_by_role("button", name="Your own table or model").click()
    before = page.last("experiment")[0]
    chosen.value.set_files(path)
    page.until(lambda: page.last("experiment")[0] is not before, "the table")


def table(path, rows=400, label="kind"):
    random = np.random.default_rng(0)
    X = random.normal(size=(rows, 3))
    kinds = np.where(X[:, 0] + 0.5 * X[:, 1] > 0, "rock", "pop")
    lines = [f"loud,fast,noise,{label}"] + [",".join([*map(str, x), y]) for x, y in zip(X.round(4), kinds, strict=True)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_an_own_table_is_learnt(page, tmp_path):
    page.open("speed=0")
    upload(page, table(tmp_path / "songs.csv"))
    learnt = page.last("experiment")[0]
    assert (learnt["kind"], learnt["task"], learnt["classes"]) == ("table", "classes", ["pop", "rock"])
    assert learnt["inputs"] == ["loud", "fast", "noise"]
    page.page.get_by_role("button", name="Play").click()
    page.until(lambda: page.picture["finished"], "the end")
    matrix = page.arrays["confusion"]
    assert matrix.sum() == learnt["rows"][2]
    assert matrix.trace() / matrix.sum() > 0.93
    said = dict(page.picture["scores"])["accuracy"]
    assert said.startswith(f"{matrix.trace() / matrix.sum():.4f}")


def test_names_that_are_code_are_shown_as_text(page, tmp_path):
    dialogs = []
    page.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.open("")
    label = "<img src=x onerror=alert(1)><script>alert(2)</script>\x1b[31m"
    upload(page, table(tmp_path / "<b>songs.csv", label=label))
    page.page.wait_for_timeout(300)
    assert label.split("\x1b")[0] in page.page.inner_text("body")
    assert page.page.evaluate("document.querySelectorAll('#page img, #page script').length") == 0
    assert dialogs == []


def test_what_is_no_table_is_refused_with_words(page, tmp_path):
    page.open("")
    path = tmp_path / "noise.csv"
    path.write_bytes(bytes(range(256)) * 40)
    before = page.last("experiment")[0]
    with page.page.expect_file_chooser() as chosen:
        page.page.get_by_role("button", name="Your own table or model").click()
    chosen.value.set_files(path)
    page.page.get_by_text("noise.csv").first.wait_for()
    assert page.last("experiment")[0] is before
    page.faults[:] = [one for one in page.faults if "400" not in one]  # Chromium tells of each answer that refuses


def test_a_file_of_201_megabytes_is_refused_before_it_is_sent(page, tmp_path):
    page.open("")
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(201_000_000)
    sent = []
    page.page.on("request", lambda request: sent.append(request.url))
    with page.page.expect_file_chooser() as chosen:
        page.page.get_by_role("button", name="Your own table or model").click()
    chosen.value.set_files(path)
    page.page.get_by_role("alert").get_by_text("large.csv has 201 MB; an upload may have 200 MB").wait_for()
    assert sent == []
