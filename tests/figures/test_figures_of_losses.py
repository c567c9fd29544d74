"""Loss curves and restarts: the artists hold the numbers of the training."""

import numpy as np
import pytest
from matplotlib import pyplot
from sklearn.exceptions import NotFittedError

from descend import DataError, LossCurveDisplay, MLPRegressor, Network, RestartsDisplay, SpecError
from figure_cases import X, Y, blend, mlp, trained, training


def test_the_loss_curve_is_that_of_the_descent_that_is_kept():
    held = training()
    kept = held.restarts[held.winner]
    display = LossCurveDisplay.from_training(held)
    np.testing.assert_array_equal(display.line_.get_xydata(), np.column_stack([np.arange(1, 17), kept.loss_curve]))
    np.testing.assert_array_equal(display.validation_line_.get_ydata(), kept.validation_curve)
    assert display.mark_.get_xydata().tolist() == [[kept.best_epoch, kept.best_loss]]
    assert display.ax_.figure is display.figure_
    assert [text.get_text() for text in display.ax_.get_legend().get_texts()][:2] == [
        f"training, restart {kept.number}",
        f"validation, restart {kept.number}",
    ]


def test_the_kept_mark_lies_on_the_validation_curve_also_between_epochs():
    held = training(validate_every=30)  # 90 rows learn: three looks in an epoch
    display = LossCurveDisplay.from_training(held)
    assert display.validation_epochs[:3].tolist() == pytest.approx([1 / 3, 2 / 3, 1])
    place = display.validation_epochs.tolist().index(pytest.approx(display.best_epoch))
    assert display.validation_curve[place] == display.best_loss


def test_a_restart_is_chosen_by_its_number():
    held = training()
    display = LossCurveDisplay.from_training(held, 2, name="mine", curve_kwargs={"lw": 5})
    np.testing.assert_array_equal(display.line_.get_ydata(), held.restarts[2].loss_curve)
    assert display.line_.get_label() == "training, mine"
    assert display.line_.get_linewidth() == display.validation_line_.get_linewidth() == 5
    with pytest.raises(SpecError, match=r"`restart` must be one of 0 … 3; got 4"):
        LossCurveDisplay.from_training(held, 4)


def test_without_validation_rows_there_is_one_curve():
    held = training(validation=None)
    display = LossCurveDisplay.from_training(held)
    assert display.validation_line_ is None
    restarts = RestartsDisplay.from_training(held)
    np.testing.assert_array_equal(restarts.lines_[1].get_ydata(), held.restarts[1].loss_curve)
    assert restarts.ax_.get_ylabel() == "training loss"


def test_all_restarts_are_drawn_and_the_winner_stands_out():
    held = training()
    display = RestartsDisplay.from_training(held, histogram=True)
    for line, one in zip(display.lines_, held.restarts, strict=True):
        np.testing.assert_array_equal(line.get_ydata(), one.validation_curve)
    widths = [line.get_linewidth() for line in display.lines_]
    assert int(np.argmax(widths)) == held.winner
    winner = held.restarts[held.winner]
    assert display.mark_.get_xydata().tolist() == [[winner.best_epoch, winner.best_loss]]
    assert display.losses.tolist() == [one.best_loss for one in held.restarts]
    counted = [int(bar.get_width()) for bar in display.bars_]
    inner = [bar.get_y() for bar in display.bars_][1:]
    edges = [display.losses.min(), *inner, display.losses.max()]
    assert counted == np.histogram(display.losses, edges)[0].tolist()
    assert sum(counted) == 4


def test_the_killed_are_dashed_and_not_counted():
    held = training(race="halving", restarts=8)
    display = RestartsDisplay.from_training(held, histogram=True)
    killed = [one.status == "killed" for one in held.restarts]
    assert 0 < sum(killed) < 8
    dashed = [line.get_linestyle() == "--" for line in display.lines_]
    assert dashed == killed
    assert sum(bar.get_width() for bar in display.bars_) == 8 - sum(killed)
    words = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert words[0] == f"restart {held.restarts[held.winner].number} is kept"
    assert f"{sum(killed)} killed in the race" in words


def test_the_diverged_have_no_loss_and_are_dotted():
    display = RestartsDisplay(
        curves=[[1.0, 0.5], [1.0, np.nan]], losses=[0.5, np.inf], statuses=["finished", "diverged"]
    )
    display.plot(histogram=True)
    assert display.lines_[1].get_linestyle() == ":"
    assert sum(bar.get_width() for bar in display.bars_) == 1
    assert display.winner == 0


def test_what_a_table_gave_is_drawn_too():
    found = trained("price")
    assert len(RestartsDisplay.from_training(found).lines_) == 3
    assert (
        LossCurveDisplay.from_training(found.training).best_loss == found.training.restarts[found.training.winner].loss
    )


def test_an_estimator_draws_its_restarts():
    net = mlp(early_stopping="loss", restarts=3)
    display = RestartsDisplay.from_estimator(net)
    assert display.winner == net.restarts_.index(min(net.restarts_, key=lambda one: one.best_loss))
    curve = LossCurveDisplay.from_estimator(net)
    np.testing.assert_array_equal(curve.loss_curve, net.loss_curve_)
    np.testing.assert_array_equal(curve.validation_curve, net.validation_loss_curve_)


def test_the_scale_is_logarithmic_where_losses_fall_far():
    assert LossCurveDisplay(loss_curve=[1.0, 0.01]).plot().ax_.get_yscale() == "log"
    assert LossCurveDisplay(loss_curve=[1.0, 0.5]).plot().ax_.get_yscale() == "linear"
    assert LossCurveDisplay(loss_curve=[1.0, 0.0]).plot().ax_.get_yscale() == "linear"
    assert LossCurveDisplay(loss_curve=[1.0, 0.5]).plot(yscale="log").ax_.get_yscale() == "log"
    with pytest.raises(SpecError, match="`yscale` must be one of auto, log, linear; got 'logarithmic'"):
        LossCurveDisplay(loss_curve=[1.0]).plot(yscale="logarithmic")


def test_axes_of_the_user_are_used():
    _, pair = pyplot.subplots(1, 2)
    display = RestartsDisplay.from_training(training(), ax=pair)
    assert (display.ax_, display.histogram_ax_) == tuple(pair)
    display = RestartsDisplay.from_training(training(), ax=pair[1])
    assert (display.ax_, display.histogram_ax_) == (pair[1], None)
    with pytest.raises(SpecError, match="`ax` must be two axes, or None; got 1"):
        RestartsDisplay.from_training(training(), ax=pair[0], histogram=True)


def test_colours_of_the_style_are_kept():
    with pyplot.style.context("dark_background"):
        display = LossCurveDisplay.from_training(training())
        cycle = pyplot.rcParams["axes.prop_cycle"].by_key()["color"]
    assert [display.line_.get_color(), display.validation_line_.get_color()] == cycle[:2]


@pytest.mark.parametrize("Display", [LossCurveDisplay, RestartsDisplay])
def test_what_has_no_curves_is_refused(Display, tmp_path):
    with pytest.raises(NotFittedError):
        Display.from_estimator(MLPRegressor())
    with pytest.raises(SpecError, match=r"`training` must be what `Network.fit` returned.*; got Network"):
        Display.from_training(Network([1, 1]))
    with pytest.raises(SpecError, match="the training of a blend keeps the ends of its networks, not their curves"):
        Display.from_training(blend("price"))
    mlp().save(tmp_path / "net.descend")
    with pytest.raises(DataError, match="was read from a file, which keeps no loss curves"):
        Display.from_estimator(MLPRegressor.load(tmp_path / "net.descend"))


def test_lbfgs_has_a_curve():
    net = MLPRegressor((3,), solver="lbfgs", max_iter=2000, random_state=0).fit(X, Y)
    display = LossCurveDisplay.from_estimator(net)
    assert display.line_.get_ydata().tolist() == list(net.loss_curve_)
    assert display.mark_ is None
    assert display.ax_.get_xlabel() == RestartsDisplay.from_estimator(net).ax_.get_xlabel() == "iteration"
