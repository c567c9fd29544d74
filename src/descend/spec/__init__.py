"""What a network and a run are: activations, losses, layout of theta, schedules, plan and state."""
