"""What the fuzzer found or reached is replayed: pixels, damage by name, or one sentence; nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.corpus import ARCHIVE, corpus
from tests.fuzz.seeds import seeds
from tests.fuzz.targets import TARGETS, look


@pytest.mark.parametrize("target", TARGETS)
def test_the_corpus_gives_pixels_or_one_sentence(target: str) -> None:
    files = corpus()
    refused = [name for name, data in files.items() if look(TARGETS[target], data) is not None]
    assert len(files) > 100
    assert 0 < len(refused) < len(files)


def test_every_seed_opens(tmp_path: Path) -> None:
    refused = {name: look(TARGETS["pixels"], data) for name, data in seeds(tmp_path).items()}
    assert {name: text for name, text in refused.items() if text} == {}


def test_the_corpus_is_small() -> None:
    assert ARCHIVE.stat().st_size < 300_000
