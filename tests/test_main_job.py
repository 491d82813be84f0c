"""The main job on real paintings, by the command line alone; `make bench main_job` takes twenty of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.flow import damaged, exhibited, studio, treated


@pytest.mark.parametrize("kind", ["narrow", "compact"])
def test_a_real_painting_goes_through_the_whole_flow(kind: str, shared_data: Path, tmp_path: Path) -> None:
    painting = sorted((shared_data / "paintings").glob("*.jpg"))[5]
    studio(tmp_path)
    case = damaged(painting, tmp_path, kind, seed=1, size=400)
    restored = treated(case, tmp_path)
    bundle = exhibited(case, tmp_path)
    assert restored.shape == case.truth.shape
    assert (bundle / "exhibit.glb").is_file()
