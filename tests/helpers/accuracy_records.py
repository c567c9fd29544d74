"""Made results of the accuracy benchmark."""


def record(task, who, score, seed=0, version="1", **more):
    """A result with numbers to predict: the score is the RMSE, and the seconds of the fit."""
    kind = {"scores": {"rmse": score}, "kind": "regress", "fit": {"wall": score, "processor": 4 * score}}
    key = {"task": task, "data": "0f", "seed": seed, "contestant": who, "version": version, "cap": "10000/5000"}
    spent = {"predict": {"wall": 0.5, "processor": 0.5}, "peak": 100.0, "others": 0.0}
    return key | kind | spent | {"train_rows": 150, "test_rows": 50} | more


def class_record(task, who, error, loss, **more):
    """A result with classes."""
    return record(task, who, 1.0, **({"kind": "classify", "scores": {"error": error, "log_loss": loss}} | more))


def failed(task, who, why, **more):
    """A run that came to nothing."""
    made = record(task, who, 1.0, **more)
    return {name: value for name, value in made.items() if name not in ("scores", "fit", "predict")} | {"failed": why}
