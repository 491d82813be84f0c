"""What a scan says of itself travels byte for byte; what would be a lie in another file stays behind."""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.scans.tagged import (
    UNITS,
    WIDTHS,
    Tags,
    exif_block,
    in_order,
    plain,
    read_tags,
    small_picture,
    tiff,
)
from tests.scans.test_damage import refused
from tests.scans.test_opening import whole
from workstation.commands.telling import page_lines
from workstation.errors import ScanError
from workstation.jobs import finish
from workstation.scans import carried
from workstation.scans.facts import facts_of
from workstation.scans.opening import open_scan
from workstation.scans.pyramid import write_pyramid
from workstation.scans.source import Metadata
from workstation.scans.tags import SOFTWARE

ORDERS = ("<", ">")
STORAGE = {254, 256, 257, 258, 259, 262, 277, 284, 317, 322, 323, 324, 325, 339}
"""What the writer says of its own tiles."""
OURS = {11}
IPTC = b"\x1c\x02\x00\x00\x02\x00\x04\x1c\x02\x19\x00\x03oak\0"


def rational(*numbers: int) -> bytes:
    return struct.pack(f"<{len(numbers)}I", *numbers)


def exif() -> Tags:
    return {
        33434: (5, rational(1, 125)),
        34855: (3, struct.pack("<H", 100)),
        36864: (7, b"0231"),
        36867: (2, b"2024:05:17 10:11:12\0"),
        37380: (10, struct.pack("<ii", -2, 3)),
        37500: (7, bytes(range(256)) * 3),
        37510: (7, b"ASCII\0\0\0raking from the left"),
        40961: (3, struct.pack("<H", 65535)),
        40962: (4, rational(10)),
        40963: (4, rational(12)),
        40965: (4, {1: (2, b"R98\0"), 2: (7, b"0100")}),
        42036: (2, b"120 mm\0"),
    }


def every_block() -> Tags:
    return {
        269: (2, b"Inventory 1957.12\0"),
        270: (2, "Öl auf Holz, um 1530\0".encode("cp1252")),
        271: (2, b"Maker\0"),
        272: (2, b"Model\0"),
        282: (5, rational(1_181_102, 1000)),
        283: (5, rational(2_362_205, 2000)),
        285: (2, b"1957.12_BT_recto_UVF_01\0"),
        296: (3, struct.pack("<H", 3)),
        297: (3, struct.pack("<HH", 2, 5)),
        305: (2, b"Scanner control 7.1\0"),
        306: (2, b"2024:05:17 10:11:12\0"),
        315: (2, b"Anna\0Bert\0"),
        316: (2, b"bench-3\0"),
        318: (5, rational(3127, 10000, 329, 1000)),
        700: (1, b"<?xpacket begin=''?><x:xmpmeta xmlns:x='adobe:ns:meta/'/>   "),
        33432: (2, b"(c) Museum\0"),
        33723: (4, IPTC),
        34377: (1, b"8BIM\x04\x04\0\0\0\0\0\x02ab"),
        34665: (4, exif()),
        34675: (7, bytes(range(256)) * 5),
        34853: (4, {0: (1, bytes((2, 3, 0, 0))), 1: (2, b"N\0"), 2: (5, rational(52, 1, 21, 1, 36, 1))}),
        65000: (12, struct.pack("<3d", 0.1, -2.5, 1e300)),
    }


def saved(tmp_path: Path, tags: Tags, order: str = "<", big: bool = False) -> Path:
    path = tmp_path / "s.tif"
    path.write_bytes(tiff(small_picture(), tags, order, big, opaque=(33723,)))
    return path


def carried_on(source: Path, page: int = 0) -> Path:
    """Write a pyramid of a scan, and return it."""
    target = source.with_name("p.tif")
    with open_scan(source, page) as scan:
        finish(write_pyramid(scan, target))
    return target


def meant(path: Path) -> Tags:
    """Return what a file of ours says besides how it is stored."""
    return {code: value for code, value in read_tags(path).items() if code not in STORAGE | OURS}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("big", [False, True])
def test_every_block_travels_byte_for_byte(tmp_path: Path, order: str, big: bool) -> None:
    path = carried_on(saved(tmp_path, every_block(), order, big))
    assert plain(meant(path)) == plain(every_block())
    assert np.array_equal(whole(path), small_picture())


@pytest.mark.parametrize("order", ORDERS)
def test_other_programmes_read_what_travelled(tmp_path: Path, order: str) -> None:
    source = saved(tmp_path, every_block(), order)
    path = carried_on(source)
    with tifffile.TiffFile(source) as before, tifffile.TiffFile(path) as after:
        tags = after.pages.first.tags
        for tag in before.pages.first.tags:
            if tag.code in every_block() and tag.code not in (34665, 34853, 33723):
                assert tags[tag.code].value == tag.value
        told, tells = (dict(file.pages.first.tags[34665].value) for file in (before, after))
        assert told.pop("InteroperabilityTag") != tells.pop("InteroperabilityTag")
        assert tells == told
        assert tags[34853].value == before.pages.first.tags[34853].value
    with Image.open(source) as first, Image.open(path) as second:
        for directory in (34665, 34853, 40965):
            told, tells = (dict(image.getexif().get_ifd(directory)) for image in (first, second))
            assert tells
            assert {**tells, 40965: 0} == {**told, 40965: 0}  # where the third one lies


def test_a_pyramid_of_a_pyramid_says_the_same(tmp_path: Path) -> None:
    first = carried_on(saved(tmp_path, every_block(), ">"))
    (tmp_path / "again").mkdir()
    second = carried_on(first.rename(tmp_path / "again" / "s.tif"))
    assert plain(read_tags(second)) == plain(read_tags(tmp_path / "again" / "s.tif"))


def kinds_and_values() -> st.SearchStrategy[tuple[int, bytes]]:
    kinds = st.sampled_from([kind for kind in WIDTHS if kind not in (13, 18)])
    return kinds.flatmap(
        lambda kind: (
            st.binary(min_size=1, max_size=5).map(
                lambda data: (kind, b"".join(bytes((byte,)) * WIDTHS[kind] for byte in data))
            )
            | st.integers(1, 9).flatmap(
                lambda count: st.binary(min_size=count * WIDTHS[kind], max_size=count * WIDTHS[kind]).map(
                    lambda data: (kind, data)
                )
            )
        )
    )


@settings(max_examples=60, deadline=None)
@given(
    tags=st.dictionaries(st.integers(65000, 65400), kinds_and_values(), max_size=8),
    order=st.sampled_from(ORDERS),
    big=st.booleans(),
)
def test_private_tags_of_any_type_travel(
    tmp_path_factory: pytest.TempPathFactory, tags: Tags, order: str, big: bool
) -> None:
    path = carried_on(saved(tmp_path_factory.mktemp("any"), tags, order, big))
    found = meant(path)
    assert {code: found[code] for code in found if code >= 65000} == tags
    wide = any(kind in (16, 17) for kind, _ in tags.values())
    assert path.read_bytes()[2] == (43 if wide else 42)


def test_the_test_turns_bytes_as_another_programme_does(tmp_path: Path) -> None:
    assert set(UNITS) == set(WIDTHS)
    assert in_order(5, rational(1, 2), ">") == struct.pack(">II", 1, 2)
    value = read_with_tifffile(saved(tmp_path, {65000: (12, struct.pack("<2d", 0.5, -3))}, ">"), 65000)
    assert value == (0.5, -3.0)


def read_with_tifffile(path: Path, code: int) -> object:
    with tifffile.TiffFile(path) as file:
        return file.pages.first.tags[code].value


def test_our_own_name_stands_beside_the_scanners(tmp_path: Path) -> None:
    path = carried_on(saved(tmp_path, {305: (2, b"Scanner control 7.1\0")}))
    assert read_with_tifffile(path, 305) == "Scanner control 7.1"
    assert read_with_tifffile(path, 11) == SOFTWARE
    assert read_with_tifffile(carried_on(saved(tmp_path, {})), 305) == SOFTWARE


@pytest.mark.parametrize(
    ("code", "kind", "data"),
    [
        (330, 4, rational(8)), (301, 3, bytes(512)), (320, 3, bytes(1536)), (532, 5, rational(*[0, 1] * 6)),
        (347, 7, b"\xff\xd8\xff\xd9"), (50706, 1, b"\1\4\0\0"), (50721, 10, rational(*[1, 1] * 9)),
        (52545, 7, b"\0\0\0\x10jumb"), (37724, 7, b"Adobe Photoshop Document Data Block\0"),
        (50838, 4, rational(12, 3)), (42113, 2, b"0\0"), (34412, 1, bytes(64)),
    ],
)  # fmt: skip
def test_what_tells_how_one_file_is_stored_stays_behind(
    tmp_path: Path, code: int, kind: int, data: bytes
) -> None:
    path = tmp_path / "s.tif"
    inverted: Tags = {262: (3, struct.pack("<H", 0)), 258: (3, struct.pack("<H", 8)), code: (kind, data)}
    if code == 330:
        del inverted[330]
        inverted[65000] = (13, data)
    path.write_bytes(tiff(small_picture()[..., :1], inverted))
    assert set(meant(carried_on(path))) <= {305, 338}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (b'{"shape": [12, 10, 3]}\0', False),
        (b"ImageJ=1.53k\nimages=12\nslices=12\n\0", True),
        (
            b'<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"></OME>\0',
            True,
        ),
    ],
)
def test_a_programmes_note_about_its_file_stays_behind(tmp_path: Path, words: bytes, told: bool) -> None:
    source = saved(tmp_path, {270: (2, words)})
    with open_scan(source) as scan:
        assert scan.metadata.description is None
        assert [left.code for left in scan.metadata.carried().left] == ([270] if told else [])
    assert 270 not in read_tags(carried_on(source))


def test_a_persons_description_counts_before_a_programmes(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "s.tif", small_picture(), description="Panel, recto")
    assert read_with_tifffile(carried_on(tmp_path / "s.tif"), 270) == "Panel, recto"


def test_a_picture_turned_upright_calls_for_no_further_turn(tmp_path: Path) -> None:
    xmp = b"<rdf:Description tiff:Orientation=\"6\" xmp:Label='6'><tiff:Orientation>8</tiff:Orientation>"
    lying: Tags = {
        274: (3, struct.pack("<H", 6)),
        282: (5, rational(300, 1)),
        283: (5, rational(600, 1)),
        286: (5, rational(1, 1)),
        700: (1, xmp),
        34665: (4, exif()),
    }
    found = meant(carried_on(saved(tmp_path, lying)))
    assert not {274, 286} & set(found)
    assert (found[282][1], found[283][1]) == (rational(600, 1), rational(300, 1))
    assert found[700][1] == xmp.replace(b'"6"', b'"1"').replace(b">8<", b">1<")
    inner = found[34665][1]
    assert isinstance(inner, dict)
    assert (inner[40962], inner[40963]) == ((4, rational(12)), (4, rational(10)))


def test_colours_that_became_srgb_lose_their_own_profile_and_primaries(tmp_path: Path) -> None:
    tags: Tags = {**every_block(), 262: (3, struct.pack("<H", 5)), 258: (3, struct.pack("<4H", *[8] * 4))}
    inks = np.zeros((12, 10, 4), np.uint8)
    (tmp_path / "s.tif").write_bytes(tiff(inks, tags, opaque=(33723,)))
    with open_scan(tmp_path / "s.tif") as scan:
        profile = scan.metadata.icc
    found = meant(carried_on(tmp_path / "s.tif"))
    assert found[34675] == (7, profile)
    assert found[34675] != tags[34675]
    assert set(found) == set(every_block()) - {318}


def test_a_field_that_was_changed_is_what_is_written(tmp_path: Path) -> None:
    from dataclasses import replace

    with open_scan(saved(tmp_path, every_block())) as scan:
        changed = replace(scan.metadata, artist="Cleo", description=None, pixels_per_mm=20.0)
        finish(write_pyramid(scan, tmp_path / "p.tif", metadata=changed))
    found = meant(tmp_path / "p.tif")
    assert found[315] == (2, b"Cleo\0")
    assert 270 not in found
    assert found[282] == found[283] == (5, rational(200, 1))
    assert found[33432] == every_block()[33432]


DAMAGED: list[tuple[Tags, int, str]] = [
    ({34665: (4, rational(10**6))}, 34665, "damaged or cut off"),
    ({34665: (3, b"\0\0")}, 34665, "does not say where"),
    ({34665: (4, {36867: (2, b"x\0"), 40965: (4, {40965: (4, {40965: (4, {})})})})}, 40965, "circle"),
    ({65001: (13, rational(8))}, 65001, "only its maker"),
    ({34665: (4, {330: (4, rational(8)), 40000: (13, rational(8))})}, 40000, "only its maker"),
    ({65002: (7, bytes(3000))}, 65002, "larger than"),
]  # fmt: skip


@pytest.mark.parametrize(("tags", "code", "reason"), DAMAGED)
def test_a_bad_block_stays_behind_with_a_reason_and_the_rest_travels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tags: Tags, code: int, reason: str
) -> None:
    monkeypatch.setattr(carried, "MAX_BYTES", 2000)
    source = saved(tmp_path, {**tags, 315: (2, b"Anna\0")})
    with open_scan(source) as scan:
        (left,) = scan.metadata.carried().left
        assert left.code == code
        assert reason in left.reason
    found = meant(carried_on(source))
    assert found[315] == (2, b"Anna\0")
    assert code not in found


@pytest.mark.parametrize("order", ORDERS)
def test_a_value_beyond_the_end_never_makes_a_scan_unreadable(tmp_path: Path, order: str) -> None:
    data = tiff(small_picture(), {65000: (7, b"x" * 100)}, order)
    at = data.index(in_order(3, struct.pack("<H", 65000), order) + in_order(3, struct.pack("<H", 7), order))
    cut = data[: at + 8] + in_order(4, rational(len(data)), order) + data[at + 12 :]
    (tmp_path / "s.tif").write_bytes(cut)
    assert np.array_equal(whole(tmp_path / "s.tif"), small_picture())
    with open_scan(tmp_path / "s.tif") as scan:
        assert [(left.code, left.reason) for left in scan.metadata.carried().left] == [
            (65000, "it lies beyond the end of the file")
        ]


def test_more_tags_than_any_honest_file_has_are_cut(tmp_path: Path) -> None:
    many: Tags = {code: (3, struct.pack("<H", 7)) for code in range(60000, 62000)}
    source = saved(tmp_path, many)
    with open_scan(source) as scan:
        assert len(scan.metadata.carried().tags) == carried.MAX_TAGS
        assert len(scan.metadata.carried().left) == 1
    assert np.array_equal(whole(carried_on(source)), small_picture())


def test_large_tags_are_not_read_to_show_a_picture(tmp_path: Path) -> None:
    source = saved(tmp_path, {65000: (7, b"\x07" * 200_000), 315: (2, b"Anna\0")})
    with open_scan(source) as scan:
        at = source.read_bytes().index(b"\x07" * 100)
        with source.open("r+b") as file:
            file.seek(at)
            file.write(b"\x08" * 200_000)
        (tag,) = (tag for tag in scan.metadata.carried().tags if tag.code == 65000)
    assert tag.data == b"\x08" * 200_000


@pytest.mark.parametrize("order", ORDERS)
def test_what_a_jpeg_carries_becomes_tags(tmp_path: Path, order: str) -> None:
    told: Tags = {
        271: (2, b"Maker\0"),
        274: (3, struct.pack("<H", 1)),
        306: (2, b"2024:05:17 10:11:12\0"),
        315: (2, b"Anna\0"),
        34665: (4, exif()),
        34853: (4, {1: (2, b"N\0")}),
    }
    resources = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(IPTC)) + IPTC
    out = BytesIO()
    Image.fromarray(small_picture()).save(
        out, "JPEG", quality=95, dpi=(300, 299), icc_profile=b"profile" * 40, xmp=b"<x/>",
        exif=b"Exif\0\0" + exif_block(told, order),
    )  # fmt: skip
    segment = b"Photoshop 3.0\0" + resources
    jpeg = out.getvalue()
    whole_file = jpeg[:2] + b"\xff\xed" + struct.pack(">H", len(segment) + 2) + segment + jpeg[2:]
    (tmp_path / "s.jpg").write_bytes(whole_file)
    found = meant(carried_on(tmp_path / "s.jpg"))
    expected: Tags = {
        **{code: value for code, value in told.items() if code != 274},
        282: (5, rational(300, 1)),
        283: (5, rational(299, 1)),
        296: (3, struct.pack("<H", 2)),
        305: (2, SOFTWARE.encode() + b"\0"),
        700: (1, b"<x/>"),
        33723: (7, IPTC),
        34377: (1, resources),
        34675: (7, b"profile" * 40),
    }
    assert plain(found) == plain(expected)


def test_a_jpeg_on_its_side_has_its_scale_turned_too(tmp_path: Path) -> None:
    side = exif_block({274: (3, struct.pack("<H", 6))}, ">")
    Image.fromarray(small_picture()).save(tmp_path / "s.jpg", dpi=(300, 600), exif=b"Exif\0\0" + side)
    with open_scan(tmp_path / "s.jpg") as scan:
        assert scan.metadata.pixels_per_mm == 600 / 25.4
    found = meant(carried_on(tmp_path / "s.jpg"))
    assert (found[282][1], found[283][1]) == (rational(600, 1), rational(300, 1))


def test_what_a_png_carries_becomes_tags(tmp_path: Path) -> None:
    from PIL.PngImagePlugin import PngInfo

    words = PngInfo()
    words.add_text("Author", "Anna")
    words.add_itxt("Description", "Öl auf Holz")
    words.add_itxt("XML:com.adobe.xmp", "<x/>")
    Image.fromarray(small_picture()).save(
        tmp_path / "s.png", pnginfo=words, dpi=(300, 300), exif=exif_block({34665: (4, exif())}, ">")
    )
    found = meant(carried_on(tmp_path / "s.png"))
    assert found[270][1] == "Öl auf Holz\0".encode()
    assert found[282] == (5, rational(11811, 100))
    assert (found[315][1], found[700][1]) == (b"Anna\0", b"<x/>")
    assert plain({34665: found[34665]}) == plain({34665: (4, exif())})


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_a_damaged_exif_of_a_jpeg_stays_behind(tmp_path: Path) -> None:
    Image.fromarray(small_picture()).save(tmp_path / "s.jpg", exif=b"Exif\0\0MM\0*\0\0\xff\xff")
    with open_scan(tmp_path / "s.jpg") as scan:
        assert [left.code for left in scan.metadata.carried().left] == [34665]


def test_the_second_part_of_a_large_xmp_in_a_jpeg_is_named(tmp_path: Path) -> None:
    out = BytesIO()
    Image.fromarray(small_picture()).save(out, "JPEG", xmp=b"<x/>")
    segment = b"http://ns.adobe.com/xmp/extension/\0" + bytes(60)
    jpeg = out.getvalue()
    (tmp_path / "s.jpg").write_bytes(
        jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + jpeg[2:]
    )
    with open_scan(tmp_path / "s.jpg") as scan:
        carried_now = scan.metadata.carried()
    assert [tag.data for tag in carried_now.tags if tag.code == 700] == [b"<x/>"]
    assert [left.code for left in carried_now.left] == [700]


@settings(max_examples=120, deadline=None)
@given(data=st.data(), order=st.sampled_from(ORDERS), big=st.booleans())
def test_no_changed_byte_makes_metadata_anything_but_tags_or_a_reason(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, order: str, big: bool
) -> None:
    path = saved(tmp_path_factory.mktemp("flip"), every_block(), order, big)
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(360, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(raw)
    if refused(lambda: carried_on(path)):
        return
    before, after = codes_told(path), codes_told(path.with_name("p.tif"))
    assert before - {11, 305} == after - {11, 305}


def codes_told(path: Path) -> set[int]:
    """Return the tags that `info` tells of, having let it put all it knows into words."""
    with open_scan(path) as scan:
        facts = facts_of(scan)
        assert page_lines(scan.page, facts)
    assert sum(block.bytes for block in facts.blocks) < carried.MAX_BYTES
    return {block.code for block in facts.blocks}


def test_pictures_from_no_file_carry_what_they_say(tmp_path: Path) -> None:
    assert Metadata(artist="Anna").carried().tags == ()


TRAVELLING = (
    269, 270, 271, 272, 282, 283, 285, 296, 297, 305, 306, 315, 316, 700, 33432, 33723, 34377, 34853, 50341,
)  # fmt: skip


def test_what_real_files_say_travels(shared_data: Path, tmp_path: Path) -> None:
    """tifffile reads the same values in the pyramid as in the scan."""
    compared = 0
    for source in sorted((shared_data / "tiffs" / "image-tiff").rglob("*.tif*")):
        if source.stat().st_size > 1_500_000:
            continue
        try:
            with open_scan(source) as scan:
                if scan.page.orientation != 1 or scan.metadata.carried().left:
                    continue
                finish(write_pyramid(scan, tmp_path / "p.tif"))
            said = values(source)
        except (ScanError, ValueError, TypeError, tifffile.TiffFileError):
            continue
        found = values(tmp_path / "p.tif")
        told = {code: value for code, value in said.items() if code in TRAVELLING}
        if str(told.get(270)).startswith('{"shape"'):
            del told[270]
        assert {code: found.get(code) for code in told} == told, source.name
        compared += len(told)
    assert compared > 300


def values(path: Path) -> dict[int, object]:
    with tifffile.TiffFile(path) as file:
        return {tag.code: tag.value for tag in file.pages.first.tags if tag.count}
