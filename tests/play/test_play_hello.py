"""A page says hello again when its address was changed: it gets the experiment of that address, and nothing else."""

from descend.play.messages import Settings
from descend.play.session import Session


def test_a_second_address_forgets_the_first():
    said = []
    session = Session(lambda message, arrays: said.append(message))
    session.receive({"type": "hello", "address": "data=xor&noise=0.3&restarts=2"})
    session.receive({"type": "hello", "address": "data=moons&restarts=2"})
    assert said[-1].settings == Settings(data="moons", restarts=2)
    session.close()


def heard(address, source=None):
    """What a session answers to an address."""
    said = []
    session = Session(lambda message, arrays: said.append(message), source)
    session.receive({"type": "hello", "address": address})
    session.close()
    return said


def notes(address, source=None):
    return [one.text for one in heard(address, source) if one.type == "said"]


def test_what_an_address_asks_for_and_is_not_there_is_said():
    assert notes("data=xor&restarts=4&row=239&restart=3&lesson=chain-rule") == []
    assert notes("data=xor&restarts=4&row=240&restart=4&lesson=chain-rul&view=round") == [
        'Address: `lesson` "chain-rul" is not known. Did you mean "chain-rule"?',
        "Address: `row` must be from 0 to 239, the training rows; got 240.",
        "Address: `restart` must be from −1 to 3; got 4.",
    ]
    assert notes("lesson=list") == []


def test_where_an_address_cannot_be_followed_nothing_is_said_of_its_row():
    (only,) = notes("data=xor&hidden=2&init=zeros&row=9999")
    assert only.startswith("Address: W: all weights are 0")


def test_own_data_are_told_with_their_size():
    welcome = heard("", {"a": list(range(1200)), "b": [0.5, 1.5] * 600})[0]
    assert welcome.choices["data"][-1].note == "yours: 1,200 rows × 2 columns"


def test_a_table_of_few_rows_is_refused_without_words_of_the_command_line():
    said = notes("", {"a": [1.0, 2.0, 3.0], "b": [1.0, 2.0, 4.0]})
    assert said == ["your table: it takes 5 rows to learn from; got 3."]
