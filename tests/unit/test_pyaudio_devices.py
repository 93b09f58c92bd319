import pytest

from jetson_voice.backends.pyaudio_devices import Device, chosen

HDMI = Device(0, "NVIDIA Jetson Orin HDA: HDMI 0 (hw:0,3)", 0, 2, 48_000)
ARRAY = Device(1, "ReSpeaker 4 Mic Array (UAC1.0): USB Audio (hw:1,0)", 6, 2, 16_000)
WEBCAM = Device(2, "HD Webcam: USB Audio (hw:2,0)", 1, 0, 48_000)
DEFAULT = Device(3, "default", 32, 32, 48_000)
DEVICES = [HDMI, ARRAY, WEBCAM, DEFAULT]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("", DEFAULT),
        ("respeaker", ARRAY),
        ("Webcam", WEBCAM),
        ("2", WEBCAM),
        ("default", DEFAULT),
        ("usb audio", ARRAY),
    ],
)
def test_a_microphone_is_found_by_a_part_of_its_name_or_its_index(wanted: str, expected: Device) -> None:
    assert chosen(DEVICES, wanted, DEFAULT.index, "microphone") == expected


def test_a_whole_name_wins_over_a_part_of_another_one() -> None:
    longer = Device(4, "default (old)", 1, 1, 48_000)
    assert chosen([longer, DEFAULT], "default", None, "speaker") == DEFAULT


def test_without_a_default_the_first_device_that_can_is_taken() -> None:
    assert chosen(DEVICES, "", None, "microphone") == ARRAY


@pytest.mark.parametrize("wanted", ["hdmi", "0", "9", "Jabra"])
def test_a_device_that_is_not_a_microphone_is_answered_with_those_that_are(wanted: str) -> None:
    with pytest.raises(OSError, match=f'none is called "{wanted}".*ReSpeaker.*Webcam.*default') as error:
        chosen(DEVICES, wanted, DEFAULT.index, "microphone")
    assert "HDMI" not in str(error.value)


def test_a_machine_without_any_microphone_is_told_so() -> None:
    with pytest.raises(OSError, match="the system has no microphone"):
        chosen([HDMI], "", None, "microphone")
