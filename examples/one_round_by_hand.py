"""One round by hand
=================

Every number of one round of SGD, with the gradient checked against finite differences.

The network is the one that docs/mathematics/one-round-by-hand.md works out by hand.
"""

from descend import Network

net = Network([2, 2, 1], activation="sigmoid", dtype="float64")
net.W = [[[0.5, -0.5], [0.25, 0.5], [-0.5, 0.25]], [[1.0], [-2.0], [0.5]]]
x, y = [1.0, 2.0], 1.0

check = net.gradient_check([x], [y])
print("back-propagation agrees with central differences:", check.passed)

round_ = net.step(x, y, learning_rate=0.5)
for layer in (1, 2):
    print(f"s[{layer}] = {round_.s[layer].round(6).tolist()}   v[{layer}] = {round_.v[layer].round(6).tolist()}")
for layer in (2, 1):
    print(f"delta[{layer}] = {round_.delta[layer].round(6).tolist()}")
print(f"loss {round_.loss:.6f} before the round, {net.loss([x], [y]):.6f} after it")
