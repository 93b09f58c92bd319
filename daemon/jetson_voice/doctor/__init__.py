"""`jetson-voice doctor`: every reason why it might not work, one line each, with what to do about it.

A check gathers facts and judges them: what gathers is thin, what judges is pure. Checks know nothing of each other;
they run at once, and one that fails or hangs is a line like any other.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from jetson_voice.config_file import ConfigError, load
from jetson_voice.doctor import (
    children,
    devices,
    echo,
    language_model,
    libraries,
    machine,
    memory,
    models,
    ollama_unit,
    service,
    sound,
    whisper,
)
from jetson_voice.doctor.access import running_user
from jetson_voice.doctor.checks import Asked, Check, examined
from jetson_voice.doctor.findings import Finding, as_json, as_line, fail, in_sum, ok
from jetson_voice.language_servers import on_this_machine
from jetson_voice.manifest import load_manifest
from jetson_voice.paths import MANIFEST, usual_config

ECHO_SECONDS: Final = 40.0
EX_FAIL: Final = 1
EX_CONFIG: Final = 78


def _machine(_: Asked) -> Sequence[Finding]:
    return machine.examine()


def _devices(_: Asked) -> Sequence[Finding]:
    return devices.examine()


def _service(_: Asked) -> Sequence[Finding]:
    return service.examine()


def _card(_: Asked) -> Sequence[Finding]:
    return sound.card_findings()


def _sound(asked: Asked) -> Sequence[Finding]:
    config = asked.config
    try:
        found = children.asked(libraries.devices, config.microphone.device, config.speaker.device)
    except children.NoAnswerError as error:
        advice = "restart the sound server, or unplug the sound card and plug it in; journalctl -k names a broken one"
        return [fail("microphone", f"PortAudio {error}", advice)]
    return sound.findings_of(found, sound.probed())


def _whisper(asked: Asked) -> Sequence[Finding]:
    try:
        found = children.asked(libraries.acceleration)
    except children.NoAnswerError as error:
        return [
            fail(whisper.TOPIC, f"CTranslate2 {error}", "install it again: sudo ./install.sh; on a Jetson, restart")
        ]
    return whisper.findings_of(found, asked.config.stt, is_jetson=machine.probed().is_jetson)


def _models(asked: Asked) -> Sequence[Finding]:
    user = running_user()
    wanted = models.wanted_by(asked.config, load_manifest(MANIFEST).models)
    found = models.looked_at(wanted, user, quick=asked.quick)
    return [*models.findings_of(found, user), *models.voiceless(asked.config)]


def _memory(asked: Asked) -> Sequence[Finding]:
    wanted = models.wanted_by(asked.config, load_manifest(MANIFEST).models)
    return memory.findings_of(memory.probed(asked.config, wanted))


def _language_model(asked: Asked) -> Sequence[Finding]:
    directory = Path(asked.config.models.directory)
    return language_model.examine(asked.config.llm, directory, is_jetson=machine.probed().is_jetson)


def _ollama_unit(asked: Asked) -> Sequence[Finding]:
    llm = asked.config.llm
    return ollama_unit.examine() if llm.backend == "ollama" and on_this_machine(llm.ollama.url) else []


def _echo(asked: Asked) -> Sequence[Finding]:
    try:
        found = children.asked(libraries.echo_heard, asked.config, seconds=ECHO_SECONDS)
    except children.NoAnswerError as error:
        advice = "jetson-voice doctor, without --echo, names what is missing; a running service may hold the devices"
        return [fail(echo.TOPIC, f"the test {error}", advice)]
    return echo.findings_of(found)


CHECKS: Final = (
    Check(machine.TOPIC, _machine, needs_configuration=False),
    Check(memory.TOPIC, _memory),
    Check("user", _devices, needs_configuration=False),
    Check("sound card", _card, needs_configuration=False),
    Check("microphone", _sound),
    Check(whisper.TOPIC, _whisper),
    Check(models.TOPIC, _models),
    Check(language_model.TOPIC, _language_model),
    Check(ollama_unit.TOPIC, _ollama_unit),
    Check(service.TOPIC, _service, needs_configuration=False),
)

ECHO_CHECK: Final = Check(echo.TOPIC, _echo)
"""Aloud, and alone: whatever else is at work would disturb it."""


def run(options: Namespace) -> int:
    """Examine everything, and print a line for each thing as soon as it is known; the exit status."""
    found: list[Finding] = []
    checks = (ECHO_CHECK,) if options.echo else CHECKS
    for finding in findings(options.config or usual_config(), quick=options.quick, checks=checks):
        found.append(finding)
        if not options.json:
            print(as_line(finding, colours=sys.stdout.isatty()), flush=True)
    print(as_json(found) if options.json else in_sum(found))
    return exit_status(found)


def exit_status(found: Sequence[Finding]) -> int:
    """0 when nothing fails, 78 when the configuration does, 1 when anything else does."""
    failing = {finding.topic for finding in found if finding.level == "fail"}
    if "configuration" in failing:
        return EX_CONFIG
    return EX_FAIL if failing else 0


def findings(path: Path, *, quick: bool = False, checks: Sequence[Check] = CHECKS) -> Iterator[Finding]:
    """Everything that is found with this configuration file, in the order of the table."""
    try:
        config = load(path)
    except ConfigError as error:
        yield from (fail("configuration", line, f"jetson-voice check-config {path}") for line in error.lines)
        yield from examined(checks, None)
    else:
        yield ok("configuration", f"{path}: every option is understood")
        yield from examined(checks, Asked(config, quick))
