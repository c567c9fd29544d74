"""XOR, and why one descent is not enough
======================================

XOR with the smallest network that can do it, and why one descent is not enough.

Two inputs, two hidden nodes, one output: 9 weights.
Some starts end where nothing moves any more; the best of 32 does it.
"""

from descend import Network

X = [[0, 0], [0, 1], [1, 0], [1, 1]]
Y = [0, 1, 1, 0]

net = Network([2, 2, 1], activation="sigmoid", dtype="float64", seed=0)
training = net.fit(X, Y, epochs=4000, learning_rate=0.5, restarts=32)

learnt = sum(one.best_loss < 0.01 for one in training.restarts)
print(
    f"{learnt} of {len(training.restarts)} descents learnt XOR; the worst ended with loss {training.spread.worst:.3f}."
)
answers = training.best.predict(X).round(2).ravel() + 0.0  # no −0.0
print("The best one says:", answers.tolist())
