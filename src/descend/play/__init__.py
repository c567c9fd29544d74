"""The playground: an experiment that a page or a notebook shows while it learns."""
