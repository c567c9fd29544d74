"""What is learnt: the classics, tables, models, networks; and what cannot be."""

import json

import numpy as np
import pytest

from descend.errors import DataError, DescendError
from descend.models.blends.blend import Blend, BlendMember
from descend.models.blends.descent import Net, Place
from descend.models.model import Model
from descend.models.options import TrainOptions
from descend.models.train import train
from descend.models.understand import understand
from descend.nets.network import Network
from descend.play.rows.made import CLASSICS, made_problem
from descend.play.start import read_given
from descend.tables.convert import as_table
from descend.tables.datasets import dataset_path
from model_files import TABLE, trained
from play_sessions import Talk


@pytest.mark.parametrize("name", CLASSICS)
def test_every_classic_is_learnt(name):
    more = "&hidden=16,16&optimizer=adam&learning_rate=0.01&batch_size=16&noise=0.05"
    with Talk(f"#data={name}&restarts=4&epochs=200&speed=0{more}") as talk:
        assert talk.experiment.rows == [240, 80, 80]
        assert talk.experiment.trainable
        picture, arrays = talk.play()
        head, words = picture.scores[0]
        assert head == ("R²" if CLASSICS[name].classes == 0 else "accuracy")
        assert float(words.split(" ")[0]) > 0.85
        _, drawn = talk.last("experiment")
        assert drawn["points"].shape == (400, 2 if name == "curve" else 3)
        assert np.bincount(drawn["part"]).tolist() == [240, 80, 80]
        assert set(arrays) >= ({"curve_x"} if name == "curve" else {"surface", "maps"})


@pytest.mark.parametrize("name", CLASSICS)
def test_classics_without_noise_lie_in_the_frame_and_are_balanced(name):
    made = made_problem(name, 300, 0.0, seed=3)
    X = np.concatenate([part.X for part in made.parts])
    truth = np.concatenate([part.truth for part in made.parts])
    assert abs(X).max() <= 1.2
    assert X.std() > 0.2
    if made.classes:
        counts = np.bincount(truth, minlength=len(made.classes))
        assert counts.min() >= 0.3 * 300 * 2 / len(made.classes) - 50
        assert len(counts) == len(made.classes)
    assert made.extent()[:2] == [-1.2, 1.2]


def test_rows_depend_on_the_seed_and_noise_blurs_them():
    one, same, other, noisy = (made_problem("moons", 100, n, s) for n, s in ((0, 1), (0, 1), (0, 2), (0.5, 1)))
    assert (one.parts[0].X == same.parts[0].X).all()
    assert (one.parts[0].X != other.parts[0].X).any()
    difference = np.concatenate([a.X - b.X for a, b in zip(one.parts, noisy.parts, strict=True)])
    assert difference.std() == pytest.approx(0.25, rel=0.15)


def test_a_bundled_table_is_understood_as_a_training_does():
    with Talk("#data=table:penguins&seed=3&hidden=5&restarts=4&epochs=60&speed=0&row=4") as talk:
        options = TrainOptions(preset="single", validation=0.25, test=0.2, seed=3)
        seen = understand(as_table(dataset_path("penguins")), "species", options)
        assert (talk.part.X == seen.train_rows.X).all()
        assert talk.experiment.classes == list(seen.task.written)
        assert talk.experiment.inputs == list(seen.preprocessing.feature_names)
        picture, arrays = talk.play()
        cells = dict(picture.chosen)
        assert cells["species"] == seen.task.written[int(seen.train_rows.Y[4].argmax())]
        assert picture.answer.startswith(cells["species"])
        assert float(picture.scores[0][1].split(" ")[0]) > 0.9
        assert arrays["confusion"].sum() == seen.rows["test"]
        talk.set(target="island")
        assert talk.experiment.classes == ["Biscoe", "Dream", "Torgersen"]
        talk.set(target="body_mass_g")
        assert (talk.experiment.task, talk.experiment.loss) == ("numbers", "squared")
        assert set(talk.play()[1]) >= {"true", "predicted"}
        (refused,) = talk.set(target="mass")
        assert refused.setting == "target"


def test_numbers_are_judged_in_their_own_unit():
    with Talk("#data=table:penguins&target=body_mass_g&hidden=5&restarts=4&epochs=60&speed=0") as talk:
        picture, arrays = talk.play()
        assert 2500 < arrays["true"].mean() < 5500
        rmse = np.sqrt(((arrays["true"] - arrays["predicted"]) ** 2).mean())
        told = dict(picture.scores)["root mean squared error"]
        assert float(told.split(" ")[0]) == pytest.approx(rmse, abs=0.1)
        assert rmse < 500


@pytest.fixture
def own(tmp_path):
    rows = [f"{i % 7 - 3},{i % 5},{'big' if (i % 7 - 3) * (i % 5 - 2) > 0 else 'small'},{i}" for i in range(200)]
    path = tmp_path / "mine.csv"
    path.write_text("a,b,kind,id\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_an_own_file_that_is_uploaded_is_learnt(own):
    with Talk("#hidden=8&epochs=100&restarts=4&speed=0&batch_size=4&learning_rate=0.1") as talk:
        talk.session.open(own, "mine.csv")
        heard = [one.type for one, _ in talk.heard[2:]]
        assert heard[:2] == ["welcome", "experiment"]
        s = talk.experiment.settings
        assert (s.data, s.target, s.hidden) == ("own", "kind", [8])
        assert talk.experiment.targets == ["a", "b", "kind", "id"]
        assert talk.last("welcome")[0].choices["data"][-1].label == "mine.csv"
        picture, arrays = talk.play()
        assert float(picture.scores[0][1].split(" ")[0]) > 0.9
        assert arrays["confusion"].sum() == 40
        assert [name for name, _ in picture.chosen] == ["a", "b", "kind"]
        assert any("id" in words for head, words in talk.experiment.facts)


def test_what_is_said_of_an_upload_names_no_option_of_the_command_line(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(
        "a,b,y\n" + "".join(f"{i * 37 % 997},{i % 3},{'uv'[i % 2]}\n" for i in range(400)), encoding="utf-8"
    )
    with Talk("#data=xor") as talk:
        talk.session.open(path, "mine.csv")
        said = [one.text for one, _ in talk.heard if one.type == "said"]
        assert any("leave the column out" in text.lower() for text in said)
        assert not any("--" in text for text in said)


def test_a_file_that_cannot_be_read_leaves_all_as_it_was(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"\x00\x01\x02\xff" * 100)
    with Talk("#data=xor&speed=0") as talk:
        with pytest.raises(DescendError) as caught:
            talk.session.open(path, "mine.csv")
        assert str(tmp_path) not in str(caught.value)
        assert talk.experiment.settings.data == "xor"
        path.write_text("a,b\n1,1\n")
        with pytest.raises(DescendError):
            talk.session.open(path, "mine.csv")
        assert talk.set(data="own")[0].type == "refused"
        assert talk.play()[0].finished


def test_a_frame_that_was_given_is_learnt_from_the_start():
    with Talk("#restarts=2&epochs=3&speed=0", TABLE) as talk:
        assert talk.experiment.settings.data == "own"
        assert talk.experiment.settings.target == "kind"
        assert talk.play()[0].finished
        talk.set(data="xor")
        assert talk.experiment.title == "Exclusive or (XOR)"
        talk.set(data="own")
        assert talk.experiment.settings.target == "kind"
    with pytest.raises(DataError):
        Talk("", 7)


# ---------------------------------------------------------------- models


def test_a_model_goes_on_from_its_weights_where_there_is_a_table():
    model = trained("kind")
    with Talk("#restarts=3&epochs=5&speed=0", (model, TABLE)) as talk:
        assert talk.experiment.sizes == list(model.network.spec.sizes)
        assert (talk.theta()[0] == model.network.theta).all()
        assert (talk.theta()[1] != model.network.theta).any()
        assert ["restart 0 goes on" in one.text for one, _ in talk.heard if one.type == "said"] == [True]
        before = model.network.theta.copy()
        assert talk.play()[0].finished
        assert (talk.theta()[0] != before).any()
        assert (model.network.theta == before).all()
        X, Y = model.inputs_and_targets(TABLE)
        rows = {x.tobytes() + y.tobytes() for x, y in zip(X, Y, strict=True)}
        assert all(x.tobytes() + y.tobytes() in rows for x, y in zip(talk.part.X, talk.part.Y, strict=True))
        (refused,) = talk.set(hidden=[9])
        assert (refused.setting, "own" in refused.text) == ("hidden", True)


def test_a_model_alone_is_looked_at_with_rows_drawn_from_its_summary(tmp_path):
    model = trained("kind")
    model.save(tmp_path / "m.descend")
    with Talk("", tmp_path / "m.descend") as talk:
        assert not talk.experiment.trainable
        talk.set(row=3)
        picture, arrays = talk.picture()
        cells = dict(picture.chosen)
        assert list(cells) == list(model.preprocessing.input_names)
        record = {name: [None if text == "missing" else _cell(text)] for name, text in cells.items()}
        label = model.predict(record)[0]
        assert picture.answer.startswith(label)
        assert arrays["v"][-2:].max() == pytest.approx(float(model.predict_probability(record).max()), rel=1e-5)
        (refused,) = talk.run("play")
        assert "give a table, too" in refused.text
        (refused,) = talk.say("ask", what="round")
        assert "no rows to learn from" in refused.text
        talk.say("edit", layer=0, from_node=0, to_node=0, weight=9.0)
        assert talk.picture()[0].edited


def _cell(text):
    try:
        return float(text)
    except ValueError:
        return {"True": True, "False": False}.get(text, text)


def blended():
    """A blend of three networks of two members, as it would be read from a file."""
    one = trained("kind")
    encoders, size = one.preprocessing.encoders, one.network.spec.sizes[0]
    networks = [Network([size, n, 2], "tanh", "softmax", "log_loss", seed=n) for n in (3, 4, 5)]
    places = Place("tri", 0), Place("tri", 1), Place("relu", 0)
    nets = [Net(place, network, encoders) for place, network in zip(places, networks, strict=True)]
    blend = Blend((BlendMember("tri", 0.75, tuple(nets[:2])), BlendMember("relu", 0.25, (nets[2],))))
    return Model(networks[0], one.preprocessing, {}, None, blend, one.sections)


def test_of_a_blend_a_network_is_chosen_the_heaviest_first():
    model = blended()
    nets = [net for member in model.blend.members for net in member.nets]
    with Talk("", model) as talk:
        assert len(talk.experiment.members) == len(nets)
        assert talk.experiment.members[0] == "tri, fold 0 (75.0%)"
        for member in (0, 1, 2):
            talk.set(member=member)
            assert talk.experiment.sizes == list(nets[member].network.spec.sizes)
            assert (talk.picture()[1]["theta"] == nets[member].network.theta).all()
        (refused,) = talk.set(member=len(nets))
        assert refused.setting == "member"
    with Talk("#member=2&epochs=3&restarts=2&speed=0", (model, TABLE)) as talk:
        X, _ = model.inputs_and_targets(TABLE, nets[2])
        assert talk.part.X.shape[1] == X.shape[1]
        assert {row.tobytes() for row in talk.part.X} <= {row.tobytes() for row in X}
        assert (talk.theta()[0] == nets[2].network.theta).all()
        assert talk.play()[0].finished


def test_networks_trainings_and_estimators_are_taken_too():
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (60, 2))
    training = Network([2, 3, 1], seed=0).fit(X, X[:, 0], epochs=3, validation=0.2)
    with Talk("#epochs=5&restarts=2&speed=0", training) as talk:
        assert talk.experiment.rows == [48, 12, 0]
        assert (talk.theta()[0] == training.best.theta).all()
        assert talk.play()[0].finished
    with Talk("#epochs=5&restarts=2&speed=0", (training.best, X, X[:, 0])) as talk:
        assert talk.experiment.rows == [36, 12, 12]
        assert talk.experiment.kind == "plane"
        assert talk.play()[0].finished
    with Talk("", training.best) as talk:
        assert not talk.experiment.trainable
        picture, arrays = talk.picture()
        x = np.array([float(value) for _, value in picture.chosen])
        assert arrays["v"][-1] == pytest.approx(float(training.best.predict([x])[0, 0]), rel=1e-4, abs=1e-6)


def test_a_model_made_by_train_and_the_page_agree_on_a_table(tmp_path):
    options = TrainOptions(preset="single", hidden=(4,), epochs=20, restarts=2, seed=5)
    model = train(understand(as_table(dataset_path("penguins")), "species", options)).model
    with Talk("", (model, dataset_path("penguins"))) as talk:
        judge = talk.session._made.problem.parts[2]
        picture, arrays = talk.picture()
        assert arrays["confusion"].sum() == len(judge.X)
        assert float(picture.scores[0][1].split(" ")[0]) > 0.9
        assert json.loads(talk.ask("weights")[1]["bytes"].tobytes())["network"]["sizes"] == talk.experiment.sizes


def test_what_reading_a_file_noted_has_the_name_that_the_user_knows_and_many_columns_are_one_note(tmp_path):
    names, cells = [f"c{k}" for k in range(9)], [f"{k},5" for k in range(9)]
    rows = [";".join([*cells[i % 9 :], *cells[: i % 9]]) for i in range(40)]
    path = tmp_path / "kept-elsewhere.csv"
    path.write_text("\n".join([";".join(names), *rows]), "utf-8")
    with Talk("#speed=0") as talk:
        talk.session.open(path, "prices.csv")
        said = [one.text for one, _ in talk.heard if one.type == "said"]
        assert all(text.startswith("prices.csv: ") for text in said)
        (told,) = [text for text in said if "is read as numbers" in text]
        assert told.startswith('prices.csv: column "c0"')
        assert "8 more columns" in told
        assert talk.ask("model")[0].name == "prices.descend"


def test_a_page_whose_own_table_cannot_be_learnt_says_so_and_shows_other_rows(tmp_path):
    (tmp_path / "same.csv").write_text("a,b\n" + "1,x\n" * 20)
    with Talk("", tmp_path / "same.csv") as talk:
        assert talk.experiment.settings.data == "circles"
        said = [one.text for one, _ in talk.heard if one.type == "said"]
        assert len(said) == 1
        assert said[0].startswith("same.csv: at least one input column is needed")


def test_rows_that_a_model_does_not_know_are_refused_before_there_is_a_page(tmp_path):
    trained("kind").save(tmp_path / "m.descend")
    (tmp_path / "other.csv").write_text("a,b\n" + "1,x\n2,y\n" * 20)
    with pytest.raises(DescendError, match=r"other\.csv: there is no column"):
        read_given(str(tmp_path / "m.descend"), str(tmp_path / "other.csv"))


def test_rows_that_are_drawn_for_a_model_without_any_can_be_gone_through():
    with Talk("", trained("kind")) as talk:
        assert (talk.experiment.choosable, talk.experiment.rows) == (100, [0, 0, 0])
        first = talk.picture()[0].chosen
        talk.set(row=99)
        assert talk.picture()[0].chosen != first
        assert talk.set(row=100)[0].type == "refused"
