"""The catalogues are those of the code: complete, compiled, with the same fields in each text."""

from __future__ import annotations

import ast
import json
import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo

from tests.paths import ROOT
from tools.translation import catalogues, update
from tools.translation.catalogues import FOLDER, as_po, compiled, forms, languages, read, updated
from tools.translation.extraction import PARTS, texts_of
from tools.translation.fields import differences, wrong_fields
from tools.translation.files import Files, of_python

SOURCE = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?!\d)|OSTEP|OSDI|SOSP|Stallings|Waldspurger|Silberschatz"
)
"""A book, a meeting or a year: the sign of a translation that belongs to another text."""
EACH = [(language, part) for language in languages() for part in PARTS]


@pytest.mark.parametrize(("language", "part"), EACH)
def test_a_catalogue_has_all_texts_of_the_code_and_no_other(language: str, part: str) -> None:
    file = FOLDER / language / f"{part}.po"
    assert as_po(updated(language, part, texts_of(part)), language).decode() == file.read_text(
        "utf-8"
    ), "run `make catalogues`, then translate what is new"


@pytest.mark.parametrize(("language", "part"), EACH)
def test_each_text_is_translated_with_the_same_values(language: str, part: str) -> None:
    for message in read(language, part):
        if not message.id:
            continue
        text = message.id if isinstance(message.id, str) else message.id[0]
        assert all(forms(message)), f"{text!r} has no translation"
        assert not message.fuzzy, f"{text!r} has a translation that nobody has looked at"
        for form in forms(message):
            assert form.strip() == form or text.strip() != text, text
    assert list(wrong_fields(language, part)) == []


@pytest.mark.parametrize(("language", "part"), EACH)
def test_each_text_and_its_translation_name_the_same_sources(language: str, part: str) -> None:
    for message in read(language, part):
        if message.id and isinstance(message.id, str):
            (translated,) = forms(message)
            assert sorted(SOURCE.findall(translated)) == sorted(SOURCE.findall(message.id))


@pytest.mark.parametrize(("language", "part"), EACH)
def test_a_translation_has_the_code_of_its_text(language: str, part: str) -> None:
    for message in read(language, part):
        if isinstance(message.id, str) and message.id:
            for form in forms(message):
                assert _code(form) >= _code(message.id), message.id


@pytest.mark.parametrize("language", languages())
def test_a_text_that_stands_in_two_catalogues_has_one_translation(language: str) -> None:
    seen: dict[str, object] = {}
    for part in PARTS:
        for message in read(language, part):
            key = str(message.id)
            if key:
                assert seen.setdefault(key, message.string) == message.string, key


@pytest.mark.parametrize("language", languages())
def test_what_the_program_reads_is_compiled_from_the_catalogues(language: str) -> None:
    for path, content in compiled(language).items():
        found = (FOLDER / language / path).read_bytes()
        assert _texts(path, found) == _texts(path, content), "run `make catalogues`"


def _texts(path: Path, content: bytes) -> dict[object, object]:
    if path.suffix == ".mo":  # its header names the version of what wrote it
        catalogue = read_mo(BytesIO(content))
        return {str(message.id): message.string for message in catalogue if message.id}
    found: dict[object, object] = json.loads(content)
    return found


def test_no_text_is_translated_while_a_module_is_imported() -> None:
    """The language is chosen after that: a constant is marked, and translated where it is shown."""
    early = [
        f"{file.relative_to(ROOT)}:{line}"
        for part in PARTS.values()
        if isinstance(part, Files)
        for file in part.paths()
        if file.suffix == ".py"
        for line in _translated_at_import(file)
    ]
    assert early == []


def _translated_at_import(file: Path) -> list[int]:
    found = []
    waiting: list[ast.AST] = [ast.parse(file.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"tr", "tr_n"}:
            found.append(node.lineno)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting += [
                *node.decorator_list,
                *node.args.defaults,
                *filter(None, node.args.kw_defaults),
            ]
        elif not isinstance(node, ast.Lambda):
            waiting += ast.iter_child_nodes(node)
    return found


def _code(text: str) -> int:
    """Return how many pieces of code a text has. A translation may have more."""
    return len(re.findall(r"`[^`]+`", text))


def test_a_catalogue_has_the_plural_rule_of_its_language() -> None:
    assert b"nplurals=2; plural=(n != 1);" in as_po(Catalog(locale="de"), "de")
    assert b"nplurals=1; plural=0;" in as_po(Catalog(locale="zh_CN"), "zh_CN")


def test_texts_within_the_braces_of_an_f_string_are_found(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("""say(f"{tr('inner')}: {tr_n('{n} one', '{n} many', 2)}", tr("outer"))\n""")
    assert [found for _, found in of_python(program)] == [
        ["inner"],
        ["{n} one", "{n} many"],
        ["outer"],
    ]


@pytest.mark.parametrize(
    ("text", "translation", "said"),
    [
        ("wrote {file}", "{fiel}", ["the translation has {fiel}; the text has {file}"]),
        ("wrote {file}", "geschrieben", ["the translation lacks {file}"]),
        ("wrote it", "{file}", ["the translation has {file}; the text has no field"]),
        ("{share:.1f} %", "{share} %", ["the translation has {share}; the text has {share:.1f}"]),
        (("{n} file", "{n} files"), ("{n} Datei", "{m} Dateien"), ["{m}; the text has {n}"]),
        ("wrote {file}", "{file} geschrieben", []),
        ("write {cpu: 20ms}", "schreibe {cpu: 20ms}", []),
        ("wrote {file}", "", []),
    ],
)
def test_a_translation_with_other_fields_than_its_text_is_told(
    text: str | tuple[str, str], translation: str | tuple[str, str], said: list[str]
) -> None:
    found = list(differences(Message(text, translation)))
    assert len(found) == len(said)
    assert all(wanted in problem for wanted, problem in zip(said, found, strict=True))


def test_catalogues_with_a_wrong_field_are_refused_with_file_and_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "de"
    folder.mkdir()
    text = catalogues.HEADER.format(language="de", plurals="nplurals=2; plural=(n != 1);")
    text += 'msgid "grading"\nmsgstr "benoten"\n\nmsgid "wrote {file}"\nmsgstr "{fiel}"\n'
    (folder / "commands.po").write_text(text, encoding="utf-8")
    monkeypatch.setattr("tools.translation.catalogues.FOLDER", tmp_path)
    monkeypatch.setattr("tools.translation.fields.FOLDER", tmp_path)
    monkeypatch.setattr("tools.translation.fields.ROOT", tmp_path)
    monkeypatch.setattr("sys.argv", ["update", "commands"])
    assert update.main() == 1
    said = "de/commands.po:11: the translation has {fiel}; the text has {file}"
    assert said in capsys.readouterr().err
    assert (folder / "commands.po").read_text(encoding="utf-8") == text
