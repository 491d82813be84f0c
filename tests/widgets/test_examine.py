"""What the Examine task tells of a layer."""

from __future__ import annotations

from pathlib import Path

from tests.scans.pictures import picture, written
from widgets.examine import known
from widgets.reading import read_file
from workstation.scans.source import Metadata


def test_a_layers_facts_are_those_of_its_file(tmp_path: Path) -> None:
    metadata = Metadata(artist="Anna", copyright="© Museum", pixels_per_mm=20.0)
    path = written(picture(60, 80), tmp_path / "p.tif", "deflate", metadata=metadata)
    (layer,) = read_file(path, lambda: "a")
    told = known(layer, "Museum RGB", "the screen's own")
    assert (told["Artist"], told["Copyright"], told["Stored"]) == ("Anna", "© Museum", "deflate")
    assert (told["Colour profile"], told["Shown through"]) == ("Museum RGB", "the screen's own")
    assert "Made from" not in told
    layer.scan.close()
