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
