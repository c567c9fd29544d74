"""The parts of a report: pictures, linear models, refusals."""

import re
from importlib.util import find_spec
from types import SimpleNamespace

import numpy as np
import pytest

from command_line import PENGUINS, numbers_model, numbers_table, penguins_model, run
from descend import Network, SpecError, load
from descend.cli.output import report_problem
from descend.describe.facts import Grid
from descend.describe.health import MEANING
from descend.describe.report import IDLE, few_rows_words
from descend.describe.uncertainty import uncertainty_facts
from descend.models.scores import Evaluation
from descend.report.judged import Judged, judged_linear
from descend.report.kept import LEAST_ROWS, network_parts
from descend.report.linear import Rows, linear_answers, linear_out_of_fold
from descend.report.page import page
from descend.report.parts import Captioned, Report, Section
from descend.report.result import result_section
from descend.report.svg import NAMED, picture


def drawn(label="a"):
    def paint(figure):
        figure.subplots().plot([1, 2, 4], label=label)
        figure.axes[0].legend()

    return picture(paint, (3, 2), "A title", "What is seen")


def test_a_picture_is_the_same_each_time_whatever_matplotlib_is_set_to():
    import matplotlib as mpl

    first = drawn()
    with mpl.rc_context({"lines.linewidth": 9, "svg.fonttype": "path", "font.size": 20}):
        assert drawn() == first
        assert mpl.rcParams["lines.linewidth"] == 9


def test_a_picture_is_small_and_what_a_user_named_stays():
    odd = 'x 0.123456 url(#a) id="b" <style> $'
    text = drawn(odd.replace("$", r"\$"))
    assert re.search(r">x 0\.123456 url\(#a\) id=\"b\" &lt;style&gt; \$<", text)
    tags = " ".join(re.findall(r"<[^>]*>", text))
    assert not re.search(r"\d\.\d{3}", tags)
    assert all(name.startswith(NAMED) for name in re.findall(r' id="([^"]*)"', tags))
    assert "DejaVu" not in text


def test_names_in_pictures_differ_between_figures_of_a_page():
    from descend.report.parts import Figure

    one = Figure("A title", "What is seen", "Words.", drawn())
    text = page(Report("t", [], [Section("a", [one, one]), Section("b", [one]), Section("empty", [])]))
    ids = re.findall(r' id="([^"]*)"', text)
    assert len(ids) == len(set(ids)) > 6
    assert NAMED not in text
    assert "empty" not in text


def test_cells_heads_and_captions_are_escaped_and_have_their_scope():
    grid = Grid(("", "<b>", "n"), (("<i>", "&", "1"), ("", "x", "2")), words=(0, 1))
    text = page(Report("<h>", ["\x1b[2J"], [Section("s", [Captioned('<c> "', grid)])]))
    for part in (
        "&lt;b&gt;</th>",
        '<th scope="row" class="word">&lt;i&gt;</th>',
        "<caption>&lt;c&gt; &#34;",
        "\\x1b[2J",
    ):
        assert part in text
    assert text.count('scope="col"') == 2


# ---------------------------------------------------------------- linear models


def test_linear_model_learns_what_is_linear_by_weights_and_nothing_of_others():
    X = np.random.default_rng(0).normal(size=(200, 3))
    y = X @ np.array([1.0, -2.0, 0.0])
    assert judged_linear(Rows(X, y), None, ()).scores["r2"] > 0.99
    assert judged_linear(Rows(X, X[:, 0] ** 2), None, ()).scores["r2"] < 0.2
    spoilt = y.copy()
    spoilt[100:] = -y[100:]
    weight = np.where(np.arange(200) < 100, 1.0, 0.0)
    found = linear_answers(Rows(X, spoilt, weight), X[:100], 0)
    assert abs(found - y[:100]).max() < 0.1


def test_linear_model_of_classes_gives_probabilities_also_of_a_class_that_it_has_not_seen():
    X = np.random.default_rng(0).normal(size=(100, 2))
    truth = (X[:, 0] > 0).astype(np.int64)
    found = linear_answers(Rows(X, truth), X, 3)
    assert found.shape == (100, 3)
    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    assert (found[:, 2] == 0).all()
    assert ((found.argmax(axis=1) == truth).mean()) > 0.9


def test_no_linear_model_where_there_is_nothing_to_learn():
    X = np.zeros((10, 1))
    assert linear_out_of_fold(Rows(X[:3], np.zeros(3)), 0) is None
    assert linear_answers(Rows(X, np.zeros(10, dtype=np.int64)), X, 2) is None
    assert linear_answers(Rows(X[:, :0], np.zeros(10)), X[:, :0], 0) is None


def test_nodes_are_looked_at_only_where_there_are_rows_enough():
    network = Network([2, 3, 1], seed=0)
    X = np.random.default_rng(0).normal(size=(LEAST_ROWS, 2))
    few, enough = (network_parts(network, rows, None, None) for rows in (X[:-1], X))
    assert few[-1] == few_rows_words(LEAST_ROWS - 1, LEAST_ROWS)
    assert not any(isinstance(part, Captioned) and part.caption == IDLE for part in few)
    assert enough[-1] == MEANING


@pytest.mark.parametrize(("rows", "enough"), [(8.0, False), (9.0, True)])
def test_sets_of_classes_are_promised_where_rows_suffice(rows, enough):
    ((_, words),) = uncertainty_facts(SimpleNamespace(scores=SimpleNamespace(rows=rows)))
    assert ("can be given" in words, "too few for 90 %" in words) == (enough, not enough)


@pytest.mark.parametrize(
    ("ours", "linear", "said"),
    [(0.9, 0.8, ""), (0.9, 0.89, "about as good"), (0.8, 0.9, "linear model is better, by its R²")],
)
def test_a_linear_model_that_is_no_worse_is_told(ours, linear, said):
    one, other = (Evaluation("regress", 50, {"r2": r2}, errors={"r2": 0.02}) for r2 in (ours, linear))
    words = [part for part in result_section([Judged("y", one, other)], "50 rows", []).parts if isinstance(part, str)]
    assert any(said in part for part in words if "linear" in part) if said else not any("linear" in w for w in words)


def test_what_was_learnt_is_told_though_the_report_fails(monkeypatch, tmp_path):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("descend.cli.train_steps.report_trained", full)
    options = ("--preset", "textbook", "--hidden", "2", "--restarts", 1, "--epochs", 1, "--jobs", 1)
    where = ("-o", tmp_path / "m.descend", "--report", tmp_path / "a.html")
    left = run("train", numbers_table(), "--target", "y", *options, *where)
    assert (left.code, "No space left" in left.err) == (1, True)
    assert "root mean squared error" in left.out
    assert "Model " in left.out
    assert "Report " not in left.out


# ---------------------------------------------------------------- refusals


def test_what_is_missing_is_told_with_how_to_install_it(monkeypatch, tmp_path):
    known = find_spec
    monkeypatch.setattr("descend.errors.find_spec", lambda name: None if name == "jinja2" else known(name))
    words = "a report needs jinja2; install it with: pip install 'descend\\[report\\]'"
    with pytest.raises(SpecError, match=words):
        load(penguins_model()).report(PENGUINS, tmp_path / "a.html")
    left = run("train", PENGUINS, "--target", "species", "--report", tmp_path / "a.html", "-o", tmp_path / "m.descend")
    assert (left.code, "pip install 'descend[report]'" in left.err) == (1, True)
    assert list(tmp_path.iterdir()) == []


def test_files_that_are_no_reports_are_not_written_over(tmp_path):
    model, table, page_of = numbers_model(), numbers_table(), tmp_path / "page.html"
    page_of.write_text("my own page")
    left = run("report", model, table, "-o", page_of)
    assert left.err == (
        f"Error: report: --output {page_of} holds something else than a report. Give another name, or say --force to "
        "write over it.\n"
    )
    assert (left.code, page_of.read_text()) == (2, "my own page")
    page_of.write_text(page(Report("an older one", [], [])))
    assert report_problem(page_of, [], force=False) == ""
    assert "would be lost" in report_problem(page_of, [str(page_of)], force=False)
    (tmp_path / "link.html").symlink_to(tmp_path / "new.html")
    assert "would be lost" in report_problem(tmp_path / "new.html", [str(tmp_path / "link.html")], force=False)


def test_a_report_does_not_take_the_place_of_its_table(tmp_path):
    table = tmp_path / "numbers.csv"
    table.write_text(text := numbers_table().read_text())
    with pytest.raises(SpecError, match=r"`path` is the table that is read, .*: it would be lost"):
        load(numbers_model()).report(str(table), table.parent / "." / "numbers.csv")
    assert table.read_text() == text


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("report", "m.descend", "t.csv", "-o", "a.pdf"), 'report: --output must end in .html; got "a.pdf".'),
        (("report", "m.descend", "t.csv", "-o", "none/a.html"), "report: --output: there is no folder none."),
        (("report", "m.descend", "t.csv", "--threshold", "2"), "report: --threshold must be"),
        (("train", PENGUINS, "--target", "species", "--report", "a.txt"), "train: --report must end in .html"),
        (("train", PENGUINS, "--from", "m.descend", "--report", "a.html"), "--report cannot be given with --from"),
        (
            ("train", PENGUINS, "--target", "species", "-o", "a.html", "--report", "./a.html"),
            "are the same file, a.html",
        ),
        (
            ("train", PENGUINS, "--target", "species", "-o", "a.html", "--report", "a.html", "--force"),
            "are the same file, a.html",
        ),
    ],
)
def test_wrong_words_are_told_before_the_work(words, text):
    left = run(*words)
    assert (left.code, left.out) == (2, "")
    assert text in left.err
