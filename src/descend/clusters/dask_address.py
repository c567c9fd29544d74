"""A cluster by its address, as on the command line: ``dask:tcp://HOST:PORT``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from descend.errors import ClusterError, check_extra, quoted

CONNECT_SECONDS = 10.0
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
    import joblib
    from distributed import Client

    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        why = re.sub(r"^in <.*?>: ", "", str(error.__cause__ or error).splitlines()[0])[:200]
        raise ClusterError(
            f"cluster: no scheduler answers at {address} within {CONNECT_SECONDS:g} s ({why}). Is `dask scheduler` "
            "running there, of the same version of Dask, and does a firewall let you pass?"
        ) from error
    try:
        with joblib.parallel_config("dask", client=client):
            yield
    finally:
        client.close()
