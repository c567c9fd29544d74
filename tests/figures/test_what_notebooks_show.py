"""HTML and rich's pictures of our objects: valid, small, escaped, and with the right numbers."""

import io
from copy import copy
from pathlib import Path

import html5lib
import numpy as np
import pytest
from rich.console import Console
from sklearn import config_context
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from descend import MLPRegressor, Network, load
from descend.describe.facts import Grid
from descend.describe.numbers import number
from descend.figures.html import html_of
from descend.figures.seen import Seen, seen_estimator, seen_of
from figure_cases import HOSTILE, X, Y, blend, mlp, tabular, trained, training

OLD = Path(__file__).parents[1] / "data" / "written-by-0.1"
KINDS = {
    "network": lambda: training().best,
    "large network": lambda: Network([300, 64, 64, 3], output="softmax", loss="log_loss", seed=0),
    "trace": lambda: training().best.trace(X[0], Y[0]),
    "large trace": lambda: Network([90, 300, 2], seed=0).trace(np.ones(90), [0.0, 1.0]),
    "step": lambda: Network([2, 3, 1], seed=0).step(X[0], Y[0]),
    "training": lambda: training(restarts=40, epochs=4),
    "race": lambda: training(race="halving", restarts=8),
    "single": lambda: training(restarts=1),
    "no validation": lambda: training(validation=None),
    "model": lambda: trained("kind").model,
    "numbers": lambda: trained("price").model,
    "blend": lambda: blend("kind").model,
}


def parsed(text):
    page = f"<!doctype html><html><head><title>t</title></head><body>{text}</body></html>"
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)


def printed(thing, width=100):
    out = io.StringIO()
    Console(file=out, width=width).print(thing)
    return out.getvalue()


@pytest.mark.parametrize("kind", KINDS)
def test_html_is_valid_small_and_has_no_element_of_a_user(kind):
    found = KINDS[kind]()._repr_html_()
    assert len(found.encode()) <= 20_000
    used = {element.tag for element in parsed(found).find("body").iter()} - {"body"}
    assert used <= {"div", "strong", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "br", "p"}
    assert "http" not in found


@pytest.mark.parametrize("kind", KINDS)
def test_rich_prints_it_in_any_width(kind):
    thing = KINDS[kind]()
    assert printed(thing).startswith(type(thing).__name__)
    assert "\x1b" not in printed(thing)
    assert max(map(len, printed(thing, 60).splitlines())) <= 60


def texts(thing):
    return [" ".join(row.itertext()) for row in parsed(thing._repr_html_()).iter("tr")]


def test_the_numbers_are_those_of_the_object():
    held = training()
    kept = held.restarts[held.winner]
    assert any(number(kept.best_loss) in row for row in texts(held))
    assert any(row.startswith(f"{kept.number}, kept finished") for row in texts(held))
    seen = held.best.trace(X[0], Y[0])
    assert any(row.split()[:2] == ["Loss", f"{seen.loss:.4g}".replace("-", "−")] for row in texts(seen))
    scores = trained("price").model.record["scores"]["test"]["scores"]
    assert any(f"{scores['r2']:.4f}" in row.replace("−", "-") for row in texts(trained("price").model))


def test_names_of_columns_and_classes_are_harmless():
    model = trained("kind").model
    found = model._repr_html_()
    assert "<script" not in found
    assert "&lt;script&gt;alert(&quot;1&quot;)" in found
    assert "\x1b" not in found
    assert HOSTILE.replace("\x1b", "\\x1b") in printed(model, 200)
    title = Seen("[bold]x[/bold]", "<b>\x07", [[("[red]", "[/]")], Grid(("<i>",), (("</table>",),))])
    assert "[bold]x[/bold] <b>\\x07" in printed_seen(title)
    assert {one.tag for one in parsed(html_of(title)).find("body").iter()} & {"b", "i"} == set()


def printed_seen(seen):
    from descend.figures.terminal import rich_of

    return printed(rich_of(seen))


def test_what_does_not_fit_is_left_out_aloud():
    long = [Grid(("a",), tuple((f"{k} " * 200,) for k in range(12))) for _ in range(9)]
    found = html_of(Seen("T", "w", [], long, "all"))
    assert len(found.encode()) <= 20_000
    assert "There is more of it than is shown here." in found
    many = html_of(Seen("T", "w", [Grid(("a",), tuple((str(k),) for k in range(50)))]))
    assert "… 31 more" in many
    assert ">18<" in many
    assert ">19<" not in many


@pytest.mark.parametrize("make", [lambda: mlp(3, restarts=4), mlp, tabular])
def test_a_fitted_estimator_has_scikit_learns_diagram_and_what_it_learnt(make):
    net = make()
    found, bundle = net._repr_html_(), net._repr_mimebundle_()
    assert "sk-top-container" in found
    own = html_of(seen_estimator(net))
    assert found.endswith(own)
    assert bundle["text/html"].endswith(own)
    assert bundle["text/plain"] == repr(net)
    parsed(own)
    assert len(own) < 20_000
    assert printed(net).startswith(type(net).__name__)


def test_an_estimator_that_is_not_fitted_is_scikit_learns_alone():
    net = MLPRegressor()
    assert "what it has learnt" not in net._repr_html_()
    assert printed(net) == f"{net!r}\n"
    pipeline = make_pipeline(StandardScaler(), mlp())
    assert "MLPRegressor" in pipeline._repr_html_()
    with config_context(display="text"):
        assert not hasattr(mlp(), "_repr_html_")
        assert set(mlp()._repr_mimebundle_()) == {"text/plain"}


def test_an_estimator_of_a_file_is_shown_without_what_the_file_does_not_keep(tmp_path):
    for net in (mlp(3), tabular()):
        net.save(tmp_path / "net.descend")
        back = load(tmp_path / "net.descend")
        parsed(html_of(seen_estimator(back)))


@pytest.mark.parametrize("path", sorted(OLD.glob("*.descend")), ids=lambda path: path.stem)
def test_what_an_earlier_version_wrote_is_shown_without_what_it_did_not_record(path):
    held = load(path)
    seen = seen_estimator(held) if hasattr(held, "fit") and hasattr(held, "restarts_") else seen_of(held)
    parsed(html_of(seen))
    assert printed_seen(seen)


def test_without_rows_held_out_there_is_no_loss():
    student = copy(tabular())  # as `distil` leaves one
    student.oof_loss_, student.leaderboard_ = None, [one | {"loss": np.nan} for one in student.leaderboard_]
    found = student._repr_html_()
    assert "on rows held out" not in found
    assert ">–<" in found


def test_methods_draw_what_their_object_is():
    assert type(training().plot()).__name__ == "RestartsDisplay"
    assert training().plot(histogram=True).histogram_ax_ is not None
    assert type(training(restarts=1).plot()).__name__ == "LossCurveDisplay"
    assert training().best.plot(max_nodes=2).layers_[1].left_out == 1
    model = trained("kind").model
    assert type(model.plot()).__name__ == "NetworkDisplay"
    assert model.plot("size", derivative=False).derivative_lines_ == []
    found = model.partial_dependence("colour")
    drawn = found.plot()
    np.testing.assert_array_equal(drawn.average, found.average)
    assert (drawn.kind, drawn.outputs) == ("category", found.outputs)
