"""Which language the user gets: by name, by the environment, and English where there is none."""

import pytest

from cli import main
from translation import (
    UnknownLanguageError,
    of_environment,
    recorded,
    recorded_n,
    speaking,
    tr,
    tr_n,
)
from translation.catalogue import chosen, in_english
from translation.languages import named


@pytest.mark.parametrize("name", ["zh", "zh_CN", "zh-Hans", "zh_SG", "ZH_cn.UTF-8", "zh_CN@x"])
def test_chinese_by_any_of_its_names(name: str) -> None:
    assert named(name) == "zh_CN"


@pytest.mark.parametrize("name", ["C", "POSIX", "en", "en_GB.UTF-8", "C.UTF-8"])
def test_english_by_any_of_its_names(name: str) -> None:
    assert named(name) == "en"


@pytest.mark.parametrize("name", ["zh_TW", "zh_Hant", "zh-HK", "xx", "../zh_CN", "é", ""])
def test_a_language_without_a_catalogue_is_refused_with_those_that_there_are(name: str) -> None:
    with pytest.raises(UnknownLanguageError, match=r"none of the languages: en, zh_CN"):
        named(name)


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANG": "de_DE", "LANGUAGE": "fr:zh:en"}, "zh_CN"),
        ({"LANG": "zh_TW.UTF-8"}, "en"),
        ({"LANG": "zh_CN", "MULTIPROG_LANG": "en"}, "en"),
        ({"LANG": "zh_CN", "MULTIPROG_LANG": ""}, "zh_CN"),
    ],
)
def test_the_environment_chooses_as_it_does_for_gettext(
    environment: dict[str, str], language: str
) -> None:
    assert of_environment(environment) == language


def test_an_unknown_language_for_this_program_alone_is_refused() -> None:
    with pytest.raises(UnknownLanguageError):
        of_environment({"MULTIPROG_LANG": "tlh"})


def test_after_a_block_the_language_and_the_environment_are_as_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("MULTIPROG_LANG", raising=False)
    with speaking("zh"):
        assert (chosen(), of_environment()) == ("zh_CN", "zh_CN")
        with in_english():
            assert chosen() == "en"
    assert (chosen(), of_environment({})) == ("en", "en")


def test_values_are_put_in_and_unknown_texts_pass() -> None:
    with speaking("zh"):
        assert tr("qqq {a} of {b:,}", a="A", b=1000) == "qqq A of 1,000"
        assert tr("{a}") == "{a}"
        assert tr("") == ""
        assert tr_n("{n} qqq", "{n} qqqs", 2) == "2 qqqs"
    assert tr_n("{n} process", "{n} processes", 1) == "1 process"


def test_a_language_that_is_not_there_is_one_line_for_the_option_and_for_the_variable(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["--lang", "tlh", "policies"]) == 2
    assert "'tlh' is none of the languages: en, zh_CN" in capsys.readouterr().err
    monkeypatch.setenv("MULTIPROG_LANG", "tlh")
    assert main(["policies"]) == 2
    said = capsys.readouterr().err
    assert said == "MULTIPROG_LANG: 'tlh' is none of the languages: en, zh_CN\n"


def test_a_recorded_text_is_english_in_documents_and_keeps_its_values() -> None:
    text = recorded("{n} of {whole}", n=1, whole=recorded("a whole"))
    with speaking("zh"):
        assert (str(text), tr(text)) == ("1 of a whole", "1 of a whole")
    assert recorded_n("{n} process", "{n} processes", 2) == "2 processes"
