"""Nothing of the target leaks: noise is not learnt, groups and times are kept apart."""

import sys

import numpy as np
import pytest

from descend import TabularClassifier, TabularRegressor
from descend.models.blends import blocks

pandas = pytest.importorskip("pandas")
LEARN, FRESH = 900, 4000
OPTIMISM = 0.01  # of out-of-fold rows, beyond three standard errors: they chose lengths and weights


def noise(random, rows):
    """Inputs of every kind, all random."""
    return pandas.DataFrame(
        {
            "many values": random.normal(size=rows),
            "few values": random.integers(0, 6, rows),
            "ten": random.choice([f"t{j}" for j in range(10)], rows),
            "three hundred": random.choice([f"h{j}" for j in range(300)], rows),
            "day": pandas.Timestamp("2020-01-01") + pandas.to_timedelta(random.integers(0, 900, rows), unit="D"),
        }
    )


def problems(of_fold, fresh, chance, error):
    """What shows a leak: fresh rows that are not at chance, out-of-fold rows that are much better."""
    found = []
    if abs(fresh - chance) > 3 * error:
        found.append(f"{fresh:.3f} on fresh rows")
    if of_fold - chance > 3 * error * np.sqrt(FRESH / LEARN) + OPTIMISM:
        found.append(f"{of_fold:.3f} out of fold")
    return found


def of_classes(count, quality="good", seed=0):
    random = np.random.default_rng(seed)
    X, fresh = noise(random, LEARN), noise(random, FRESH)
    y, truth = random.permutation(np.arange(LEARN) % count), random.integers(0, count, FRESH)
    net = TabularClassifier(quality=quality, random_state=0).fit(X, y)
    seen, unseen = (net.oof_prediction_.argmax(axis=1) == y).mean(), (net.predict(fresh) == truth).mean()
    error = np.sqrt((1 / count) * (1 - 1 / count) / FRESH)
    sys.stdout.write(
        f"{count} classes: {seen:.3f} out of fold, {unseen:.3f} on fresh rows, chance {1 / count:.3f} ± {error:.3f}"
        + "\n"
    )
    return problems(seen, unseen, 1 / count, error)


@pytest.mark.long
@pytest.mark.parametrize("count", [2, 3])
def test_a_noise_target_of_classes_is_not_learnt(count):
    assert of_classes(count) == []


@pytest.mark.long
def test_a_noise_target_of_numbers_is_not_learnt():
    random = np.random.default_rng(1)
    X, fresh = noise(random, LEARN), noise(random, FRESH)
    y, truth = random.normal(size=LEARN), random.normal(size=FRESH)
    net = TabularRegressor(random_state=0).fit(X, y)
    seen, unseen = (np.corrcoef(*pair)[0, 1] for pair in ((net.oof_prediction_, y), (net.predict(fresh), truth)))
    sys.stdout.write(f"numbers: correlation {seen:.3f} out of fold, {unseen:.3f} on fresh rows" + "\n")
    assert problems(seen, unseen, 0.0, 1 / np.sqrt(FRESH)) == []


@pytest.mark.long
def test_a_planted_leak_is_found(monkeypatch):
    """Target means that are learnt on all rows, those that are held out too."""

    def leaking(self, name, fold, look=None):
        learning = self._learning(fold)
        everything = blocks.Learning(
            self.inputs, self.kinds, self.target - self.target.mean(axis=0), np.arange(LEARN) % 8, None, False, 0
        )
        encoders, _ = blocks.TARGETED[name](everything)
        others = self.inputs.take(self.folds[fold].validation)
        return encoders, *(blocks.encode_by_index(encoders, rows) for rows in (learning.inputs, others))

    monkeypatch.setattr(blocks.Blocks, "_of_fold", leaking)
    assert any("out of fold" in one for one in of_classes(2))


# ---------------------------------------------------------------- what belongs together


def houses():
    """A target that is random for each house, and the house's name among the inputs."""
    random = np.random.default_rng(0)
    house = np.repeat(np.arange(40), 6)
    X = pandas.DataFrame({"name": [f"house {one}" for one in house], "size": random.normal(size=240)})
    return X, random.permutation(np.arange(40) % 2)[house], house


def accuracy(net, y):
    held = ~np.isnan(net.oof_prediction_[:, 0])
    return (net.oof_prediction_.argmax(axis=1) == y)[held].mean()


def test_what_a_group_has_in_common_does_not_leak():
    X, y, house = houses()
    apart = TabularClassifier(quality="fast", random_state=0).fit(X, y)
    together = TabularClassifier(quality="fast", random_state=0).fit(X, y, groups=house)
    assert accuracy(apart, y) > 0.9
    assert accuracy(together, y) < 0.65


def test_what_later_rows_tell_does_not_leak():
    X, y, house = houses()
    apart = TabularClassifier(quality="fast", random_state=0).fit(X, y)
    later = TabularClassifier(quality="fast", random_state=0).fit(X, y, time=house)
    assert accuracy(apart, y) > 0.9
    assert accuracy(later, y) < 0.7
