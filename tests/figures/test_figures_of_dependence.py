"""Dependence: averages as they are computed otherwise, derivatives as differences show them."""

import numpy as np
import pytest
from matplotlib import pyplot
from sklearn.exceptions import NotFittedError

from descend import DataError, DependenceDisplay, MLPRegressor, Network, SpecError
from descend.errors import DriftWarning
from descend.explanations.derivative import has_derivative
from figure_cases import HOSTILE, X, blend, mlp, tabular, trained, training

STEP = 1e-4


def differences(draw):
    """Central differences of the average at the inner values of a grid."""
    grid = np.array([-0.4, 0.0, 0.3])
    shifted = [draw(grid + step).average for step in (-STEP, STEP)]
    return draw(grid), (shifted[1] - shifted[0]) / (2 * STEP)


def test_the_average_of_a_network_is_that_of_its_predictions():
    net = training().best
    display = DependenceDisplay.from_network(net, X, 1, grid=[0.0, 0.5])
    rows = X.copy()
    rows[:, 1] = 0.5
    assert display.average[1] == pytest.approx(net.predict(rows).mean(), rel=1e-6)
    np.testing.assert_array_equal(display.lines_[0].get_xydata(), np.column_stack([display.grid, display.average]))
    assert display.ax_.get_ylabel() == "average output"


def test_the_derivative_of_a_network_is_exact():
    net = Network.from_spec(training().best.spec, training().best.theta, dtype="float64")
    display, measured = differences(lambda grid: DependenceDisplay.from_network(net, X, 0, grid=grid))
    np.testing.assert_allclose(display.derivative, measured, rtol=1e-6, atol=1e-8)
    np.testing.assert_array_equal(display.derivative_lines_[0].get_ydata(), display.derivative)
    assert display.derivative_ax_.get_xlabel() == "x0"


def test_of_many_rows_500_are_taken_and_the_rug_is_thin():
    many = np.random.default_rng(1).uniform(-1, 1, (2000, 2))
    display = DependenceDisplay.from_network(training().best, many, 0)
    assert len(display.rug) == 500
    assert len(display.rug_.get_segments()) == 200
    assert display.grid.shape == (40,)
    assert many[:, 0].min() < display.grid[0] < display.grid[-1] < many[:, 0].max()


@pytest.mark.parametrize("target", ["price", "kind"])
def test_the_derivative_of_a_models_number_is_exact(target):
    model = trained(target).model
    values = [-0.5, 0.1, 0.6]

    def average(step):
        return DependenceDisplay.from_model(model, "size", grid=[v + step for v in values]).average

    display = DependenceDisplay.from_model(model, "size", grid=values)
    step = 0.02  # float32 inside
    measured = (average(step) - average(-step)) / (2 * step)
    np.testing.assert_allclose(display.derivative, measured, rtol=2e-2, atol=2e-3)
    assert display.average.shape == ((3,) if target == "price" else (3, 3))


def test_a_models_average_is_its_partial_dependence():
    for found in (trained("price"), trained("kind"), blend("price")):
        for column in ("size", "colour", "day"):
            known = found.model.partial_dependence(column)
            display = DependenceDisplay.from_model(found.model, column, grid=known.grid)
            np.testing.assert_array_equal(display.average, known.average)


def test_classes_have_a_line_each_told_apart_without_colour():
    model = trained("kind").model
    display = DependenceDisplay.from_model(model, "size")
    assert len({line.get_linestyle() for line in display.lines_}) == 3
    assert display.outputs == model.preprocessing.task.classes
    np.testing.assert_allclose(display.average.sum(axis=1), 1, rtol=1e-6)
    one = DependenceDisplay.from_model(model, "size", of=HOSTILE)
    np.testing.assert_array_equal(one.average, display.average[:, display.outputs.index(HOSTILE)])
    one.figure_.canvas.draw()  # dollar signs of names are no formulas


def test_of_many_classes_those_stand_out_that_change_most():
    grid, change = np.arange(5.0), np.array([3, 1, 9, 7, 5, 0, 4, 8, 6, 2.0])
    average = grid[:, None] * change
    display = DependenceDisplay(
        feature="f",
        grid=grid,
        average=average,
        derivative=-average[::-1],
        outputs=list("abcdefghij"),
        unit="probability",
    ).plot()
    assert [text.get_text() for text in display.ax_.get_legend().get_texts()] == ["4 others", *"cdeghi"]
    for lines in (display.lines_, display.derivative_lines_):  # alike in both
        assert [k for k, line in enumerate(lines) if line.get_linewidth() > 1] == [2, 3, 4, 6, 7, 8]
        np.testing.assert_array_equal(display.lines_[9].get_ydata(), average[:, 9])


def test_a_class_may_begin_with_an_underscore():
    display = DependenceDisplay(feature="f", grid=[0, 1], average=np.eye(2), outputs=["_none", "x_y"]).plot()
    assert [text.get_text().strip() for text in display.ax_.get_legend().get_texts()] == ["_none", "x_y"]


def test_categories_are_marks_with_their_names():
    display = DependenceDisplay.from_model(trained("price").model, "colour")
    assert display.lines_[0].get_linestyle() == "None"
    assert display.derivative is None
    assert display.rug_ is None
    assert sorted(display.grid.tolist()) == sorted([HOSTILE, "red"])
    display.figure_.canvas.draw()
    assert "red" in [text.get_text() for text in display.ax_.get_xticklabels()]


def test_dates_are_dates():
    display = DependenceDisplay.from_model(trained("price").model, "day")
    assert display.lines_[0].get_xdata().dtype.kind == "M"
    assert str(display.lines_[0].get_xdata()[0])[:4] == "2020"


def test_a_blend_has_averages_but_no_derivative():
    model = blend("price").model
    display = DependenceDisplay.from_model(model, "size")
    assert display.derivative is None
    assert display.derivative_ax_ is None
    assert display.average.shape == display.grid.shape
    with pytest.raises(SpecError, match="there is no derivative with respect to size"):
        display.plot(derivative=True)


def test_estimators_by_place_and_by_name():
    display, measured = differences(lambda grid: DependenceDisplay.from_estimator(mlp(), X, "x1", grid=grid))
    np.testing.assert_allclose(display.derivative, measured, rtol=1e-6, atol=1e-8)
    two = DependenceDisplay.from_estimator(mlp(2), X, 0)
    np.testing.assert_allclose(two.average[0], mlp(2).predict_proba(_set(0, two.grid[0]))[:, 1].mean(), rtol=1e-6)
    assert two.ax_.get_ylabel() == "average probability of 1"
    assert DependenceDisplay.from_estimator(mlp(3), X, 0).average.shape[1] == 3
    of_table = DependenceDisplay.from_estimator(tabular(), X, 1, grid=[0.25])
    with pytest.warns(DriftWarning):  # of rows whose column is all the same; figures are silent about it
        expected = tabular().predict_proba(_set(1, 0.25))[:, 1].mean()
    np.testing.assert_allclose(of_table.average[0], expected, rtol=1e-6)
    assert DependenceDisplay.from_estimator(tabular(), None, 1).rug.shape == (500,)


def test_one_of_several_outputs_is_chosen_by_its_place():
    net = Network([2, 3, 2], seed=0)
    both = DependenceDisplay.from_network(net, X, 0)
    assert (both.average.shape, both.outputs) == ((40, 2), ("output 0", "output 1"))
    one = DependenceDisplay.from_network(net, X, 0, of=1)
    np.testing.assert_array_equal(one.average, both.average[:, 1])
    np.testing.assert_array_equal(one.derivative, both.derivative[:, 1])
    with pytest.raises(DataError, match="There are the outputs 0 … 1"):
        DependenceDisplay.from_network(net, X, 0, of=2)


def _set(column, value):
    rows = X.copy()
    rows[:, column] = value
    return rows


def test_axes_of_the_user_are_used():
    _, pair = pyplot.subplots(2)
    display = DependenceDisplay.from_network(training().best, X, 0, ax=pair)
    assert (display.ax_, display.derivative_ax_) == tuple(pair)
    display.plot(pair[0])
    assert display.derivative_lines_ == []
    display.plot(pair, derivative=False, rug=False, line_kwargs={"color": "k"})
    assert (display.derivative_ax_, display.rug_, display.lines_[0].get_color()) == (None, None, "k")


def test_what_is_not_there_is_said():
    with pytest.raises(NotFittedError):
        DependenceDisplay.from_estimator(MLPRegressor(), X, 0)
    with pytest.raises(DataError, match=r"`feature` must be the name of a column, or its place 0 … 1; got 2"):
        DependenceDisplay.from_network(training().best, X, 2)
    with pytest.raises(DataError, match='the model has no input "siz"'):
        DependenceDisplay.from_model(trained("price").model, "siz")
    with pytest.raises(DataError, match="`of` must be a class, or the place of an output, or None; got 'sideways'"):
        DependenceDisplay.from_model(trained("kind").model, "size", of="sideways")
    with pytest.raises(DataError, match="`X` must be rows over which answers are averaged"):
        DependenceDisplay.from_estimator(mlp(), None, 0)
    with pytest.raises(DataError, match="`grid` must be finite numbers"):
        DependenceDisplay.from_network(training().best, X, 0, grid=[np.nan])
    with pytest.raises(SpecError, match="`model` must be a table's model; got Network"):
        DependenceDisplay.from_model(training().best, "size")


def test_columns_that_networks_see_in_steps_have_no_derivative():
    asked = blend("price").model._answering()
    assert not has_derivative(asked, "colour")
    assert has_derivative(trained("price").model._answering(), "size")
    assert not has_derivative(trained("price").model._answering(), "day")


def test_a_long_name_of_a_class_takes_a_line_of_its_own_and_ends_in_time():
    display = DependenceDisplay.from_network(training().best, X, 0, grid=[0.0, 0.5])
    display.unit, display.outputs = "probability", ["stones of more than $1,000 and less than $2,000"]
    display.plot()
    assert display.ax_.get_ylabel() == "average probability of\nstones of more than \\$1,000 and …"


def test_dates_at_the_ends_of_time_are_drawn():
    ends = [np.datetime64(day, "s").astype(np.int64) for day in ("0001-01-01", "2024-05-01", "9999-12-31")]
    display = DependenceDisplay(feature="until", grid=ends, average=[1.0, 2.0, 3.0], rug=ends, kind="date").plot()
    display.figure_.canvas.draw()
    days = [float(end) / 86400.0 for end in ends]
    assert display.ax_.get_xlim() == (days[0], days[-1])


def test_wrong_arrays_and_axes_are_told():
    with pytest.raises(SpecError, match=r"`average` must have a row for each of the 3 values of `grid`; got the shape"):
        DependenceDisplay(feature="a", grid=[1, 2, 3], average=[1, 2])
    with pytest.raises(SpecError, match=r"plot: `ax` must be axes of matplotlib, two of them, or None; got str"):
        DependenceDisplay(feature="a", grid=[1, 2], average=[1, 2]).plot("here")


def test_columns_of_one_name_are_not_taken_for_each_other():
    with pytest.raises(DataError, match=r'`feature` must be one column; 2 are called "a". Rename them'):
        DependenceDisplay.from_network(training().best, X, 1, feature_names=["a", "a"])
