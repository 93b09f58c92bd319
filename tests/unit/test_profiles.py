"""The configurations that come with the project name models that its profiles fetch."""

from __future__ import annotations

from pathlib import Path

import pytest

from jetson_voice.config import Config
from jetson_voice.config_file import load
from jetson_voice.manifest import load_manifest

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("path", "profile"),
    [("config.toml", "orin-nano"), ("config.toml", "orin"), ("models/starter.toml", "starter")],
)
def test_what_a_configuration_names_is_what_its_profile_fetches(path: str, profile: str) -> None:
    manifest = load_manifest(REPOSITORY / "models" / "manifest.toml")
    fetched = manifest.profile(profile)
    assert load(REPOSITORY / path).model_names == {model.name for model in fetched.models}


@pytest.mark.parametrize("profile", ["orin-nano", "orin"])
def test_the_language_model_of_a_profile_is_the_default_one(profile: str) -> None:
    manifest = load_manifest(REPOSITORY / "models" / "manifest.toml")
    assert manifest.profile(profile).ollama == Config().llm.ollama.model
