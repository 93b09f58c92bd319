"""The doctor on machines that are not here: boards, users, cards, memory; facts in, lines out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from jetson_voice.config import Config, LanguageModel, Ollama, SpeechToText
from jetson_voice.doctor import devices, memory, sound, whisper
from jetson_voice.doctor.access import READ, WRITE, Owned, User, allows
from jetson_voice.doctor.devices import Access, Node
from jetson_voice.doctor.findings import Finding
from jetson_voice.doctor.jetpack import jetpack_of
from jetson_voice.doctor.machine import GIB, Machine, findings_of, memory_of, power_mode_of, power_modes_of
from jetson_voice.doctor.memory import Memory, Need, needs_of
from jetson_voice.doctor.models import Wanted
from jetson_voice.doctor.servers import Loaded, OllamaFacts
from jetson_voice.doctor.sound import Card, Choice, Devices, Holder, card_findings_of, sound_server
from jetson_voice.doctor.whisper import Acceleration

JP6 = "# R36 (release), REVISION: 4.3, GCID: 38968081, BOARD: generic, EABI: aarch64, DATE: Wed Jan  8 2025\n"
JP7 = "# R39 (release), REVISION: 2.0, GCID: 1, BOARD: generic, EABI: aarch64, DATE: Mon Jun  1 00:00:00 UTC 2026\n"
NANO = Machine(
    release=JP6,
    model="NVIDIA Jetson Orin Nano Engineering Reference Developer Kit Super",
    power_mode="NV Power Mode: MAXN_SUPER\n2\n",
    power_modes=(("0", "15W"), ("1", "25W"), ("2", "MAXN_SUPER")),
    memory_bytes=int(7.4 * GIB),
    swaps=("/swapfile",),
)


def levels(found: list[Finding]) -> list[str]:
    return [finding.level for finding in found]


def one(found: list[Finding], level: str) -> Finding:
    """The only finding of this level."""
    [finding] = [each for each in found if each.level == level]
    return finding


@pytest.mark.parametrize(
    ("release", "name", "known"),
    [
        (JP6, "JetPack 6.2 (L4T 36.4.3)", True),
        (JP6.replace("4.3", "4.7"), "JetPack 6.2.1 (L4T 36.4.7)", True),
        (JP6.replace("4.3", "5.0"), "JetPack 6.2.2 (L4T 36.5.0)", True),
        (JP6.replace("4.3", "9.9"), "JetPack 6 (L4T 36.9.9)", True),
        (JP6.replace("4.3", "3.0"), "JetPack 6.0 (L4T 36.3.0)", False),
        (JP7, "JetPack 7.2 (L4T 39.2.0)", True),
        (JP6.replace("R36", "R38"), "JetPack 7.0 or 7.1 (L4T 38.4.3)", False),
        (JP6.replace("R36", "R35"), "JetPack 5 (L4T 35.4.3)", False),
        (JP6.replace("R36", "R41"), "L4T 41.4.3", False),
    ],
)
def test_the_jetpack_is_named_as_people_call_it(release: str, name: str, known: bool) -> None:
    jetpack = jetpack_of(release)
    assert jetpack
    assert (jetpack.name, jetpack.is_known) == (name, known)


@pytest.mark.parametrize("release", ["", "R36", "# R36 (release)", "\x00\xff"])
def test_a_release_file_of_other_words_names_no_jetpack(release: str) -> None:
    assert jetpack_of(release) is None


@pytest.mark.parametrize("machine", [NANO, replace(NANO, release=JP7)])
def test_a_healthy_board_is_ok_in_every_line(machine: Machine) -> None:
    assert levels(findings_of(machine)) == ["ok", "ok", "ok", "ok"]


def test_a_machine_that_is_no_jetson_is_ok_and_asked_no_more() -> None:
    [finding] = findings_of(Machine())
    assert (finding.level, finding.text) == ("ok", "this machine: not a Jetson")


@pytest.mark.parametrize(
    ("broken", "text", "fix"),
    [
        (replace(NANO, release=""), "names no release", "JetPack 6.2 or 7.2"),
        (replace(NANO, release=JP6.replace("R36", "R35")), "JetPack 5", "JetPack 6.2 and 7.2"),
        (replace(NANO, power_mode="NV Power Mode: 15W\n0\n"), "mode 15W", "sudo nvpmodel -m 2, which is MAXN_SUPER"),
        (replace(NANO, power_mode="NV Power Mode: MODE_15W\n0", power_modes=()), "mode 15W", "/etc/nvpmodel.conf"),
        (replace(NANO, power_mode=None), "cannot be asked", "sudo nvpmodel -q"),
        (replace(NANO, desktop="gnome-shell"), "gnome-shell runs", "set-default multi-user.target"),
        (replace(NANO, swaps=()), "none", "swap file"),
        (replace(NANO, swaps=("/dev/zram0", "/dev/zram1")), "zram", "swap file"),
    ],
)
def test_what_slows_a_board_down_is_a_warning_with_its_fix(broken: Machine, text: str, fix: str) -> None:
    finding = one(findings_of(broken), "warn")
    assert text in finding.text
    assert fix in finding.fix


def test_a_board_with_memory_may_have_a_desktop_and_no_swap() -> None:
    machine = replace(NANO, memory_bytes=int(15.3 * GIB), desktop="gnome-shell", swaps=())
    assert levels(findings_of(machine)) == ["ok"] * 4


def test_a_board_at_its_strongest_mode_is_not_told_to_find_a_stronger_one() -> None:
    machine = replace(NANO, power_mode="NV Power Mode: 15W\n0", power_modes=(("0", "15W"), ("1", "7W")))
    assert levels(findings_of(machine)) == ["ok"] * 4


def test_nvpmodel_and_its_configuration_are_understood() -> None:
    assert power_mode_of("NVPM WARN: fan mode is not set!\nNV Power Mode: MAXN\n0\n") == "MAXN"
    configuration = "# < POWER_MODEL ID=9 NAME=X >\n< POWER_MODEL ID=0 NAME=15W >\nCPU_ONLINE CORE_0 1\n"
    assert power_modes_of(configuration) == (("0", "15W"),)


def test_memory_is_read_in_bytes() -> None:
    assert memory_of("MemTotal:        7620404 kB\nMemAvailable:    100 kB\n", "MemAvailable") == 102_400
    assert memory_of("", "MemAvailable") == 0


SERVICE = User(
    "jetson-voice", 990, frozenset({990, 29, 44, 104}), frozenset({"jetson-voice", "audio", "video", "render"}), True
)
CARD = (Node("/dev/snd/controlC0", "audio", usable=True), Node("/dev/snd/pcmC0D0p", "audio", usable=True))
GPU = (Node("/dev/nvmap", "video", usable=True), Node("/dev/nvgpu/igpu0/ctrl", "video", usable=True))
HEALTHY = Access(SERVICE, is_jetson=True, sound=CARD, gpu=GPU)


def test_a_user_in_all_groups_with_open_devices_is_ok() -> None:
    assert levels(devices.findings_of(HEALTHY)) == ["ok", "ok", "ok"]


def test_a_group_that_the_service_lacks_on_a_jetson_fails() -> None:
    user = replace(SERVICE, groups=frozenset({"jetson-voice", "audio", "video"}))
    finding = one(devices.findings_of(replace(HEALTHY, user=user)), "fail")
    assert "not in render" in finding.text
    assert finding.fix == "sudo usermod -aG render jetson-voice, then sudo systemctl restart jetson-voice"


def test_a_group_that_does_not_exist_keeps_the_service_from_starting() -> None:
    user = replace(SERVICE, unknown_groups=("render",))
    assert one(devices.findings_of(replace(HEALTHY, user=user)), "fail").fix == "sudo groupadd --system render"


def test_a_person_on_a_pc_needs_no_group_of_a_jetson() -> None:
    person = User("ada", 1000, frozenset({1000}), frozenset({"ada"}))
    assert levels(devices.findings_of(Access(person, is_jetson=False, sound=CARD))) == ["ok", "ok"]


def test_a_closed_sound_card_names_the_group_that_opens_it() -> None:
    closed = tuple(replace(node, usable=False) for node in CARD)
    person = User("ada", 1000, frozenset({1000}), frozenset({"ada"}))
    finding = one(devices.findings_of(Access(person, is_jetson=False, sound=closed)), "fail")
    assert "/dev/snd/controlC0" in finding.text
    assert finding.fix == "sudo usermod -aG audio ada, then log in again"


def test_no_card_is_a_warning_since_a_sound_server_may_do() -> None:
    assert levels(devices.findings_of(replace(HEALTHY, sound=()))) == ["ok", "warn", "ok"]


@pytest.mark.parametrize("gpu", [(), (Node("/dev/dri/renderD128", "render", usable=True),)])
def test_a_gpu_without_its_nodes_fails_and_wants_the_power_off(gpu: tuple[Node, ...]) -> None:
    assert "switch the power off" in one(devices.findings_of(replace(HEALTHY, gpu=gpu)), "fail").fix


def test_a_service_that_runs_as_root_is_a_warning() -> None:
    root = User("root", 0, frozenset({0}), frozenset({"root"}), is_service=True)
    assert levels(devices.findings_of(replace(HEALTHY, user=root))) == ["warn", "ok", "ok"]


@pytest.mark.parametrize(
    ("owned", "allowed"),
    [
        (Owned(0o660, 0, 29), True),
        (Owned(0o660, 0, 30), False),
        (Owned(0o600, 990, 29), True),
        (Owned(0o066, 990, 29), False),
        (Owned(0o666, 0, 0), True),
        (Owned(0o640, 0, 29), False),
        (Owned(0o606, 0, 29), False),
    ],
)
def test_a_mode_is_read_as_the_kernel_reads_it(owned: Owned, allowed: bool) -> None:
    assert allows(owned, SERVICE, READ | WRITE) == allowed
    assert allows(owned, User("root", 0, frozenset({0}), frozenset({"root"})), READ | WRITE)


CUDA = Acceleration("4.8.1", 1, ("float16", "float32", "int8_float16"), ("float32", "int8"))
NO_CUDA = replace(CUDA, cuda_devices=0, cuda_types=())


@pytest.mark.parametrize(
    ("found", "stt", "is_jetson", "expected"),
    [
        (CUDA, SpeechToText(), True, ["ok", "ok"]),
        (CUDA, SpeechToText(compute_type="int8_float16"), True, ["ok", "ok"]),
        (CUDA, SpeechToText(compute_type="int3"), True, ["ok", "fail"]),
        (CUDA, SpeechToText(device="cpu", compute_type="int8_float16"), True, ["ok", "fail"]),
        (NO_CUDA, SpeechToText(), True, ["warn", "ok"]),
        (NO_CUDA, SpeechToText(device="cuda"), True, ["fail", "ok"]),
        (NO_CUDA, SpeechToText(device="cuda"), False, ["fail", "ok"]),
        (NO_CUDA, SpeechToText(device="cuda", compute_type="float16"), False, ["fail", "fail"]),
        (NO_CUDA, SpeechToText(), False, ["ok", "ok"]),
        (NO_CUDA, SpeechToText(device="cpu"), True, ["ok", "ok"]),
    ],
)
def test_whisper_on_the_cpu_is_a_matter_of_what_was_to_be_expected(
    found: Acceleration, stt: SpeechToText, is_jetson: bool, expected: list[str]
) -> None:
    assert levels(whisper.findings_of(found, stt, is_jetson=is_jetson)) == expected


ARRAY = Choice("array", "ReSpeaker 4 Mic Array", 16_000)
HEARD = Devices(("ReSpeaker 4 Mic Array", "default"), ARRAY, Choice(""))
NOT_THERE = Choice("jabra", problem='none is called "jabra"; there are 0 "ReSpeaker 4 Mic Array"')


def test_the_devices_of_the_configuration_are_told_with_their_rate() -> None:
    microphone, speaker = sound.findings_of(HEARD, Card())
    assert (microphone.level, microphone.text) == ("ok", '"ReSpeaker 4 Mic Array", at 16000 Hz by itself')
    assert (speaker.level, speaker.text) == ("ok", "the system's default")


def test_a_microphone_that_is_not_there_fails_with_those_that_are() -> None:
    finding = one(sound.findings_of(replace(HEARD, microphone=NOT_THERE), Card()), "fail")
    assert "ReSpeaker" in finding.text
    assert "[microphone] device" in finding.fix


def test_a_card_that_the_service_itself_holds_hides_the_devices_and_that_is_well() -> None:
    gone = Choice("", problem="the system has no microphone")
    ours = Card((Holder("jetson-voice", 77),), service_pid=77, service_installed=True)
    assert levels(sound.findings_of(Devices((), gone, gone), ours)) == ["ok", "ok"]
    assert levels(card_findings_of(ours)) == ["ok", "ok"]


def test_a_device_that_another_program_has_taken_names_it() -> None:
    gone = Choice("", problem="the system has no microphone")
    taken = Card((Holder("arecord", 5),))
    assert "arecord has the sound card" in sound.findings_of(Devices((), gone, gone), taken)[0].fix


def test_pulseaudio_on_the_card_of_the_service_is_a_warning_and_on_a_desktop_it_is_not() -> None:
    held = Card((Holder("pulseaudio", 5),), service_installed=True)
    finding = one(card_findings_of(held), "warn")
    assert "pulseaudio (5)" in finding.text
    assert "mask pulseaudio.socket" in finding.fix
    assert levels(card_findings_of(replace(held, service_installed=False))) == ["ok", "ok"]


def test_a_sound_server_that_is_asked_for_and_does_not_answer_fails() -> None:
    card = Card(server="/run/pulse/native", server_problem="Connection refused")
    assert "Connection refused" in one(card_findings_of(card), "fail").text


@pytest.mark.parametrize(
    ("variable", "socket"),
    [
        ("unix:/run/pulse/native", "/run/pulse/native"),
        ("/run/pulse/native", "/run/pulse/native"),
        ("{3f}unix:/run/pulse/native tcp:elsewhere", "/run/pulse/native"),
        ("tcp:elsewhere:4713", ""),
        ("", ""),
    ],
)
def test_the_sound_server_is_where_libpulse_looks_for_it(variable: str, socket: str) -> None:
    assert sound_server(variable, "/nowhere") == socket


def test_a_user_of_a_desktop_has_a_sound_server_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "pulse").mkdir()
    (tmp_path / "pulse" / "native").touch()
    assert sound_server("", str(tmp_path)) == str(tmp_path / "pulse" / "native")


SEVEN_B = Config(llm=LanguageModel(ollama=Ollama(model="qwen2.5:7b")))
FILES = [Wanted("whisper-small", Path("/models/model.bin"), 500_000_000)]
IDLE = OllamaFacts("http://127.0.0.1:11434", version="0.33", models={"qwen2.5:7b": 4_700_000_000})


def test_what_is_loaded_already_needs_no_more_memory() -> None:
    loaded = replace(IDLE, loaded=[Loaded("qwen2.5:7b", 5_000_000_000, 5_000_000_000)])
    assert needs_of(SEVEN_B, FILES, loaded, runs=True) == []
    assert [need.what for need in needs_of(SEVEN_B, FILES, IDLE, runs=True)] == ["qwen2.5:7b"]
    assert [need.what for need in needs_of(SEVEN_B, FILES, loaded, runs=False)] == ["the service", "its models"]


def test_a_model_that_is_yet_to_be_pulled_is_counted_where_its_size_is_known() -> None:
    unreachable = OllamaFacts("http://127.0.0.1:11434", problem="refused")
    assert needs_of(SEVEN_B, [], unreachable, runs=True)[0].bytes > 4_700_000_000
    unknown = replace(SEVEN_B, llm=LanguageModel(ollama=Ollama(model="mine")))
    assert needs_of(unknown, [], unreachable, runs=True) == []


@pytest.mark.parametrize(
    ("available", "swap", "level"),
    [(6_000_000_000, 0, "ok"), (4_000_000_000, 4_000_000_000, "warn"), (4_000_000_000, 0, "fail")],
)
def test_memory_that_does_not_suffice_swaps_or_fails(available: int, swap: int, level: str) -> None:
    [finding] = memory.findings_of(Memory(available, swap, [Need("qwen2.5:7b", 5_500_000_000)]))
    assert finding.level == level


def test_a_loaded_assistant_has_memory_enough() -> None:
    assert levels(memory.findings_of(Memory(300_000_000, 0, []))) == ["ok"]
