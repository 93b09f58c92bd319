"""From config.toml to `Config`; whatever is wrong with it is told at once, one line a problem.

The dataclasses of config.py are the schema: a section each, and every option has a default.
"""

from __future__ import annotations

import difflib
import reprlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, TypeVar, get_args, get_origin, get_type_hints

from jetson_voice.config import Config

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Section = TypeVar("Section")

Key: TypeAlias = "tuple[str | int, ...]"
"""Where an option stands; a number counts the sections or the values of a list, from 1."""

# What every TOML reader can hold; beyond it Python's conversions to float and str begin to fail.
LARGEST_NUMBER = 2**63 - 1


class ConfigError(Exception):
    """The configuration cannot be used; each of `lines` names the file, the key and the reason."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)


def load(path: Path) -> Config:
    """The configuration of a file, its `models.directory` made absolute; ConfigError."""
    config = parse(_read(path), str(path))
    directory = path.absolute().parent / config.models.directory
    return replace(config, models=replace(config.models, directory=str(directory)))


def parse(text: str, source: str) -> Config:
    """The configuration that a TOML text describes; ConfigError, in which `source` is its name."""
    problems: list[str] = []
    config = _section(Config, _table(text, source), (), problems)
    if problems:
        raise ConfigError([f"{source}: {problem}" for problem in problems])
    return config


def _read(path: Path) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError([f"{path}: there is no such file"]) from None
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}"]) from None
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError([f"{path}: line {line} is not UTF-8 text"]) from None


def _table(text: str, source: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ConfigError([f"{source}: this is not TOML: too many brackets in brackets"]) from None
    # Wider than TOMLDecodeError: int() refuses a number of thousands of digits in its own words.
    except ValueError as error:
        last = text.count("\n", 0, -1) + 1
        reason = str(error).replace("at end of document", f"at the end of the file, line {last}")
        raise ConfigError([f"{source}: this is not TOML: {reason}"]) from None


def _section(
    schema: type[Section], table: Mapping[str, object], at: Key, problems: list[str]
) -> Section:
    """The section as its dataclass; an option with a problem is left at its default."""
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
    """What was found as what is wanted; None where it is not, and `problems` tells."""
    if isinstance(wanted, type) and is_dataclass(wanted) and isinstance(found, dict):
        return _section(wanted, found, key, problems)
    if get_origin(wanted) is tuple and isinstance(found, list):
        return _list(get_args(wanted)[0], found, key, problems)
    choices = get_args(wanted) if get_origin(wanted) is Literal else ()
    if found_fits := _fits(wanted, found):
        return found
    ...
