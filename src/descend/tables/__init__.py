"""A file or a data frame -> Table: typed columns and their missing cells."""
