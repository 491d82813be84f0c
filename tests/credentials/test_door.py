"""The one door: every kind of file comes out signed and unharmed, or not at all."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from tests.credentials.conftest import (
    BESIDE,
    CREATED,
    INSIDE,
    files_of_at_most,
    opened,
    signed,
    thumbnail,
)
from workstation.credentials import engine
from workstation.credentials.certificates import Studio
from workstation.credentials.content import Action, Content, Ingredient
from workstation.credentials.door import export
from workstation.credentials.formats import sidecar_of
from workstation.credentials.signing import Signing
from workstation.credentials.verifying import verify
from workstation.errors import CredentialError, UsageError, WriteError
from workstation.files import sha256_of
from workstation.jobs import finish
from workstation.operations.operation import Rect


def stock_state(path: Path, anchors: str) -> str:
    """Ask c2pa's own reader, without any code of ours."""
    from c2pa import Context, Reader

    context = Context.from_dict({"version": 1, "trust": {"trust_anchors": anchors}})
    beside = path.with_name(path.name + ".c2pa")
    if not beside.exists():
        return str(Reader(path, context=context).get_validation_state())
    with path.open("rb") as file:
        reader = Reader("application/octet-stream", file, beside.read_bytes(), context=context)
        return str(reader.get_validation_state())


@pytest.mark.parametrize("name", [*INSIDE, *BESIDE])
def test_every_kind_of_file_is_trusted_by_us_and_by_the_stock_reader(
    name: str, tmp_path: Path, studio: Studio
) -> None:
    draft, target = tmp_path / name, tmp_path / "out" / name
    target.parent.mkdir()
    (INSIDE | BESIDE)[name](draft)
    before = draft.read_bytes()
    files = export(draft, target, "scan", Content(name, CREATED, thumbnail=thumbnail()), studio)
    assert [made.path for made in files] == ([target] if name in INSIDE else [target, sidecar_of(target)])
    assert all(made.sha256 == sha256_of(made.path) for made in files)
    assert verify(target, studio.anchor).state == "trusted"
    if name != "levels-big.tif":  # the library cannot follow the pointers to its levels
        assert stock_state(target, studio.anchor) == "Trusted"
    assert draft.read_bytes() == before
    assert sorted(target.parent.iterdir()) == sorted(made.path for made in files)


@pytest.mark.parametrize("name", [name for name in (*INSIDE, *BESIDE) if name.endswith("tif")])
def test_a_signed_tiff_has_the_same_pages_levels_pixels_and_words(
    name: str, tmp_path: Path, studio: Studio
) -> None:
    (INSIDE | BESIDE)[name](tmp_path / name)
    target = signed(tmp_path / name, tmp_path / f"signed-{name}", studio)
    with tifffile.TiffFile(tmp_path / name) as old, tifffile.TiffFile(target) as new:
        assert len(old.pages) == len(new.pages)
        assert [len(series.levels) for series in old.series] == [len(series.levels) for series in new.series]
        assert [page.description for page in old.pages] == [page.description for page in new.pages]
        for one, two in zip(old.series, new.series, strict=True):
            for first, second in zip(one.levels, two.levels, strict=True):
                assert np.array_equal(first.asarray(), second.asarray())


@pytest.mark.parametrize("name", ["picture.png", "picture.jpg"])
def test_a_signed_picture_has_the_same_pixels(name: str, tmp_path: Path, studio: Studio) -> None:
    INSIDE[name](tmp_path / name)
    target = signed(tmp_path / name, tmp_path / f"signed-{name}", studio)
    with Image.open(tmp_path / name) as old, Image.open(target) as new:
        assert np.array_equal(np.asarray(old), np.asarray(new))


def test_the_credential_tells_actions_regions_agents_and_the_parent(
    scan: Path, tmp_path: Path, studio: Studio
) -> None:
    filling = Action(
        "c2pa.edited",
        "algorithmicallyEnhanced",
        description="fill losses",
        agent="fill-losses",
        parameters={"radius": 2.5, "palette": [1, 2, 3]},
        regions=(Rect(10, 20, 30, 40),),
    )
    content = Content("harbour.tif", (Action("c2pa.opened"), filling), (Ingredient(scan, "scan.tif"),))
    target = tmp_path / "harbour.tif"
    export(scan, target, "restored", content, studio)
    verdict = verify(target, studio.anchor)
    assert verdict.actions == ("c2pa.opened", "c2pa.edited")
    assert verdict.signer == "Ada Novak (Museum of the Harbour)"
    assert [(part.title, part.state, part.sha256) for part in verdict.ancestors] == [
        ("scan.tif", "none", sha256_of(scan))
    ]
    assertions = {part["label"]: part["data"] for part in _active(target, studio)["assertions"]}
    edited = assertions["c2pa.actions.v2"]["actions"][1]
    assert edited["digitalSourceType"].endswith("/algorithmicallyEnhanced")
    assert edited["softwareAgent"]["name"] == "fill-losses"
    assert edited["changes"][0]["region"][0]["shape"]["origin"] == {"x": 10, "y": 20}
    assert edited["parameters"]["org.conservation-workstation.palette"] == "[1, 2, 3]"


def test_a_chain_of_five_files_is_told_in_full(scan: Path, tmp_path: Path, studio: Studio) -> None:
    file = signed(scan, tmp_path / "generation-0.tif", studio)
    for generation in range(1, 5):
        file = opened(file, tmp_path / f"generation-{generation}.tif", studio)
    verdict = verify(file, studio.anchor)
    assert verdict.state == "trusted"
    assert [(part.title, part.depth, part.state) for part in verdict.ancestors] == [
        (f"generation-{3 - depth}.tif", depth + 1, "trusted") for depth in range(4)
    ]
    assert stock_state(file, studio.anchor) == "Trusted"


def test_a_chain_that_the_library_cannot_follow_is_told_in_full(tmp_path: Path, studio: Studio) -> None:
    """Scan and result carry theirs where the library cannot look, the overlay beside it."""
    INSIDE["levels-big.tif"](tmp_path / "raw.tif")
    BESIDE["overlay.glb"](tmp_path / "raw.glb")
    scan = signed(tmp_path / "raw.tif", tmp_path / "scan.tif", studio)
    restored = opened(scan, tmp_path / "restored.tif", studio)
    parts = (Ingredient(restored, "restored.tif", "componentOf"),)
    overlay = tmp_path / "overlay.glb"
    content = Content("overlay", (*CREATED, Action("c2pa.placed")), parts)
    export(tmp_path / "raw.glb", overlay, "overlay", content, studio)
    assert stock_state(overlay, studio.anchor) == "Trusted"
    verdict = verify(overlay, studio.anchor)
    assert verdict.state == "trusted"
    assert [(part.title, part.state, part.depth) for part in verdict.ancestors] == [
        ("restored.tif", "trusted", 1),
        ("scan.tif", "trusted", 2),
    ]


def test_a_sidecar_covers_an_older_credential_inside(tmp_path: Path, studio: Studio) -> None:
    INSIDE["flat-big.tif"](tmp_path / "raw.tif")
    target = signed(tmp_path / "raw.tif", tmp_path / "old.tif", studio)
    job = Signing(Content("new", CREATED), studio).beside(target, tmp_path / "copy.tif")
    sidecar_of(target).write_bytes(finish(job)[0])
    verdict = verify(target, studio.anchor)
    assert (verdict.state, verdict.embedded, verdict.title) == ("trusted", False, "new")


def test_a_report_in_pdf_carries_its_credential_inside(tmp_path: Path, studio: Studio) -> None:
    import typst

    (tmp_path / "report.typ").write_text("= Treatment report\nThe losses were filled.")
    typst.compile(str(tmp_path / "report.typ"), output=str(tmp_path / "draft.pdf"))
    target = tmp_path / "report.pdf"
    files = export(tmp_path / "draft.pdf", target, "report", Content("report", CREATED), studio)
    assert len(files) == 1
    assert stock_state(target, studio.anchor) == "Trusted"
    assert verify(target, studio.anchor).state == "trusted"


def test_a_record_that_json_cannot_hold_is_refused(scan: Path, tmp_path: Path, studio: Studio) -> None:
    for bad in (float("nan"), object()):
        with pytest.raises(CredentialError, match="kept exactly"):
            export(scan, tmp_path / "o.tif", "scan", Content("t", CREATED, records=({"x": bad},)), studio)


def test_a_thousand_regions_fit(scan: Path, tmp_path: Path, studio: Studio) -> None:
    many = tuple(Rect(at, at, 9, 9) for at in range(1000))
    actions = (Action("c2pa.opened"), Action("c2pa.edited", "algorithmicallyEnhanced", regions=many))
    target = tmp_path / "o.tif"
    export(scan, target, "restored", Content("t", actions, (Ingredient(scan, "scan"),)), studio)
    assertions = {part["label"]: part["data"] for part in _active(target, studio)["assertions"]}
    edited = assertions["c2pa.actions.v2"]["actions"][1]
    assert len(edited["changes"]) == 200
    assert edited["parameters"]["org.conservation-workstation.regions"] == 1000


def test_overlays_are_told_as_components(scan: Path, tmp_path: Path, studio: Studio) -> None:
    picture, target = tmp_path / "picture.png", tmp_path / "overlay.glb"
    INSIDE["picture.png"](picture)
    restored = signed(scan, tmp_path / "restored.tif", studio)
    BESIDE["overlay.glb"](draft := tmp_path / "draft.glb")
    actions = (*CREATED, Action("c2pa.placed"), Action("c2pa.placed"))
    parts = (Ingredient(restored, "base", "componentOf"), Ingredient(picture, "on top", "componentOf"))
    export(draft, target, "overlay", Content("overlay", actions, parts), studio)
    verdict = verify(target, studio.anchor)
    assert verdict.state == "trusted"
    found = {(part.title, part.state, part.relationship) for part in verdict.ancestors}
    assert found == {("base", "trusted", "componentOf"), ("on top", "none", "componentOf")}


def test_a_thumbnail_is_kept_and_a_large_one_refused(scan: Path, tmp_path: Path, studio: Studio) -> None:
    small, target = thumbnail(), tmp_path / "o.tif"
    export(scan, target, "scan", Content("t", CREATED, thumbnail=small), studio)
    assert _resource(target, studio, _active(target, studio)["thumbnail"]["identifier"]) == small
    for bad in (thumbnail(513), b"not a picture"):
        with pytest.raises(CredentialError, match="thumbnail"):
            export(scan, tmp_path / "p.tif", "scan", Content("t", CREATED, thumbnail=bad), studio)
    assert not (tmp_path / "p.tif").exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (Content("t", ()), "begins with"),
        (Content("t", (Action("c2pa.edited"),)), "begins with"),
        (Content("t", (*CREATED, *CREATED)), "Only the first"),
        (Content("t", (Action("c2pa.opened"),)), "exactly one parent"),
        (Content("t", (Action("c2pa.created"),)), "digital source"),
        (Content("t", (Action("c2pa.created", "magic"),)), "vocabulary"),
    ],
)
def test_content_that_breaks_a_rule_is_refused(
    content: Content, told: str, scan: Path, tmp_path: Path, studio: Studio
) -> None:
    with pytest.raises(CredentialError, match=told):
        export(scan, tmp_path / "o.tif", "scan", content, studio)
    assert not (tmp_path / "o.tif").exists()


def test_a_title_is_kept_without_folders_and_control_characters(
    scan: Path, tmp_path: Path, studio: Studio
) -> None:
    export(scan, tmp_path / "o.tif", "scan", Content("/home/ada/bad\x1b[31m\nname.tif", CREATED), studio)
    assert verify(tmp_path / "o.tif", studio.anchor).title == "bad [31m name.tif"


def test_a_failed_signature_leaves_nothing_and_keeps_the_old_file(
    scan: Path, tmp_path: Path, studio: Studio
) -> None:
    def fails(data: bytes) -> bytes:
        raise ValueError("the token was pulled out")

    old = tmp_path / "out" / "o.tif"
    old.parent.mkdir()
    old.write_bytes(b"old")
    for sign in (fails, lambda data: b"short"):
        with pytest.raises(CredentialError, match=r"key did not sign|nothing was written"):
            export(scan, old, "scan", Content("t", CREATED), replace(studio, sign=sign), replace=True)
    assert old.read_bytes() == b"old"
    assert list(old.parent.iterdir()) == [old]


@pytest.mark.parametrize("name", ["overlay.glb", "tiled.tif"])
def test_a_file_that_the_disk_does_not_take_leaves_nothing(name: str, tmp_path: Path, studio: Studio) -> None:
    {**INSIDE, **BESIDE}[name](draft := tmp_path / name)
    target = tmp_path / "out" / name
    target.parent.mkdir()
    with files_of_at_most(20_000), pytest.raises(WriteError, match="allows no file of that size"):
        signed(draft, target, studio)
    assert list(target.parent.iterdir()) == []


def test_a_file_is_never_signed_into_itself_or_into_a_folder(
    scan: Path, tmp_path: Path, studio: Studio
) -> None:
    before = scan.read_bytes()
    for target in (scan, tmp_path):
        with pytest.raises(UsageError):
            signed(scan, target, studio)
    assert scan.read_bytes() == before


def test_the_sidecar_of_a_replaced_file_goes_with_it(scan: Path, tmp_path: Path, studio: Studio) -> None:
    BESIDE["overlay.glb"](tmp_path / "x.glb")
    target = signed(tmp_path / "x.glb", tmp_path / "o.tif", studio)
    assert sidecar_of(target).exists()
    signed(scan, target, studio)
    assert not sidecar_of(target).exists()
    assert verify(target, studio.anchor).state == "trusted"


def test_the_settings_we_give_the_library_are_ones_it_knows() -> None:
    """A misspelt key would be accepted silently: each must change what the library's settings say."""
    from c2pa import C2paError, Settings

    for path, wrong in (
        ("verify.remote_manifest_fetch", '"x"'),
        ("verify.ocsp_fetch", '"x"'),
        ("builder.thumbnail.enabled", '"x"'),
        ("trust.trust_anchors", "3"),
        ("trust.trust_config", "3"),
    ):
        with pytest.raises(C2paError):
            Settings().set(path, wrong)
    told = engine.settings("pem")
    assert told["verify"] == {"remote_manifest_fetch": False, "ocsp_fetch": False}
    assert set(told) == {"version", "verify", "builder", "trust"}


def _active(path: Path, studio: Studio) -> dict[str, object]:
    from c2pa import Reader

    report = json.loads(Reader(path, context=engine.context(studio.anchor)).json())
    return dict(report["manifests"][report["active_manifest"]])


def _resource(path: Path, studio: Studio, name: str) -> bytes:
    from c2pa import Reader

    buffer = io.BytesIO()
    Reader(path, context=engine.context(studio.anchor)).resource_to_stream(name, buffer)
    return buffer.getvalue()
