"""The command `playground`: its link, its children, its errors, and its end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

import cli
from benchmarks.local_playground import Server, left_over, started, surroundings, wait_until_gone
from tests.paths import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")
TWO = "processes:\n  - {name: A, cpu: 30ms}\n  - {name: B, arrival: 5ms, cpu: 10ms}\n"
LONG = "scheduler: {policy: rr, quantum: 50ms}\nprocesses: [{name: A, count: 2, cpu: 30s}]\n"
MINE = """
from kernel.scheduling import Policy

class Mine(Policy):
    def setup(self): self.queue = []
    def ready(self, process, why): self.queue.append(process)
    def pick(self, core): return (self.queue.pop(0), None) if self.queue else None
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("lab")
    (folder / "other.py").write_text(MINE)
    with Server(folder) as running:
        yield running


def _question(do: str = "simulate", text: str = TWO, **others: Any) -> dict[str, Any]:
    files = {"a.yaml": text, **others.pop("files", {})}
    return {"do": do, "file": "a.yaml", "files": files, **others}


def _events(server: Server, **others: str) -> ClientConnection:
    headers = {"Cookie": server.headers["Cookie"], **others}
    url = f"ws://{server.host}{server.place}api/events"
    return connect(url, origin=Origin(server.headers["Origin"]), additional_headers=headers)


# -- the model -----------------------------------------------------------------------------------


def test_the_model_answers_as_the_browsers_python_does(server: Server) -> None:
    page = server.ask("ask", "POST", _question())["page"]
    assert page["document"]["runs"][0]["processes"] == ["A", "B"]


def test_the_saved_run_is_that_of_the_command_line(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    file = "scenarios/lessons/overlap.yaml"
    text = (ROOT / file).read_text(encoding="utf-8")
    found = server.ask("ask", "POST", {"do": "document", "file": file, "files": {file: text}})
    assert cli.main(["simulate", str(ROOT / file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    given = json.loads(found["document"])
    told.pop("scenario"), given.pop("scenario")  # the file has another name
    assert given == told


def test_a_policy_of_the_folder_is_executed(server: Server) -> None:
    page = server.ask("ask", "POST", _question(policies=["other.py:Mine"]))["page"]
    assert page["document"]["runs"][0]["processes"] == ["A", "B"]


def test_a_policy_that_ends_its_process_is_named_and_the_next_question_is_answered(
    server: Server,
) -> None:
    wicked = MINE.replace("self.queue = []", "import os; os._exit(0)")
    asked = _question(policies=["mine.py:Mine"], files={"mine.py": wicked})
    [problem] = server.ask("ask", "POST", asked)["problems"]
    assert "mine.py:Mine" in problem["message"]
    assert "page" in server.ask("ask", "POST", _question())


# -- the gate, over a real connection --------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [{"Cookie": "multiprog=x"}, {"Host": "evil.example"}, {"Origin": "http://evil.example"}],
    ids=str,
)
def test_a_request_of_others_is_refused(server: Server, wrong: dict[str, str]) -> None:
    connection = HTTPConnection(server.host)
    connection.request("POST", f"{server.place}api/runs", b"{}", {**server.headers, **wrong})
    assert connection.getresponse().status == 403
    connection.close()


def test_a_websocket_of_others_is_refused(server: Server) -> None:
    with pytest.raises(InvalidStatus, match="403"), _events(server, Cookie="a=b"):
        pass
    url = f"ws://{server.host}{server.place}api/events"
    headers = {"Cookie": server.headers["Cookie"]}
    for origin in (None, Origin("http://evil.example")):
        with pytest.raises(InvalidStatus, match="403"):
            connect(url, origin=origin, additional_headers=headers)


def test_it_listens_on_this_machine_alone(server: Server) -> None:
    port = int(server.host.partition(":")[2])
    with socket.socket() as other:
        other.bind(("127.0.0.2", port))  # free: the server has not taken all addresses
    assert server.host.startswith("127.0.0.1:")


# -- real runs -------------------------------------------------------------------------------------


@pytest.mark.real
def test_a_real_run_with_an_own_policy_is_made_and_its_page_is_told_of_it(server: Server) -> None:
    with _events(server) as socket:
        before = json.loads(socket.recv(timeout=30))["runs"]
        chatty = MINE.replace("self.queue = []", "self.queue = []; print('begun 开始')")
        text = "scheduler: {policy: 'mine.py:Mine'}\n" + TWO
        number = server.run("run-real", text, **{"mine.py": chatty})
        states: list[str] = []
        while not states or states[-1] != "done":
            runs = json.loads(socket.recv(timeout=60))["runs"]
            states += [run["state"] for run in runs if run["number"] == number]
    assert number not in [run["number"] for run in before]
    assert states == sorted(states, key=["waiting", "running", "done"].index)
    result = server.result(number)
    assert "begun 开始" in result["remarks"]
    assert json.loads(result["document"])["backend"] == "real"
    assert result["page"]["document"]["runs"][0]["processes"] == ["A", "B"]


@pytest.mark.real
def test_a_comparison_shows_both_runs_and_a_verdict(server: Server) -> None:
    result = server.result(server.run("compare", TWO))
    assert len(result["page"]["document"]["runs"]) == 2
    assert 'id="verdict"' in result["page"]["opening"]
    assert json.loads(result["document"])["comparison"]["verdict"]


@pytest.mark.real
def test_a_mistake_of_the_scenario_is_a_problem_with_its_place(server: Server) -> None:
    text = "processes:\n  - {name: A, cpu: 30parsecs}\n"
    [problem] = server.result(server.run("run-real", text))["problems"]
    assert (problem["line"], problem["column"]) == (2, 20)


@pytest.mark.real
def test_one_run_goes_on_at_a_time_and_each_can_be_stopped(server: Server) -> None:
    first, second = server.run("run-real", LONG), server.run("run-real", TWO)
    with _events(server) as socket:
        runs = {run["number"]: run for run in json.loads(socket.recv(timeout=30))["runs"]}
        assert runs[second]["state"] == "waiting"
        while not runs[first]["said"].startswith("running"):  # its progress
            runs = {run["number"]: run for run in json.loads(socket.recv(timeout=30))["runs"]}
        server.ask(f"runs/{first}", "DELETE")
    assert server.result(first)["stopped"] == "interrupted by SIGINT"
    assert "page" in server.result(second)


# -- its end ---------------------------------------------------------------------------------------


@pytest.mark.real
@pytest.mark.parametrize("how", ["SIGINT", "SIGKILL"])
def test_nothing_is_left_of_a_server_that_ends_during_a_run(how: str) -> None:
    with surroundings() as (folder, mark):
        server = started(folder, mark)
        server.ask("ask", "POST", _question())
        server.run("run-real", LONG)
        with _events(server) as socket:
            while "running" not in socket.recv(timeout=60):
                pass
        status, said = server.end(signal.Signals[how])
        assert status == (-9 if how == "SIGKILL" else 0)
        assert "Traceback" not in said
        assert wait_until_gone(server, folder, mark, set())[0] == []


def test_nothing_is_left_of_a_server_whose_model_never_answers() -> None:
    endless = MINE.replace("self.queue = []", "pass\n        while True: pass")
    asked = _question(policies=["mine.py:Mine"], files={"mine.py": endless})
    with surroundings() as (folder, mark):
        server = started(folder, mark)
        asking = threading.Thread(target=_ask_in_vain, args=(server, asked))
        asking.start()
        while not any(
            "server.answering" in each for each in left_over(server, folder, mark, set())
        ):
            time.sleep(0.02)
        assert server.end()[0] == 0
        asking.join()
        assert wait_until_gone(server, folder, mark, set())[0] == []


def _ask_in_vain(server: Server, asked: dict[str, Any]) -> None:
    with suppress(OSError, HTTPException, ValueError):
        server.ask("ask", "POST", asked)


# -- errors ----------------------------------------------------------------------------------------


def _told(folder: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """Return exit status and stderr of a command that must end at once."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), "playground", "--no-browser", *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == ""
    return done.returncode, done.stderr.strip()


def test_a_port_that_is_taken_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        status, said = _told(tmp_path, "--port", port)
    assert status == 2
    assert said.startswith(f"port {port} of 127.0.0.1 cannot be had (address already in use)")
    assert len(said.splitlines()) == 1


def test_a_file_that_is_missing_or_elsewhere_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "lab").mkdir()
    (tmp_path / "x.yaml").write_text(TWO)
    assert _told(tmp_path / "lab", "a.yaml") == (2, "a.yaml: no such file")
    status, said = _told(tmp_path / "lab", "../x.yaml")
    assert status == 2
    assert said == f"../x.yaml: is not in {tmp_path / 'lab'}: start the playground in its folder"


@pytest.mark.parametrize("missing", ["starlette", "uvicorn", "websockets", "bokeh"])
def test_a_library_that_is_not_installed_is_said_in_one_line(
    missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import importlib.util

    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == missing else found(name)
    )
    assert cli.main(["playground"]) == 2
    assert capsys.readouterr().err == (
        f"playground needs {missing}, which is not installed: "
        "pip install --editable '.[playground]'\n"
    )


def test_without_a_browser_the_link_is_there_to_be_opened_by_hand(tmp_path: Path) -> None:
    surrounds = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "BROWSER": ""}
    running = subprocess.Popen(
        [sys.executable, str(ROOT / "cli.py"), "playground"],
        cwd=tmp_path,
        env={**os.environ, **surrounds},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    assert running.stderr is not None
    assert running.stdout.readline().startswith("http://127.0.0.1:")
    lines = [running.stderr.readline() for _ in range(2)]
    assert "no browser could be opened: open the link above in one\n" in lines
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=60)
    assert running.returncode == 0
