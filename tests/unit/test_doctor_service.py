"""The doctor on services, models and servers that are not here; facts in, lines out; and how it tells them."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from jetson_voice import doctor
from jetson_voice.config import Config, SpeechToText, TextToSpeech, Voices, Wake, WakeWord
from jetson_voice.doctor import language_model, models, ollama_unit, service
from jetson_voice.doctor.access import User
from jetson_voice.doctor.checks import Asked, Check, examined
from jetson_voice.doctor.findings import Finding, as_json, as_line, fail, in_sum, ok, warn
from jetson_voice.doctor.models import Found, Wanted, looked_at, wanted_by
from jetson_voice.doctor.servers import Loaded, OllamaFacts, OpenAIFacts
from jetson_voice.doctor.service import Service, exposure_of
from jetson_voice.doctor.units import Unit, names_credential, properties_of
from jetson_voice.manifest import load_manifest
from jetson_voice.paths import MANIFEST

SHOWN = """LoadState=loaded
UnitFileState=enabled
ActiveState=active
SubState=running
StatusText=listening
FragmentPath=/etc/systemd/system/jetson-voice.service
DropInPaths=
User=jetson-voice
WatchdogUSec=30s
NRestarts=0
Result=success
ExecMainStatus=0
MainPID=77
NeedDaemonReload=no
Environment=A=1 B=2
"""
HEALTHY = Service(Unit(properties_of(SHOWN)), file="[Unit]", shipped="[Unit]", exposure=1.9)


def changed(properties: Mapping[str, str], **facts: str | float | bool) -> Service:
    """The healthy service, but for these."""
    assert HEALTHY.unit
    unit = Unit({**HEALTHY.unit.properties, **properties})
    return replace(HEALTHY, unit=unit, **facts)  # type: ignore[arg-type]


def levels(found: list[Finding]) -> set[str]:
    return {finding.level for finding in found}


def test_a_service_as_it_should_be_is_ok_in_every_line() -> None:
    found = service.findings_of(HEALTHY)
    assert levels(found) == {"ok"}
    assert "active: listening" in found[0].text


def test_a_checkout_without_a_service_is_warned_not_failed() -> None:
    for facts in (Service(unit=None), Service(Unit({"LoadState": "not-found"}))):
        [finding] = service.findings_of(facts)
        assert finding.level == "warn"
        assert "jetson-voice run" in finding.fix


@pytest.mark.parametrize(
    ("broken", "level", "text", "fix"),
    [
        (changed({"ActiveState": "inactive"}), "warn", "not running", "systemctl start jetson-voice"),
        (changed({"ActiveState": "activating", "StatusText": "loading whisper"}), "warn", "loading whisper", "wait"),
        (
            changed(
                {"ActiveState": "failed", "SubState": "failed", "Result": "watchdog", "ExecMainStatus": "6"},
                last_error="stalled",
            ),
            "fail",
            "failed (watchdog, status 6): stalled",
            "journalctl -u jetson-voice",
        ),
        (
            changed({"ActiveState": "activating", "SubState": "auto-restart", "ExecMainStatus": "203"}),
            "fail",
            "status 203): no error logged",
            "journalctl -u jetson-voice",
        ),
        (
            changed({"ActiveState": "failed", "ExecMainStatus": "78"}, last_error="stt.model: unknown"),
            "fail",
            "the configuration cannot work: stt.model: unknown",
            "correct it",
        ),
        (changed({"UnitFileState": "disabled"}), "warn", "does not start with the machine", "systemctl enable"),
        (changed({"NeedDaemonReload": "yes"}), "warn", "changed after", "daemon-reload"),
        (changed({}, file="[Unit]\nmine"), "warn", "is not the unit of this version", "drop-in"),
        (changed({}, exposure=5.4), "warn", "exposure 5.4", "drop-in"),
        (changed({"WatchdogUSec": "0"}), "warn", "without a watchdog", "WatchdogSec=30"),
        (changed({"WatchdogUSec": "infinity"}), "warn", "without a watchdog", "WatchdogSec=30"),
        (changed({"NRestarts": "4"}, last_error="x"), "warn", "restarted 4 times", "journalctl"),
        (changed({}, reads_journal=False), "warn", "may not read the journal", "systemd-journal"),
    ],
)
def test_what_ails_the_service_is_one_line_with_its_fix(broken: Service, level: str, text: str, fix: str) -> None:
    [finding] = [each for each in service.findings_of(broken) if each.level != "ok"]
    assert finding.level == level
    assert text in finding.text
    assert fix in finding.fix


def test_a_service_that_has_not_started_is_not_said_to_lack_a_watchdog() -> None:
    found = service.findings_of(changed({"ActiveState": "inactive", "WatchdogUSec": "0"}))
    assert not any("watchdog" in finding.text for finding in found)


def test_drop_ins_are_listed() -> None:
    found = service.findings_of(changed({"DropInPaths": "/etc/x.conf /etc/y.conf"}))
    assert levels(found) == {"ok"}
    assert any("/etc/x.conf, /etc/y.conf" in finding.text for finding in found)


def test_a_unit_that_did_not_come_along_is_not_compared() -> None:
    assert levels(service.findings_of(changed({}, shipped="", file="[Unit]\nmine"))) == {"ok"}


def test_systemctl_show_is_understood() -> None:
    unit = Unit(properties_of(SHOWN))
    assert (unit["StatusText"], unit.main_pid, unit.restarts, unit["Nothing"]) == ("listening", 77, 0, "")
    assert unit["Environment"] == "A=1 B=2"


def test_a_credential_is_found_in_the_files_of_the_unit() -> None:
    files = "# /etc/x\n[Service]\nLoadCredential=OPENAI_API_KEY:/etc/key\n#LoadCredential=OTHER:/x\n"
    assert names_credential(files, "OPENAI_API_KEY")
    assert not names_credential(files, "OPENAI_API")
    assert not names_credential(files, "OTHER")


def test_the_exposure_is_read_off_the_last_line() -> None:
    printed = (
        "✗ PrivateNetwork=  Service has access  0.5\n\n→ Overall exposure level for jetson-voice.service: 1.9 OK\n"
    )
    assert exposure_of(printed) == 1.9
    assert exposure_of("Failed to connect to bus") is None


def test_ollama_without_the_drop_in_is_a_warning_that_names_what_lacks() -> None:
    whole = Unit({"LoadState": "loaded", "Environment": "LLAMA_ARG_CACHE_RAM=0 OLLAMA_KEEP_ALIVE=-1 PATH=/bin"})
    assert levels(ollama_unit.findings_of(whole)) == {"ok"}
    [finding] = ollama_unit.findings_of(Unit({"LoadState": "loaded", "Environment": "LLAMA_ARG_CACHE_RAM=8192"}))
    assert finding.text == "runs without LLAMA_ARG_CACHE_RAM=0, OLLAMA_KEEP_ALIVE=-1"


OLLAMA = OllamaFacts("http://127.0.0.1:11434", version="0.33.0", models={"qwen2.5:7b": 4_700_000_000})


def verdict(facts: OllamaFacts, *, model: str = "qwen2.5:7b", is_jetson: bool = True) -> Finding:
    """The last of the lines."""
    return language_model.ollama_findings(facts, model, is_jetson=is_jetson)[-1]


@pytest.mark.parametrize(
    ("loaded", "is_jetson", "level", "text"),
    [
        ([], True, "ok", "not loaded now"),
        ([Loaded("qwen2.5:7b", 1000, 1000)], True, "ok", "100% on the GPU"),
        ([Loaded("qwen2.5:7b", 1000, 470)], True, "warn", "47% on the GPU"),
        ([Loaded("qwen2.5:7b", 1000, 470)], False, "warn", "47% on the GPU"),
        ([Loaded("qwen2.5:7b", 1000, 0)], True, "warn", "the CPU only"),
        ([Loaded("qwen2.5:7b", 1000, 0)], False, "ok", "0% on the GPU"),
        ([Loaded("qwen2.5:7b", 0, 0)], False, "ok", "0% on the GPU"),
        ([Loaded("other:1b", 1000, 0)], True, "ok", "not loaded now"),
    ],
)
def test_a_model_that_is_not_wholly_on_the_gpu_is_told(
    loaded: list[Loaded], is_jetson: bool, level: str, text: str
) -> None:
    finding = verdict(replace(OLLAMA, loaded=loaded), is_jetson=is_jetson)
    assert finding.level == level
    assert text in finding.text


def test_a_model_that_ollama_has_not_is_answered_with_the_nearest_and_how_to_get_it() -> None:
    finding = verdict(OLLAMA, model="qwen2.5:7bb")
    assert (finding.level, finding.fix) == ("fail", "ollama pull qwen2.5:7bb")
    assert finding.text.endswith("did you mean 'qwen2.5:7b'?")
    assert verdict(replace(OLLAMA, models={})).text.endswith("it has none")


def test_a_model_without_a_tag_is_the_latest() -> None:
    assert verdict(replace(OLLAMA, models={"mine:latest": 5}), model="mine").level == "ok"
    assert language_model.tagged("registry:5000/mine") == "registry:5000/mine:latest"


CLOUD = OpenAIFacts("https://api.example.com/v1", status=200, models=["gpt"], key_name="KEY", has_key=True)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (CLOUD, ["ok", "ok"]),
        (replace(CLOUD, status=401, models=[]), ["ok", "fail"]),
        (replace(CLOUD, status=401, has_key=False, models=[]), ["warn", "warn"]),
        (replace(CLOUD, status=401, has_key=False, service_has_key=True, models=[]), ["ok", "warn"]),
        (replace(CLOUD, status=404, models=[]), ["ok", "warn"]),
        (replace(CLOUD, models=["other"]), ["ok", "warn"]),
        (replace(CLOUD, problem="refused"), ["ok", "fail"]),
        (replace(CLOUD, url="http://localhost:8080/v1", has_key=False), ["ok", "ok"]),
    ],
)
def test_a_server_of_openais_protocol_is_judged_by_its_answer_and_its_key(
    facts: OpenAIFacts, expected: list[str]
) -> None:
    assert [finding.level for finding in language_model.openai_findings(facts, "gpt")] == expected


def test_a_password_in_a_url_is_not_shown() -> None:
    facts = replace(CLOUD, url="http://ada:secret@example.com/v1", problem="refused")
    assert not any("secret" in finding.text for finding in language_model.openai_findings(facts, "gpt"))


USER = User("jetson-voice", 990, frozenset({990}), frozenset({"jetson-voice"}), is_service=True)
VOICE = Wanted("joe", Path("/m/joe/joe.onnx"), 10, "ab")
TEXT = Wanted("joe", Path("/m/joe/joe.onnx.json"), 3, "cd")


def test_a_whole_model_is_one_line() -> None:
    [finding] = models.findings_of([Found(VOICE, 10, "ab"), Found(TEXT, 3, "cd")], USER)
    assert (finding.level, finding.text) == ("ok", "joe: 2 files, 0 kB, intact")


def test_a_model_that_was_not_read_is_not_called_intact() -> None:
    [finding] = models.findings_of([Found(VOICE, 10), Found(TEXT, 3)], USER)
    assert finding.level == "ok"
    assert "intact" not in finding.text


def test_a_model_that_is_wholly_absent_is_one_line() -> None:
    [finding] = models.findings_of([Found(VOICE), Found(TEXT)], USER)
    assert (finding.level, finding.text, finding.fix) == ("fail", "joe is missing in /m", "jetson-voice models pull")


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (Found(VOICE), "/m/joe/joe.onnx is missing"),
        (Found(VOICE, 9), "has 9 bytes instead of 10"),
        (Found(VOICE, 10, "ff"), "is damaged"),
        (Found(VOICE, 10, "ab", open_to_user=False), "jetson-voice may not read /m/joe/joe.onnx"),
        (Found(VOICE, problem="Permission denied"), "cannot be read: Permission denied"),
    ],
)
def test_a_file_that_cannot_be_used_fails_by_its_name(found: Found, text: str) -> None:
    [finding] = models.findings_of([found, Found(TEXT, 3, "cd")], USER)
    assert finding.level == "fail"
    assert text in finding.text
    assert finding.fix


def test_a_model_of_ones_own_is_looked_for_too() -> None:
    config = Config(
        stt=SpeechToText(model="/own/whisper"),
        tts=TextToSpeech(voices=Voices(zh="", en="/own/voice.onnx")),
        wake=Wake(words=(WakeWord("/own/computer.onnx", "computer"), WakeWord("hey_bob"))),
    )
    paths = {str(each.path) for each in wanted_by(config, load_manifest(MANIFEST).models)}
    assert {"/own/whisper/model.bin", "/own/voice.onnx", "/own/computer.onnx"} <= paths
    assert f"{config.models.directory}/openwakeword/hey_bob.onnx" in paths
    assert f"{config.models.directory}/openwakeword/melspectrogram.onnx" in paths


def test_a_language_that_is_understood_and_has_no_voice_is_told() -> None:
    mute = TextToSpeech(voices=Voices(zh=""))
    [finding] = models.voiceless(Config(tts=mute))
    assert (finding.level, finding.text) == (
        "warn",
        "tts.voices.zh is empty: espeak-ng speaks Chinese, robot-like",
    )
    assert not models.voiceless(Config(tts=mute, stt=SpeechToText(languages=("en",))))
    assert not models.voiceless(Config())


def test_what_is_on_the_disk_is_seen_as_it_is(tmp_path: Path) -> None:
    me = replace(USER, uid=0)
    whole, loop = tmp_path / "whole", tmp_path / "loop"
    whole.write_bytes(b"abc")
    loop.symlink_to(loop)
    sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    wanted = [Wanted("m", whole, 3, sha256), Wanted("m", tmp_path / "gone"), Wanted("m", loop), Wanted("m", whole)]
    there, gone, looped, unknown = looked_at(wanted, me, quick=False)
    assert (there.size, there.sha256, there.open_to_user) == (3, sha256, True)
    assert (gone.size, gone.problem) == (None, "")
    assert "symbolic links" in looped.problem
    assert (unknown.size, unknown.sha256) == (3, None)
    assert looked_at(wanted[:1], me, quick=True)[0].sha256 is None


def test_a_file_that_only_root_may_read_is_closed_to_the_service(tmp_path: Path) -> None:
    file = tmp_path / "model"
    file.write_bytes(b"abc")
    file.chmod(0o600)
    stranger = replace(USER, uid=4_000_000)
    assert [each.open_to_user for each in looked_at([Wanted("m", file)], stranger, quick=False)] == [False]


def check(topic: str, *found: Finding) -> Check:
    return Check(topic, lambda _: found)


def test_a_check_that_breaks_or_hangs_is_a_line_and_the_others_go_on() -> None:
    def breaks(_: Asked) -> list[Finding]:
        raise RuntimeError("a driver\nsays no")

    def hangs(_: Asked) -> list[Finding]:
        stuck.wait()
        return []

    stuck = threading.Event()
    checks = [Check("one", breaks), Check("two", hangs), check("three", ok("three", "fine"))]
    try:
        first, second, third = examined(checks, Asked(Config()), seconds=0.3)
    finally:
        stuck.set()
    assert "RuntimeError: a driver" in first.text
    assert "\n" not in as_line(first, colours=False)
    assert (second.topic, second.level) == ("two", "fail")
    assert third == ok("three", "fine")


def test_a_broken_configuration_fails_with_every_mistake_and_the_rest_is_examined_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[llm]\nbakend = "ollama"\n[stt]\nbeam_size = 99\n')
    checks = [check("models"), Check("machine", lambda _: [ok("machine", "here")], needs_configuration=False)]
    found = list(doctor.findings(path, checks=checks))
    assert [(each.topic, each.level) for each in found] == [
        ("configuration", "fail"),
        ("configuration", "fail"),
        ("models", "warn"),
        ("machine", "ok"),
    ]
    assert "did you mean 'backend'" in found[0].text
    assert doctor.exit_status(found) == 78


def test_the_exit_status_tells_the_worst() -> None:
    assert doctor.exit_status([ok("a", ""), warn("b", "", "")]) == 0
    assert doctor.exit_status([ok("a", ""), fail("b", "", "")]) == 1
    assert doctor.exit_status([fail("configuration", "", ""), fail("b", "", "")]) == 78


def test_a_finding_is_one_aligned_line_and_coloured_only_on_a_terminal() -> None:
    plain = as_line(fail("models", "x is\nmissing", "pull"), colours=False)
    assert plain == "fail  models          x is missing → pull"
    assert as_line(ok("models", "fine"), colours=False) == "ok    models          fine"
    assert "\033[31mfail" in as_line(fail("models", "x", "y"), colours=True)
    assert in_sum([ok("a", ""), fail("b", "", "")]) == "1 ok, 0 warn, 1 fail"


def test_json_is_a_list_of_objects() -> None:
    assert json.loads(as_json([fail("模型", "x", "y")])) == [
        {"topic": "模型", "level": "fail", "text": "x", "fix": "y"}
    ]
