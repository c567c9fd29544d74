"""A cluster by its address, as on the command line: ``dask:tcp://HOST:PORT``."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

from descend.errors import ClusterError, check_extra, quoted

CONNECT_SECONDS = 10.0
SCHEDULER = "Scheduler"  # what one calls itself
EXAMPLE = "Write, for example, dask:tcp://10.0.0.5:8786; the scheduler says its address when it starts."
_ADDRESS = re.compile(r"(?:(?:tcp|tls|ws|wss|ucx|ucxx)://)?(?:\[[0-9A-Fa-f:.%]+\]|[^\s:/\[\]]+):(\d{1,5})/?")


def scheduler_address(typed: str) -> str:
    """Return the address of a scheduler.

    Parameters
    ----------
    typed : str
        ``dask:`` and the address of the scheduler, which has a port.

    Raises
    ------
    ClusterError
        If it is none.

    Examples
    --------
    >>> scheduler_address("dask:tcp://10.0.0.5:8786")
    'tcp://10.0.0.5:8786'
    >>> scheduler_address("dask:localhost:8786")
    'localhost:8786'
    """
    engine, colon, address = typed.partition(":")
    if engine != "dask" or not colon:
        raise ClusterError(
            f'cluster: {quoted(typed)} must begin with "dask:", the engine that is known here. {EXAMPLE}'
        )
    if not address.strip():
        raise ClusterError(f"cluster: {quoted(typed)} has no address. {EXAMPLE}")
    found = _ADDRESS.fullmatch(address.strip())
    if found is None or not 0 < int(found[1]) < 65536:
        raise ClusterError(f"cluster: {quoted(address)} is no address of a scheduler: HOST:PORT. {EXAMPLE}")
    return address.strip()


@contextmanager
def connected(typed: str) -> Iterator[None]:
    """Let trainings run on a cluster, by joblib's context; afterwards the connection is closed.

    Raises
    ------
    ClusterError
        If the address is none, or nobody answers there.
    SpecError
        If Dask is not installed.
    """
    address = scheduler_address(typed)
    check_extra("--cluster", "dask", "distributed", extra="dask")
    import asyncio

    import joblib
    from distributed import Client

    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # our error says that a connection is lost
    try:
        who = asyncio.run(_who_answers(address))
        client = None if who != SCHEDULER else Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except Exception as error:  # a server of something else may lead to any
        raise _nobody(address, error) from error
    if client is None:
        raise ClusterError(f"cluster: at {address} is a {who.lower()} of Dask, no scheduler. {EXAMPLE}")
    try:
        with joblib.parallel_config("dask", client=client):
            yield
    finally:
        client.close()


async def _who_answers(address: str) -> str:
    """Return what kind of Dask's servers listens there; a client alone would wait for ever for one that is none."""
    import asyncio

    from distributed.comm import connect
    from distributed.core import send_recv
    from distributed.security import Security

    async def asked() -> str:
        comm = await connect(address, timeout=CONNECT_SECONDS, **Security().get_connection_args("client"))
        try:
            return str((await send_recv(comm, op="identity"))["type"])
        finally:
            comm.abort()

    return await asyncio.wait_for(asked(), 1.2 * CONNECT_SECONDS)  # so that `connect` itself says why


def _nobody(address: str, error: BaseException) -> ClusterError:
    tells = isinstance(error, OSError | ValueError | TypeError | ImportError)
    said = str(error.__cause__ or "") or str(error) if tells else ""
    said = said or "what listens there does not speak as Dask does"
    why = re.sub(r"^in <.*?>: ", "", said.splitlines()[0])[:200]
    return ClusterError(
        f"cluster: no scheduler answers at {address} within {CONNECT_SECONDS:g} s ({why}). Is `dask scheduler` "
        "running there, of the same version of Dask, and does a firewall let you pass?"
    )
