"""One round under the glass: the numbers of `trace`, the words of `descend step`, the files that are handed out."""

import json
import re

import numpy as np
import pytest

from command_line import run as run_command
from descend import load
from descend.describe import round as words
from descend.describe.sums import EXACT
from descend.nets.network import Network
from play_sessions import Talk


def lines_of(message, part):
    return [line for step in message.steps if step.part == part for line in (step.title, *step.lines)]


def round_of(talk, row, l2=0.0):
    net, s = talk.network(talk.theta()[talk.picture()[0].restart]), talk.experiment.settings
    seen = net.step(talk.part.X[row], talk.part.Y[row], learning_rate=s.learning_rate, l2=l2)
    return words.Round(net.spec, seen, talk.part.Y[row], s.learning_rate, EXACT, True, "", l2)


@pytest.mark.parametrize("more", ["", "&data=blobs", "&data=bumps&activation=relu&l2=0.25", "&loss=squared&bias=0.5"])
def test_lines_are_those_of_describe_with_every_digit(more):
    with Talk("#data=xor&samples=60&hidden=3&restarts=2&epochs=3&speed=0" + more) as talk:
        talk.play()
        talk.set(row=5)
        message, _ = talk.ask("round")
        r = round_of(talk, 5, talk.experiment.settings.l2)
        forward = [line.strip() for layer in (1, 2) for line in words.forward_lines(r, layer)]
        delta = [line.strip() for layer in (2, 1) for line in words.delta_lines(r, layer)]
        assert lines_of(message, "forward") == forward
        assert lines_of(message, "delta") == delta
        assert lines_of(message, "loss")[1] == words.loss_line(r).strip()
        assert message.steps[-1].title == words.after_line(r)
        parts = [step.part for step in message.steps]
        assert parts == ["row", "forward", "forward", "loss", *["delta", "gradient", "update"] * 2, "after"]


def test_new_weights_are_those_of_a_step_to_the_last_digit():
    with Talk("#data=xor&samples=60&hidden=3&restarts=1&l2=0.125&learning_rate=0.5") as talk:
        message, _ = talk.ask("round")
        r = round_of(talk, 0, 0.125)
        for line in lines_of(message, "update"):
            if found := re.match(r"W_(\d)\[(\d),(\d)\] = .* = (\S+)$", line):
                layer, i, j = map(int, found.groups()[:3])
                assert float(found[4].replace("−", "-")) == r.seen.W_new[layer][i, j]
        assert sum(line.startswith("W_0[") for line in lines_of(message, "update")) == 9
        assert "λ = 0.125" in lines_of(message, "update")[0]


def test_the_walk_is_what_descend_step_prints_of_the_model_that_was_taken_along(tmp_path):
    with Talk("#data=table:penguins&hidden=3&restarts=2&epochs=5&speed=0&learning_rate=0.1") as talk:
        talk.play()
        (tmp_path / "p.descend").write_bytes(talk.ask("model")[1]["bytes"].tobytes())
        message, _ = talk.ask("round")
        cells = dict(talk.picture()[0].chosen)
        (tmp_path / "row.csv").write_text(",".join(cells) + "\n" + ",".join(cells.values()) + "\n")
        file, table = str(tmp_path / "p.descend"), str(tmp_path / "row.csv")
        printed = run_command("step", file, table, "--row", "1", "--digits", "17", "--full").out
        printed = " ".join(printed.split())  # long lines were wrapped
        for part in ("forward", "loss", "delta"):
            for line in lines_of(message, part):
                assert line in printed


def test_a_model_that_was_taken_along_answers_as_the_page_does():
    with Talk("#data=table:penguins&hidden=4&restarts=3&epochs=20&speed=0") as talk:
        picture, arrays = talk.play()
        message, files = talk.ask("model")
        assert message.name == "penguins.descend"
        model = _loaded(files["bytes"])
        evaluation = model.judge(_judging_rows(talk))
        assert (evaluation.confusion == arrays["confusion"]).all()
        assert (model.network.theta == talk.theta()[picture.restart]).all()
        assert model.sections.summary is not None


def _judging_rows(talk):
    from descend.models.rows import PreparedRows

    part = talk.session._made.problem.parts[2]
    return PreparedRows(part.X, part.Y, part.truth)


def _loaded(data):
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.descend"
        path.write_bytes(data.tobytes())
        return load(path)


def test_weights_and_trace_read_back_exactly():
    with Talk("#data=moons&samples=60&hidden=2&restarts=1&epochs=4&speed=0") as talk:
        for _ in range(3):
            talk.run("epoch")
            talk.finish()
        weights = json.loads(talk.ask("weights")[1]["bytes"].tobytes())
        assert np.concatenate([np.ravel(W) for W in weights["W"]]).tolist() == talk.theta()[0].tolist()
        lines = talk.ask("trace")[1]["bytes"].tobytes().decode().splitlines()
        told = [json.loads(line) for line in lines]
        assert [one["epoch"] for one in told] == [0, 1, 2, 3]
        seen = talk.network(talk.theta()[0]).trace(talk.part.X[0], talk.part.Y[0])
        assert told[-1]["loss"] == seen.loss
        assert told[-1]["delta"][1] == seen.delta[1].tolist()
        network = _loaded(talk.ask("model")[1]["bytes"])
        assert isinstance(network, Network)
        assert (network.theta == talk.theta()[0]).all()


def test_gradient_check_says_what_describe_says():
    with Talk("#data=xor&samples=60&hidden=3&restarts=1") as talk:
        message, _ = talk.ask("gradient_check")
        assert message.passed
        assert message.words[0] == "Gradient check passed: back-propagation gives the gradient of the loss."
        assert "left out: 0 of 13 weights" in message.words[2]
