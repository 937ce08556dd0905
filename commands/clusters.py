"""The option --dask: the address of a Dask cluster, on which a command lets work be done."""

from __future__ import annotations

import click

from kernel.errors import UsageError
from translation import tr

LOCAL = "local"
ANSWERS = 5.0  # seconds for a connection to a scheduler

dask_option = click.option(
    "--dask",
    metavar="ADDRESS",
    help="Run on a Dask cluster, tcp://host:port; local starts one here.",
)


def require_cluster(address: str) -> None:
    """Raise UsageError unless the library is there, and a scheduler at the address.

    `local` means one that is started later.
    """
    from importlib.util import find_spec

    if find_spec("distributed") is None:
        raise UsageError(tr("--dask needs dask.distributed: pip install 'multiprog[cluster]'"))
    if address != LOCAL:
        _require_answer(address)


def _require_answer(address: str) -> None:
    """Raise UsageError unless the address is one of a scheduler, and something listens there."""
    import socket
    from urllib.parse import urlsplit

    parts = urlsplit(address)
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if parts.scheme not in ("tcp", "tls") or host is None or port is None:
        raise UsageError(
            tr(
                "--dask {address}: must be local, or an address like tcp://host:8786",
                address=address,
            )
        )
    try:
        socket.create_connection((host, port), timeout=ANSWERS).close()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(
            tr(
                "--dask {address}: no scheduler answers there ({reason})",
                address=address,
                reason=reason,
            )
        ) from None
