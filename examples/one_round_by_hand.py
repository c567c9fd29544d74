"""
One round of SGD, number by number
==================================

A round takes one sample forward through the network, then takes the error back,
and moves every weight a little. This example prints all numbers of a round. The
page on the mathematics works out the same network by hand.
"""

# %%
# The network and the sample
# --------------------------
# Two inputs, two sigmoid nodes, one output. The last row of each matrix belongs
# to the bias node, a square in the picture. The wider an edge, the larger its
# weight; negative ones are dashed.

from descend import Network, NetworkDisplay

net = Network([2, 2, 1], activation="sigmoid", dtype="float64")
net.W = [[[0.5, -0.5], [0.25, 0.5], [-0.5, 0.25]], [[1.0], [-2.0], [0.5]]]
x, y = [1.0, 2.0], 1.0
NetworkDisplay.from_network(
    net, input_names=["x1", "x2"], output_names=["answer"], name="Nine weights"
)

# %%
# Is the gradient right?
# ----------------------
# Move one weight a little up and a little down, and see how the loss changes.
# Do that for all nine, and compare.

check = net.gradient_check([x], [y])
print("back-propagation agrees with central differences:", check.passed)

# %%
# The round
# ---------
# ``step`` changes the weights and returns all that was on the way: the sums
# ``s``, the values ``v``, and the derivatives ``delta`` of the loss by the
# sums.

round_ = net.step(x, y, learning_rate=0.5)
for layer in (1, 2):
    print(f"s[{layer}] = {round_.s[layer].round(6).tolist()}")
    print(f"v[{layer}] = {round_.v[layer].round(6).tolist()}")
for layer in (2, 1):
    print(f"delta[{layer}] = {round_.delta[layer].round(6).tolist()}")
before, after = round_.loss, net.loss([x], [y])
print(f"loss {before:.6f} before the round, {after:.6f} after it")
