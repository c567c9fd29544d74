"""A table's model: options and presets -> recipe -> training -> Model, and its scores."""
