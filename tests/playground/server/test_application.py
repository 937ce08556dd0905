"""What the routes answer behind the gate: the front end, its policy, refusals in words."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from playground.editor_bundle import BUNDLE, imports, modules
from playground.server.application import Playground
from playground.server.folder import Folder
from playground.server.gate import Gate
from playground.site import WEB
from tests.playground.server.asgi import Answered, asked

HOST = "127.0.0.1:4321"


class Page:
    """A page of the user's, which has come through the gate."""

    def __init__(self, folder: Path) -> None:
        self._gate = Gate(Playground(Folder(folder)).application(), 4321)
        link = self._gate.link().removeprefix(f"http://{HOST}")
        cookie = asked(self._gate, link, headers=[("host", HOST)]).headers["set-cookie"]
        self._headers = [
            ("host", HOST),
            ("origin", f"http://{HOST}"),
            ("cookie", cookie.partition(";")[0]),
            ("multiprog-request", "yes"),
        ]

    def ask(self, path: str, method: str = "GET", content: Any = None) -> Answered:
        sent = content if isinstance(content, bytes) else json.dumps(content).encode()
        whole = f"/{self._gate.place}/{path}"
        return asked(self._gate, whole, method=method, headers=self._headers, content=sent)

    def json(self, path: str, method: str = "GET", content: Any = None) -> Any:
        return json.loads(self.ask(path, method, content).content)

    def problem(self, path: str, method: str = "GET", content: Any = None) -> str:
        answered = self.ask(path, method, content)
        assert answered.status == 400
        [problem] = json.loads(answered.content)["problems"]
        return str(problem["message"])


@pytest.fixture
def page(tmp_path: Path) -> Page:
    return Page(tmp_path)


def test_every_file_that_the_page_and_its_scripts_name_is_there(page: Page) -> None:
    waiting, seen = [""], set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        answered = page.ask(name)
        assert answered.status == 200, name
        text = answered.content.decode()
        if name == "":
            waiting += re.findall(r'(?:src|href)="([\w.-]+)"', text)
        elif name.endswith(".js") and name != "bokeh.js":
            waiting += re.findall(r'^import [^"]*"\./([\w.-]+)";', text, re.MULTILINE)
            assert not re.findall(r'^import [^"]*"@', text, re.MULTILINE), name
    assert seen >= {"", "app.js", "local.js", "files.js", "model.js", "codemirror.js", "style.css"}


def test_the_bundle_has_every_name_that_the_front_end_takes_from_packages() -> None:
    last = (WEB / BUNDLE).read_text(encoding="utf-8").rpartition("export{")[2]
    exported = {name.rpartition(" as ")[2] for name in last.strip().rstrip("};").split(",")}
    for module in modules():
        for package, names in imports(module.read_text(encoding="utf-8")).items():
            assert names <= exported, f"{module.name}: {package}: run `make editor`"


def test_the_page_has_no_script_of_its_own_and_its_policy_forbids_one(page: Page) -> None:
    answered = page.ask("")
    policy = answered.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    text = answered.content.decode()
    assert not re.search(r"<script(?![^>]* src=)", text)
    assert not re.search(r"<[^>]* on\w+=", text)


@pytest.mark.parametrize("name", ["", "app.js", "api/files", "nothing", "api/runs/7"])
def test_every_response_forbids_frames_guessing_and_keeping(page: Page, name: str) -> None:
    headers = page.ask(name).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("name", ["nothing", "../pyproject.toml", "worker.js", "service-worker.js"])
def test_a_file_that_is_not_the_front_ends_is_not_there(page: Page, name: str) -> None:
    assert page.ask(name).status == 404


@pytest.mark.parametrize("path", ["api/ask", "api/runs"])
@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"[" * 100_000,
        b"\xff",
        [],
        {},
        {"do": 7, "files": {}},
        {"do": "check", "files": {"a": 1}},
        {"do": "check", "files": []},
        {"do": "run-real", "files": {}, "file": "a.yaml", "policies": "rr"},
    ],
    ids=lambda sent: repr(sent)[:30],
)
def test_a_request_that_is_no_question_is_refused_in_words(
    page: Page, path: str, sent: Any
) -> None:
    assert page.problem(path, "POST", sent)


def test_a_request_that_is_too_large_is_refused(page: Page) -> None:
    assert "larger than" in page.problem("api/ask", "POST", b" " * 8_000_001)


def test_a_real_run_needs_a_name_of_one(page: Page) -> None:
    sent = {"do": "simulate", "file": "a.yaml", "files": {}}
    assert page.problem("api/runs", "POST", sent) == "do: must be one of run-real, compare"


def test_a_run_that_is_not_there_has_no_result(page: Page) -> None:
    assert "has no result" in page.problem("api/runs/7")
    assert page.json("api/runs/7", "DELETE") == {}


def test_a_waiting_run_can_be_taken_out(page: Page) -> None:
    sent = {"do": "compare", "file": "a.yaml", "files": {"a.yaml": ""}}
    number = page.json("api/runs", "POST", sent)["number"]
    assert page.json(f"api/runs/{number}", "DELETE") == {}
    assert "has no result" in page.problem(f"api/runs/{number}")


def test_too_many_runs_do_not_wait(page: Page) -> None:
    sent = {"do": "run-real", "file": "a.yaml", "files": {"a.yaml": ""}}
    for _ in range(20):
        page.json("api/runs", "POST", sent)
    assert page.problem("api/runs", "POST", sent).startswith("20 runs are waiting")


def test_a_file_is_opened_changed_and_saved(page: Page, tmp_path: Path) -> None:
    (tmp_path / "课").mkdir()
    file = tmp_path / "课" / "实验.yaml"
    file.write_text("a: 1\n", encoding="utf-8")
    assert page.json("api/files") == {"folder": tmp_path.name, "files": ["课/实验.yaml"]}
    opened = page.json("api/files/课/实验.yaml")
    assert opened["text"] == "a: 1\n"
    sent = {"text": "a: 二\n", "version": opened["version"]}
    saved = page.json("api/files/课/实验.yaml", "PUT", sent)
    assert file.read_text(encoding="utf-8") == "a: 二\n"
    assert saved["version"] == page.json("api/files/课/实验.yaml")["version"]


@pytest.mark.parametrize("sent", [{}, {"text": 1}, {"text": "a", "version": 7}])
def test_what_is_saved_must_be_a_text(page: Page, sent: Any) -> None:
    assert "has a text" in page.problem("api/files/a.yaml", "PUT", sent)
