"""From config.toml to `Config`; whatever is wrong with it is told at once, one line a problem.

The dataclasses of config.py are the schema: a section each, and every option has a default.
"""

from __future__ import annotations

import difflib
import re
import reprlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from itertools import takewhile
from pathlib import Path
from typing import (
    Annotated,
    Any,
    Literal,
    TypeAlias,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
)

from jetson_voice.config import Config
from jetson_voice.conversation import tokens_in
from jetson_voice.protocols import Message

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Section = TypeVar("Section")

Key: TypeAlias = tuple[str | int, ...]
"""Where an option stands; a number counts the sections or the values of a list, from 1."""

# What every TOML reader can hold; beyond it Python's conversions to float and str begin to fail.
LARGEST_NUMBER = 2**63 - 1

BARE_KEY = "[A-Za-z0-9_-]+"
MOST_SUGGESTIONS = 3


class ConfigError(Exception):
    """The configuration cannot be used; each of `lines` names the file, the key and the reason."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)


def load(path: Path) -> Config:
    """Read a file's configuration and make its `models.directory` absolute; ConfigError."""
    config = parse(_read(path), str(path))
    directory = path.absolute().parent / Path(config.models.directory).expanduser()
    return replace(config, models=replace(config.models, directory=str(directory)))


def parse(text: str, source: str) -> Config:
    """Turn a TOML text, whose name in messages is `source`, into a configuration; ConfigError."""
    problems: list[str] = []
    config = _section(Config, _table(text, source), (), problems)
    problems.extend(_conflicts(config))
    if problems:
        raise ConfigError([f"{source}: {problem}" for problem in problems])
    return config


def _conflicts(config: Config) -> list[str]:
    """What is wrong between options that are right by themselves."""
    prompt = tokens_in([Message("system", config.conversation.system_prompt)])
    needed = config.conversation.history_tokens + config.llm.answer_tokens + prompt
    if needed <= config.llm.context_tokens:
        return []
    limits = f"conversation.history_tokens ({config.conversation.history_tokens})"
    limits += f", llm.answer_tokens ({config.llm.answer_tokens}) and the system prompt (about {prompt})"
    return [f"llm.context_tokens: {config.llm.context_tokens} cannot hold {limits}: at least {needed}"]


def _read(path: Path) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError([f"{path}: there is no such file"]) from None
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}"]) from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError([f"{path}: line {line} is not UTF-8 text"]) from None


def _table(text: str, source: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        last_line = text.count("\n", 0, -1) + 1
        reason = str(error).replace("at end of document", f"at the end, line {last_line}")
    # The parser lets Python's own limits through.
    except (RecursionError, ValueError):
        reason = "brackets nested too deep, or a number of thousands of digits"
    raise ConfigError([f"{source}: this is not TOML: {reason}"])


def _section(schema: type[Section], table: Mapping[str, object], at: Key, problems: list[str]) -> Section:
    """Fill the section's dataclass; an option with a problem is left at its default."""
    options = get_type_hints(schema, include_extras=True)
    values: dict[str, Any] = {}
    for name, found in table.items():
        key = (*at, name)
        if name not in options:
            problems.append(_unknown(key, found, list(options)))
            continue
        value = _value(options[name], found, key, problems)
        if value is not None:
            values[name] = value
    return schema(**values)


def _value(wanted: object, found: object, key: Key, problems: list[str]) -> object | None:
    """Return what was found as the type that is wanted; None, and a problem, where it is not."""
    if isinstance(wanted, type) and is_dataclass(wanted) and isinstance(found, dict):
        section: object = _section(wanted, found, key, problems)
        return section
    if get_origin(wanted) is tuple and isinstance(found, list):
        return _list(get_args(wanted)[0], found, key, problems)
    value = _single_value(wanted, found)
    if value is None:
        reason = f"must be {_wanted(wanted, key)}, found {_found(found)}"
        if get_origin(wanted) is Literal and isinstance(found, str):
            reason += _did_you_mean(_similar(found, get_args(wanted)))
        problems.append(f"{_dotted(key)}: {reason}")
    return value


def _list(wanted: object, found: Sequence[object], key: Key, problems: list[str]) -> tuple[object, ...]:
    """Return the good values or sections; a section's first option is its name. None twice."""
    if not found and wanted is not str:  # of words one may have none
        problems.append(f"{_dotted(key)}: must not be empty")
    good: dict[object, object] = {}
    for count, each in enumerate(found, start=1):
        at: Key = (*key, count)
        problems_before = len(problems)
        name = value = _value(wanted, each, at, problems)
        if len(problems) > problems_before:
            continue
        if is_dataclass(value):
            first = fields(value)[0].name
            at, name = (*at, first), getattr(value, first)
        if name in good:
            problems.append(f"{_dotted(at)}: {_found(name)} is there twice")
        good[name] = value
    return tuple(good.values())


def _single_value(wanted: object, found: object) -> object | None:
    """Return the value where it is of the wanted type and in its range; true is not a number."""
    if get_origin(wanted) is Literal:
        return found if isinstance(found, str) and found in get_args(wanted) else None
    if get_origin(wanted) is Annotated:
        number, limits = get_args(wanted)
        value: Any = _single_value(number, found)
        return value if value is not None and limits.least <= value <= limits.most else None
    if wanted is float and isinstance(found, int) and not isinstance(found, bool):
        return float(found) if abs(found) <= LARGEST_NUMBER else None
    return found if type(found) is wanted else None


def _wanted(wanted: object, key: Key) -> str:
    """Say what an option may be; a range reads as it does in config.toml."""
    each = get_args(wanted)
    if get_origin(wanted) is Literal:
        return _either(each)
    if get_origin(wanted) is Annotated:
        number, limits = each
        return f"{_wanted(number, key)} from {limits.least} to {limits.most}"
    if get_origin(wanted) is tuple:
        if is_dataclass(each[0]):
            return f"a list of sections, each below a line [[{_dotted(key)}]]"
        return f"a list of {_wanted(each[0], key)}"
    names: Mapping[object, str] = {
        str: "text in quotes",
        bool: "true or false",
        int: "a whole number",
        float: "a number",
    }
    return names.get(wanted, "a section")


def _found(found: object) -> str:
    """Say what was found, on one short line."""
    match found:
        case dict():
            return "a section"
        case list():
            return "a list"
        case bool():
            return str(found).lower()
        case str():
            return reprlib.repr(found)
        case int() if abs(found) > LARGEST_NUMBER:
            return "a number of too many digits"
        case _:
            return str(found)


def _unknown(key: Key, found: object, siblings: Sequence[str]) -> str:
    """Describe a key that is not known: it stands in the wrong section, or is misspelt."""
    first = found[0] if isinstance(found, list) and found else found
    kind = "section" if isinstance(first, dict) else "key"
    suggestions = _misplaced(key, kind) or _similar(str(key[-1]), siblings)
    return f"{_dotted(key)}: unknown {kind}{_did_you_mean(suggestions)}"


def _misplaced(key: Key, kind: str) -> list[str]:
    """Find the nearest keys of this name elsewhere; none where they are too many to help."""
    *at, name = [part for part in key if isinstance(part, str)]

    def steps_shared(path: tuple[str, ...]) -> int:
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(path, at, strict=False)))

    same = [path for path, its_kind in _known(Config) if path[-1] == name and its_kind == kind]
    most = max(map(steps_shared, same), default=0)
    nearest = [".".join(path) for path in same if steps_shared(path) == most]
    return nearest if len(nearest) <= MOST_SUGGESTIONS else []


def _known(schema: type[Any], at: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every key there is, from the top, each with what it is: a key or a section."""
    for name, wanted in get_type_hints(schema).items():
        inner = get_args(wanted)[0] if get_origin(wanted) is tuple else wanted
        if isinstance(inner, type) and is_dataclass(inner):
            yield (*at, name), "section"
            yield from _known(inner, (*at, name))
        else:
            yield (*at, name), "key"


def _similar(word: str, choices: Sequence[str]) -> list[str]:
    return difflib.get_close_matches(word.lower().replace("-", "_"), choices, n=1)


def _did_you_mean(words: Sequence[str]) -> str:
    return f", did you mean {_either(words)}?" if words else ""


def _either(words: Sequence[str]) -> str:
    *others, last = [repr(word) for word in words]
    return f"{', '.join(others)} or {last}" if others else last


def _dotted(key: Key) -> str:
    """Write `llm.ollama.model`, `wake.words#2.threshold`; names with odd characters in quotes."""
    dotted = ""
    for part in key:
        if isinstance(part, int):
            dotted += f"#{part}"
        else:
            dotted += f".{part if re.fullmatch(BARE_KEY, part) else repr(part)}"
    return dotted.removeprefix(".")
