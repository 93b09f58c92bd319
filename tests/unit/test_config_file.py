"""config.toml: its defaults, its comments, and one clear line for every mistake in it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jetson_voice.config import Config, WakeWord
from jetson_voice.config_file import ConfigError, load, parse

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
CONFIG_TOML = (ROOT / "config.toml").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Option:
    """One option of config.py: `section` is the line it stands below in config.toml."""

    section: str
    name: str
    wanted: object


def options(schema: type[Any] = Config, at: str = "") -> Iterator[Option]:
    for name, wanted in get_type_hints(schema, include_extras=True).items():
        key = f"{at}.{name}".removeprefix(".")
        if get_origin(wanted) is tuple and is_dataclass(get_args(wanted)[0]):
            for option in options(get_args(wanted)[0], key):
                yield Option(f"[[{key}]]", option.name, option.wanted)
        elif isinstance(wanted, type) and is_dataclass(wanted):
            yield from options(wanted, key)
        else:
            yield Option(f"[{at}]", name, wanted)


def comments(text: str) -> dict[tuple[str, str], str]:
    """The comment directly above each option and each section of a TOML text without surprises."""
    section, comment, found = "", "", {}
    for line in re.sub(r'"""(?s:.*?)"""', '""', text).splitlines():
        if line.startswith("#"):
            comment += line.removeprefix("#") + "\n"
            continue
        if line.startswith("["):
            section = line
            found[section, ""] = comment
        elif line:
            found[section, line.partition(" = ")[0]] = comment
        comment = ""
    return found


OPTIONS = list(options())
COMMENTS = comments(CONFIG_TOML)
SECTIONS = [section for section, option in COMMENTS if not option]


def option_id(option: Option) -> str:
    return f"{option.section} {option.name}"


def test_the_shipped_file_says_what_holds_without_a_file() -> None:
    assert parse(CONFIG_TOML, "config.toml") == Config() == parse("", "empty")


def test_the_shipped_file_has_every_option_and_nothing_else() -> None:
    written = [key for key in COMMENTS if key[1]]
    assert sorted(written) == sorted((option.section, option.name) for option in OPTIONS)


def test_the_reader_of_comments_sees_what_a_toml_reader_sees() -> None:
    def leaves(value: object) -> int:
        match value:
            case dict():
                return sum(map(leaves, value.values()))
            case [dict() as section]:
                return leaves(section)
            case _:
                return 1

    assert leaves(tomllib.loads(CONFIG_TOML)) == len([key for key in COMMENTS if key[1]])


@pytest.mark.parametrize("option", OPTIONS, ids=option_id)
def test_a_comment_with_range_and_choices_stands_above_each_option(option: Option) -> None:
    comment = COMMENTS[option.section, option.name]
    assert len(comment.split()) >= 3
    if get_origin(option.wanted) is Annotated:
        limits = get_args(option.wanted)[1]
        assert f"from {limits.least} to {limits.most}" in comment.replace("\n", "")
    if get_origin(option.wanted) is Literal:
        assert [choice for choice in get_args(option.wanted) if f'"{choice}"' not in comment] == []


@pytest.mark.parametrize("section", SECTIONS)
def test_a_chinese_line_stands_above_each_section(section: str) -> None:
    assert re.search("[\u4e00-\u9fff]", COMMENTS[section, ""])
    assert re.search("[a-z]{3}", COMMENTS[section, ""])


def test_the_starter_file_says_only_what_differs() -> None:
    config = load(ROOT / "models" / "starter.toml")
    assert config.models.directory == str(ROOT / "models")
    assert config.llm.backend == "embedded"
    assert config.tts.voices.zh == ""
    starter = (ROOT / "models" / "starter.toml").read_text(encoding="utf-8")
    defaults = dict(flat(Config()))
    for key, value in flat(parse(starter, "starter.toml")):
        named = key.rpartition(".")[2]
        assert (value != defaults[key]) == (f"\n{named} = " in section_of(starter, key)), key


def flat(value: object, at: str = "") -> Iterator[tuple[str, object]]:
    if is_dataclass(value):
        for each in fields(value):
            yield from flat(getattr(value, each.name), f"{at}.{each.name}".removeprefix("."))
    else:
        yield at, value


def section_of(text: str, key: str) -> str:
    """What stands below the section line of a key."""
    _, _, below = text.partition(f"\n[{key.rpartition('.')[0]}]\n")
    return re.split(r"\n\[", below)[0]


@pytest.mark.parametrize("file", ["config.toml", "models/starter.toml"])
def test_no_line_of_a_shipped_file_is_too_long_to_read(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if len(line) > 120] == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("llm.ollama.modle = 'x'", "llm.ollama.modle: unknown key, did you mean 'model'?"),
        ("[listen]\nzebra = 1", "listen.zebra: unknown key"),
        ("[lisen]", "lisen: unknown section, did you mean 'listen'?"),
        ("[Listen]", "Listen: unknown section, did you mean 'listen'?"),
        ("[[wake.word]]", "wake.word: unknown section, did you mean 'words'?"),
        ("[ollama]", "ollama: unknown section, did you mean 'llm.ollama'?"),
        (
            "listen.End-Silence-Seconds = 1",
            "listen.End-Silence-Seconds: unknown key, did you mean 'end_silence_seconds'?",
        ),
        (
            "microphone.end_silence_seconds = 1",
            "microphone.end_silence_seconds: unknown key, did you mean 'listen.end_silence_seconds'?",
        ),
        (
            "llm.model = 'x'",
            "llm.model: unknown key, did you mean 'llm.ollama.model', 'llm.openai.model' or 'llm.embedded.model'?",
        ),
        (
            "[[wake.words]]\nthreshhold = 1",
            "wake.words#1.threshhold: unknown key, did you mean 'threshold'?",
        ),
        ('"a b\\n".c = 1', "'a b\\n': unknown section"),
        ("llm = 5", "llm: must be a section, found 5"),
        ("wake.words = 5", "wake.words: must be a list of sections, each below a line [[wake.words]], found 5"),
        ("[wake.words]", "wake.words: must be a list of sections, each below a line [[wake.words]], found a section"),
        ("wake.words = ['alexa']", "wake.words#1: must be a section, found 'alexa'"),
        ("stt.model = 5", "stt.model: must be text in quotes, found 5"),
        ("stt.model = []", "stt.model: must be text in quotes, found a list"),
        ("log.transcripts = 'yes'", "log.transcripts: must be true or false, found 'yes'"),
        ("log.transcripts = 1", "log.transcripts: must be true or false, found 1"),
        ("stt.beam_size = true", "stt.beam_size: must be a whole number from 1 to 10, found true"),
        ("stt.beam_size = 2.0", "stt.beam_size: must be a whole number from 1 to 10, found 2.0"),
        ("stt.beam_size = 0", "stt.beam_size: must be a whole number from 1 to 10, found 0"),
        ("tts.speed = '1'", "tts.speed: must be a number from 0.5 to 2, found '1'"),
        ("tts.speed = false", "tts.speed: must be a number from 0.5 to 2, found false"),
        ("tts.speed = 2.01", "tts.speed: must be a number from 0.5 to 2, found 2.01"),
        ("tts.speed = nan", "tts.speed: must be a number from 0.5 to 2, found nan"),
        ("tts.speed = inf", "tts.speed: must be a number from 0.5 to 2, found inf"),
        ("tts.speed = 2020-01-01", "tts.speed: must be a number from 0.5 to 2, found 2020-01-01"),
        (
            "tts.speed = 0x" + 5000 * "f",
            "tts.speed: must be a number from 0.5 to 2, found a number of too many digits",
        ),
        (
            "llm.backend = 'olama'",
            "llm.backend: must be 'ollama', 'openai' or 'embedded', found 'olama', did you mean 'ollama'?",
        ),
        (
            "stt.device = 'CUDA'",
            "stt.device: must be 'auto', 'cuda' or 'cpu', found 'CUDA', did you mean 'cuda'?",
        ),
        ("stt.device = 0", "stt.device: must be 'auto', 'cuda' or 'cpu', found 0"),
        ("stt.languages = 'en'", "stt.languages: must be a list of 'zh' or 'en', found 'en'"),
        ("stt.languages = []", "stt.languages: must not be empty"),
        ("stt.languages = ['en', 'fr']", "stt.languages#2: must be 'zh' or 'en', found 'fr'"),
        ("stt.languages = ['en', 'en']", "stt.languages#2: 'en' is there twice"),
        ("wake.words = []", "wake.words: must not be empty"),
        (
            "[[wake.words]]\nmodel = 'alexa'\n[[wake.words]]\nmodel = 'alexa'",
            "wake.words#2.model: 'alexa' is there twice",
        ),
        (
            "[listen]\nmax_seconds 5",
            "this is not TOML: Expected '=' after a key in a key/value pair (at line 2, column 13)",
        ),
        ("[log]\nlevel = 'info", 'this is not TOML: Expected "\'" (at the end, line 2)'),
        ("a = 1\na = 2\n", "this is not TOML: Cannot overwrite a value (at line 2, column 6)"),
        (
            "a = " + 50_000 * "[",
            "this is not TOML: brackets nested too deep, or a number of thousands of digits",
        ),
        (
            "a = " + 5_000 * "9",
            "this is not TOML: brackets nested too deep, or a number of thousands of digits",
        ),
    ],
)
def test_a_mistake_gets_one_clear_line(text: str, line: str) -> None:
    assert told(text) == (f"config.toml: {line}",)


def test_every_mistake_of_a_file_is_told_at_once_in_its_order() -> None:
    text = """
        lgo = 1
        [listen]
        max_seconds = 300
        max_second = 3
        [[wake.words]]
        model = 1
        [[wake.words]]
        threshold = 0
        phrase = false
        [stt]
        languages = ["fr", "en", 5, "en"]
        [tts.voices]
        de = "piper-de"
    """
    keys = [line.split(": ")[1] for line in told(text)]
    assert keys == [
        "lgo",
        "listen.max_seconds",
        "listen.max_second",
        "wake.words#1.model",
        "wake.words#2.threshold",
        "wake.words#2.phrase",
        "stt.languages#1",
        "stt.languages#3",
        "stt.languages#4",
        "tts.voices.de",
    ]


def test_the_message_of_an_error_is_its_lines() -> None:
    with pytest.raises(ConfigError) as caught:
        parse("a = 1\nb = 2", "some.toml")
    assert str(caught.value) == "some.toml: a: unknown key\nsome.toml: b: unknown key"


def test_good_options_arrive_in_their_types() -> None:
    config = parse(
        """
        [microphone]
        buffer_seconds = 7
        [[wake.words]]
        model = "alexa"
        [[wake.words]]
        model = "/words/computer.onnx"
        threshold = 1
        [stt]
        languages = ["en"]
        """,
        "config.toml",
    )
    assert type(config.microphone.buffer_seconds) is float
    assert config.wake.words == (
        WakeWord(model="alexa"),
        WakeWord(model="/words/computer.onnx", threshold=1.0),
    )
    assert config.stt.languages == ("en",)
    assert config.listen == Config().listen


@pytest.mark.parametrize(
    ("directory", "absolute"),
    [("models", "models"), (".", "."), ("../models", "../models"), ("/srv/models", "/srv/models")],
)
def test_a_relative_models_directory_starts_at_the_folder_of_the_file(
    tmp_path: Path, directory: str, absolute: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.toml").write_text(f"models.directory = '{directory}'", encoding="utf-8")
    expected = str(tmp_path / absolute)
    assert load(tmp_path / "config.toml").models.directory == expected
    monkeypatch.chdir(tmp_path)
    assert load(Path("config.toml")).models.directory == expected


def test_a_file_saved_by_a_windows_editor_is_read(tmp_path: Path) -> None:
    windows = "\ufeff" + CONFIG_TOML.replace("\n", "\r\n")
    (tmp_path / "config.toml").write_bytes(windows.encode())
    assert load(tmp_path / "config.toml") == Config()


def test_a_file_that_cannot_be_read_gets_one_clear_line(tmp_path: Path) -> None:
    missing, folder, latin = tmp_path / "missing.toml", tmp_path / "folder", tmp_path / "latin.toml"
    folder.mkdir()
    latin.write_bytes("[log]\n# für".encode("latin-1"))
    for path, reason in [
        (missing, "there is no such file"),
        (missing / "config.toml", "there is no such file"),
        (folder, "cannot be read: Is a directory"),
        (latin, "line 2 is not UTF-8 text"),
    ]:
        with pytest.raises(ConfigError) as caught:
            load(path)
        assert caught.value.lines == (f"{path}: {reason}",)


@settings(deadline=None)
@given(st.text())
def test_any_text_is_a_configuration_or_told_in_lines(text: str) -> None:
    parses_or_tells(text)


@settings(deadline=None)
@given(st.data())
def test_the_shipped_file_with_a_piece_torn_out_is_read_or_told_in_lines(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(CONFIG_TOML)))
    end = data.draw(st.integers(start, min(len(CONFIG_TOML), start + 300)))
    parses_or_tells(CONFIG_TOML[:start] + data.draw(st.text(max_size=5)) + CONFIG_TOML[end:])


NAMES = sorted({part for option in OPTIONS for part in (option.name, *option.section.split("."))})
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\x7f")


def tables(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.dictionaries(st.sampled_from(NAMES) | st.text(CHARACTERS), values, max_size=4)


VALUES = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text(CHARACTERS) | st.dates() | st.times(),
    lambda inner: st.lists(inner, max_size=3) | tables(inner),
    max_leaves=10,
)


@settings(deadline=None)
@given(tables(VALUES))
def test_any_toml_is_a_configuration_or_told_in_lines(table: dict[str, object]) -> None:
    parses_or_tells("\n".join(f"{as_toml(key)} = {as_toml(each)}" for key, each in table.items()))


@settings(deadline=None)
@given(st.sampled_from(OPTIONS), VALUES)
def test_any_value_of_an_option_is_taken_or_told_under_its_key(option: Option, value: object) -> None:
    lines = parses_or_tells(f"{option.section}\n{option.name} = {as_toml(value)}")
    below = option.section.strip("[]")
    assert [line for line in lines if not re.match(rf"config.toml: {below}[.#]", line)] == []


def told(text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        parse(text, "config.toml")
    return caught.value.lines


def parses_or_tells(text: str) -> tuple[str, ...]:
    """What is told of a text, in a form that is looked at here."""
    lines: tuple[str, ...] = ()
    message = ""
    try:
        parse(text, "config.toml")
    except ConfigError as error:
        lines, message = error.lines, str(error)
    assert message.splitlines() == list(lines)
    assert [line for line in lines if not line.startswith("config.toml: ")] == []
    return lines


def as_toml(value: object) -> str:
    match value:
        case dict():
            pairs = [f"{as_toml(key)} = {as_toml(each)}" for key, each in value.items()]
            return f"{{{', '.join(pairs)}}}"
        case list():
            return f"[{', '.join(map(as_toml, value))}]"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case bool():
            return str(value).lower()
        case _:
            return str(value)
