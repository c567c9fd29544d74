"""Words for every face: what is said of tables, recipes, rounds, restarts and scores, without a terminal in it."""
