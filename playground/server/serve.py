"""The command `playground`: listen on 127.0.0.1, tell the link, open it, end all at Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import uvicorn

from kernel.errors import UsageError
from playground.catalogue import SCENARIOS
from playground.server.application import Playground
from playground.server.folder import Folder
from playground.server.gate import Gate, Opened
from translation import tr

HOST = "127.0.0.1"
WAITING = 100  # connections that may wait to be accepted
PATIENCE = 3  # seconds for open connections to end, after all children have ended
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def serve(file: Path | None, port: int | None, *, browser: bool) -> int:
    """Serve the playground until a signal ends it. Return the exit status. Raises UsageError."""
    folder = Folder(Path.cwd())
    opened = None if file is None else _opened(file, folder)
    with _listening(port or 0) as listening:
        playground = Playground(folder)
        gate = Gate(playground.application(), listening.getsockname()[1])
        click.echo(gate.link(opened))
        click.echo(
            tr(
                "Real runs and policies are executed as you, on this machine; files are those of "
                "{folder}. The link is for you alone. Ctrl-C ends all.",
                folder=folder.root,
            ),
            err=True,
        )
        sys.stdout.flush()
        opening = (lambda: _open(gate.link(opened, once=True))) if browser else None
        asyncio.run(_Server(gate, playground, opening).live(listening))
    return 0


def _opened(file: Path, folder: Folder) -> Opened:
    """Return how the front end calls the file. Raises UsageError if it cannot be opened."""
    path, shipped = file.resolve(), SCENARIOS.resolve()
    if path.is_relative_to(folder.root):
        name = path.relative_to(folder.root).as_posix()
        folder.read(name)
        return Opened("file", name)
    if path.is_relative_to(shipped):
        return Opened("open", path.relative_to(shipped.parent).as_posix())
    raise UsageError(
        tr(
            "{file}: is not in {folder}: start the playground in its folder",
            file=file,
            folder=folder.root,
        )
    )


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    """Listen at the port; 0: at any that is free. Raises UsageError."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, port))
            listening.listen(WAITING)
        except OSError as error:
            raise UsageError(
                tr(
                    "port {port} of {host} cannot be had ({error}): name another one by --port, or "
                    "leave it out for a free one",
                    port=port,
                    host=HOST,
                    error=(error.strerror or "").lower(),
                )
            ) from None
        yield listening


class _Server(uvicorn.Server):
    """Uvicorn's server. A signal ends the children first, then the server; a second one at once."""

    def __init__(
        self, gate: Gate, playground: Playground, opening: Callable[[], None] | None
    ) -> None:
        super().__init__(
            uvicorn.Config(
                gate,
                log_level="critical",
                access_log=False,  # it would have the token
                server_header=False,
                date_header=False,
                proxy_headers=False,
                ws="websockets-sansio",
                ws_max_size=1 << 10,  # a page sends nothing
                timeout_graceful_shutdown=PATIENCE,
            )
        )
        self._playground, self._opening = playground, opening
        self._ends: asyncio.Task[None] | None = None

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to `live`."""
        yield

    async def live(self, listening: socket.socket) -> None:
        """Serve until a signal comes."""
        loop = asyncio.get_running_loop()
        for number in ENDING:
            if signal.getsignal(number) is not signal.SIG_IGN:
                loop.add_signal_handler(number, self._end)
        if self._opening is not None:
            threading.Thread(target=self._opening, daemon=True).start()
        await self.serve([listening])

    def _end(self) -> None:
        if self._ends is not None:
            self.should_exit = self.force_exit = True  # the wardens end the children
        else:
            self._ends = asyncio.ensure_future(self._end_children())

    async def _end_children(self) -> None:
        await self._playground.end()
        self.should_exit = True


def _open(link: str) -> None:
    """Open the link in the user's browser; if there is none, say so."""
    import webbrowser

    screens = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")  # else a browser would fill the terminal
    opened = False
    if sys.platform != "linux" or any(os.environ.get(name) for name in screens):
        try:
            opened = webbrowser.open(link)
        except (webbrowser.Error, OSError):
            opened = False
    if not opened:
        click.echo(tr("no browser could be opened: open the link above in one"), err=True)
