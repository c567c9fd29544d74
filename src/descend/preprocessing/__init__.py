"""Table -> X, Y: roles of the columns, splits of the rows, encoders fitted on training rows."""
