"""Other machines that work for us, by joblib's engines: what they must have, what is sent to them, and their tasks."""
