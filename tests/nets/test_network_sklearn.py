"""Networks from scikit-learn; the estimators' tests have the predictions."""

import numpy as np
import pytest
import sklearn.neural_network as theirs

from descend import Network
from estimator_targets import XR, yr

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def test_float32_stays_float32():
    other = theirs.MLPRegressor(hidden_layer_sizes=(5,), max_iter=5).fit(XR.astype(np.float32), yr)
    assert Network.from_sklearn(other).dtype == np.float32
