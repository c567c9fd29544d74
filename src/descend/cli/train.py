"""``descend train``: a table in, a blend of networks or the best of many descents out."""

from __future__ import annotations

from descend.cli import train_options as options
from descend.cli.command import AsJson, TableFile, command

# options that are what the library calls so
AS_TYPED = (
    *(
        "task",
        "preset",
        "quality",
        "time_limit",
        "refit",
        "restarts",
        "epochs",
        "batch_size",
        "learning_rate",
        "optimizer",
    ),
    *("l2", "dropout", "group", "time", "decimal", "date_format", "row_hashes", "weight", "prior_correction", "seed"),
    "out_of_core",
)


@command
def train(
    table: TableFile,
    target: options.Target = None,
    start: options.From = None,
    task: options.Task = "auto",
    drop: options.Drop = None,
    types: options.Types = None,
    missing: options.Missing = None,
    decimal: options.Decimal = None,
    date_format: options.DateFormat = None,
    test: options.Test = "0.2",
    validation: options.Validation = None,
    group: options.Group = None,
    time: options.Time = None,
    row_hashes: options.RowHashes = True,
    weight: options.Weight = None,
    class_weight: options.ClassWeight = None,
    prior_correction: options.PriorCorrection = False,
    threshold: options.Threshold = None,
    costs: options.Costs = None,
    preset: options.Preset = None,
    quality: options.Quality = None,
    time_limit: options.TimeLimit = None,
    refit: options.Refit = False,
    hidden: options.Hidden = None,
    activation: options.Activation = None,
    restarts: options.Restarts = None,
    race: options.Race = False,
    epochs: options.Epochs = None,
    batch_size: options.BatchSize = None,
    learning_rate: options.LearningRate = None,
    optimizer: options.Optimizer = None,
    l2: options.L2 = None,
    dropout: options.Dropout = None,
    seed: options.Seed = 0,
    jobs: options.Jobs = None,
    out_of_core: options.OutOfCore = False,
    cache: options.Cache = None,
    window: options.Window = None,
    cluster: options.Cluster = None,
    output: options.Output = None,
    report: options.Report = None,
    resume: options.Resume = False,
    as_json: AsJson = False,
    force: options.Force = False,
) -> None:
    """Learn a table: by a blend of networks, or by one, the best of many restarts.

    Types of columns, missing values and scales are taken care of. Ctrl-C and kills are safe: --resume goes on. TABLE
    may be a folder, or a pattern in quotation marks, such as "days/*.parquet"; and larger than memory.
    """
    from descend.cli.output import cache_of, default_output
    from descend.cli.train_checks import Words, checked_options, checked_target, one_or_several, types_of, window_of
    from descend.cli.train_steps import Job, learn
    from descend.cli.update_steps import learn_on
    from descend.models.options import TrainOptions

    if start is not None:
        learn_on(locals(), start)
        return
    path = output or default_output(table)
    typed = locals()
    given = TrainOptions(
        **{name: typed[name] for name in AS_TYPED},
        activation=one_or_several(activation),
        race=race or None,
        drop=tuple(drop or ()),
        types=types_of(types),
        missing=tuple(missing or ()),
        window=window_of(window),
        cache=cache_of(path, cache),
    )
    words = Words(table, hidden, class_weight, validation, test, jobs, path, force, threshold, costs, report, cluster)
    checked = checked_options(words, given)
    learn(Job(table, checked_target(target), path, jobs, resume, as_json, report, cluster), checked)
