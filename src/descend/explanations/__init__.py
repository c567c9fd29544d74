"""What a prediction is made of: expected gradients, permutation importance, partial dependence."""
