"""From scikit-learn: online learning
==================================

Online learning with partial_fit, as written for scikit-learn's MLP: only the import is another one.

Run with the argument ``sklearn``, it uses scikit-learn's own class.
"""

import sys
import time

import numpy as np

if "sklearn" in sys.argv:
    from sklearn.neural_network import MLPClassifier
else:
    from descend import MLPClassifier

random = np.random.default_rng(0)
X = random.normal(size=(3000, 2))
y = (X[:, 0] * X[:, 1] > 0).astype(int)

net = MLPClassifier(hidden_layer_sizes=(16,), solver="sgd", learning_rate_init=0.02, momentum=0.5, random_state=0)
right, began = [], time.perf_counter()
net.partial_fit(X[:1], y[:1], classes=[0, 1])
for i in range(1, len(X)):  # each row is predicted first, then learnt
    right.append(net.predict(X[i : i + 1])[0] == y[i])
    net.partial_fit(X[i : i + 1], y[i : i + 1])
seconds = time.perf_counter() - began

for first in range(0, 3000, 1000):
    print(f"right among rows {first} to {first + 999}: {np.mean(right[first : first + 1000]):.3f}")
print(f"seconds: {seconds:.3f}")
