"""Words for every face: tables, recipes, rounds, restarts and scores, without a terminal in them."""
