"""Network: predict, look at every quantity, check the gradient, train, save."""
