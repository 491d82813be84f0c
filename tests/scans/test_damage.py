from __future__ import annotations

import errno
import resource
import struct
import subprocess
import sys
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.scans.pictures import picture, written
from tests.scans.test_opening import save, whole
from workstation import portable
from workstation.errors import ChangedError, ScanError
from workstation.jobs import finish
from workstation.portable import ReadOnlyFile
from workstation.scans import rooms
from workstation.scans.cache import TILES
from workstation.scans.checking import check_file
from workstation.scans.facts import facts_of_pages
from workstation.scans.opening import describe, open_scan
from workstation.scans.pngrows import saved_rows
from workstation.scans.pyramid import write_pyramid
from workstation.scans.source import ArraySource, Damage


def look(path: Path) -> tuple[Damage, ...]:
    """Open every page, read every level whole, and return the damage."""
    found: list[Damage] = []
    for page in describe(path).pages:
        with open_scan(path, page.index) as scan:
            for index, level in enumerate(scan.levels):
                block = scan.read(index, 0, level.height, 0, level.width)
                assert block.shape == (level.height, level.width, level.channels)
            found += scan.damaged
    return tuple(found)


def one_sentence(text: str) -> bool:
    return "\n" not in text and text.endswith(".") and len(text) < 500


def refused(work: Callable[[], object]) -> bool:
    """Do `work`, which may end in one sentence but in nothing worse, and tell whether it did."""
    try:
        work()
    except ScanError as error:
        text = str(error)
    else:
        return False
    assert one_sentence(text)
    return True


def glance(path: Path, size: int) -> tuple[Damage, ...]:
    """Read a corner of every level of the first page, and return the damage."""
    with open_scan(path) as scan:
        for index, level in enumerate(scan.levels):
            scan.read(index, 0, min(level.height, size), 0, min(level.width, size))
        return scan.damaged


def tile_at(path: Path, index: int) -> tuple[int, int]:
    with tifffile.TiffFile(path) as file:
        page = file.pages.first
        return page.dataoffsets[index], page.databytecounts[index]


@pytest.mark.parametrize("compression", ["deflate", "zstd", "lzw", "jpeg"])
@pytest.mark.parametrize("index", [0, 3, 5])
def test_a_damaged_tile_is_zeros_and_named_and_the_others_stay(
    tmp_path: Path, compression: str, index: int
) -> None:
    pixels = picture(600, 900)
    path = written(pixels, tmp_path / "p.tif", compression, tile=304)  # type: ignore[arg-type]
    with open_scan(path) as scan:
        sound = scan.read(0, 0, 600, 0, 900)
    offset, _ = tile_at(path, index)
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(b"\x55" * 40)
    with open_scan(path) as scan:
        found = scan.read(0, 0, 600, 0, 900)
        assert [(d.page, d.level, d.row, d.column) for d in scan.damaged] == [(0, 0, index // 3, index % 3)]
        assert scan.damaged[0].reason
    y, x = index // 3 * 304, index % 3 * 304
    assert not found[y : y + 304, x : x + 304].any()
    sound = sound.copy()
    sound[y : y + 304, x : x + 304] = 0
    assert np.array_equal(found, sound)
    assert len(finish(check_file(path))) == 1


def test_a_bit_flipped_inside_a_deflate_tile_is_found(tmp_path: Path) -> None:
    path = written(picture(300, 300), tmp_path / "p.tif", "deflate", tile=304)
    offset, count = tile_at(path, 0)
    data = bytearray(path.read_bytes())
    data[offset + count // 2] ^= 0x10
    path.write_bytes(data)
    assert [(d.row, d.column) for d in look(path)] == [(0, 0)]


@pytest.mark.parametrize("compression", ["zstd", "deflate"])
def test_any_bit_flipped_in_a_tile_that_we_wrote_is_found(tmp_path: Path, compression: str) -> None:
    path = tmp_path / "ours.tif"
    finish(write_pyramid(ArraySource(picture(60, 60, 3)), path, tile=64, compression=compression))  # type: ignore[arg-type]
    whole = path.read_bytes()
    with tifffile.TiffFile(path) as file:
        start, count = file.pages[0].dataoffsets[0], file.pages[0].databytecounts[0]
    for at in np.random.default_rng(5).integers(0, count * 8, 200):
        data = bytearray(whole)
        data[start + at // 8] ^= 1 << at % 8
        path.write_bytes(data)
        with open_scan(path) as scan:
            pixels = scan.read(0, 0, 60, 0, 60)
            same = np.array_equal(pixels, picture(60, 60, 3))
            assert scan.damaged or same, f"bit {at} of {count * 8} changes pixels unseen"


@pytest.mark.parametrize("kind", ["one strip", "strips", "tiles", "deflate", "pyramid"])
def test_a_file_cut_off_anywhere_is_refused_or_named_or_still_whole(tmp_path: Path, kind: str) -> None:
    """Some writers put the directory before the pixels, some behind."""
    options = {"one strip": {}, "strips": {"rowsperstrip": 8}, "tiles": {"tile": (32, 32)}}
    pixels, path, cut = picture(64, 80), tmp_path / "s.tif", tmp_path / "cut.tif"
    if kind == "pyramid":
        written(pixels, path, "deflate", tile=32)
    else:
        save(path, pixels, **options.get(kind, {"compression": "zlib"}))
    data = path.read_bytes()
    for end in {*range(0, len(data), max(1, len(data) // 150)), 1, 4, 7, 8, 15, 16, len(data) - 1}:
        cut.write_bytes(data[:end])
        assert refused(lambda: look(cut)) or look(cut) or np.array_equal(whole(cut), pixels), end


def test_rows_that_were_cut_off_are_zeros_and_the_rest_is_there(tmp_path: Path) -> None:
    pixels = picture(64, 80)
    path = save(tmp_path / "s.tif", pixels, rowsperstrip=8)
    offset, _ = tile_at(path, 4)
    path.write_bytes(path.read_bytes()[: offset + 3 * 80 * 3])
    with open_scan(path) as scan:
        found = scan.read(0, 0, 64, 0, 80)
        assert {d.row for d in scan.damaged} == {4, 5, 6, 7}
    assert np.array_equal(found[:35], pixels[:35])
    assert not found[35:].any()


@settings(max_examples=100, deadline=None)
@given(data=st.data(), kind=st.sampled_from(["pyramid", "strips", "jpeg"]))
def test_no_changed_byte_gives_anything_but_pixels_or_one_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, kind: str
) -> None:
    folder = tmp_path_factory.mktemp("flip")
    if kind == "strips":
        path = save(folder / "s.tif", picture(40, 50), rowsperstrip=8)
    else:
        path = written(picture(40, 50), folder / "s.tif", "jpeg" if kind == "jpeg" else "deflate", tile=32)
    raw = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as file:
        first = file.pages.first.offset
    for _ in range(data.draw(st.integers(1, 4))):
        places = st.one_of(st.integers(0, len(raw) - 1), st.integers(first, min(first + 260, len(raw) - 1)))
        raw[data.draw(places)] = data.draw(st.integers(0, 255))
    path.write_bytes(raw)
    refused(lambda: glance(path, 64))


def classic(entries: list[tuple[int, int, int, int]], after: int = 0, rest: bytes = b"") -> bytes:
    """Return a TIFF with one directory at 8, of (tag, type, count, value)."""
    table = b"".join(struct.pack("<HHII", *entry) for entry in sorted(entries))
    return struct.pack("<2sHIH", b"II", 42, 8, len(entries)) + table + struct.pack("<I", after) + rest


PLAIN = [
    (256, 4, 1, 10), (257, 4, 1, 10), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
    (273, 4, 1, 200), (277, 3, 1, 1), (278, 4, 1, 10), (279, 4, 1, 100),
]  # fmt: skip


def test_the_plain_directory_itself_opens(tmp_path: Path) -> None:
    (tmp_path / "s.tif").write_bytes(classic(PLAIN, rest=bytes(400)))
    assert look(tmp_path / "s.tif") == ()


def changed(**values: int) -> list[tuple[int, int, int, int]]:
    names = {"width": 256, "height": 257, "bits": 258, "compression": 259, "samples": 277, "rows": 278}
    new = {names[name]: value for name, value in values.items()}
    return [(code, kind, count, new.get(code, value)) for code, kind, count, value in PLAIN]


@pytest.mark.parametrize(
    "entries",
    [
        changed(width=0),
        changed(height=0),
        changed(width=2**32 - 1, height=2**32 - 1),
        changed(width=2**31, height=2**31, rows=2**31, compression=5),
        changed(width=60000, height=60000, rows=60000, compression=8),
        changed(rows=1, height=4_000_000_000),
        changed(rows=0),
        changed(samples=65535, compression=5, width=60000),
        changed(bits=17),
        changed(compression=12345),
        [*PLAIN, (330, 4, 1, 8)],
        [*PLAIN, (330, 4, 2**31, 8)],
        [*PLAIN, (330, 4, 1, 10**6)],
        [*PLAIN, (322, 4, 1, 0), (323, 4, 1, 0), (324, 4, 1, 200), (325, 4, 1, 100)],
        [*PLAIN, (322, 4, 1, 2**31), (323, 4, 1, 2**31), (324, 4, 1, 200), (325, 4, 1, 100)],
        [(code, kind, 2**28 if code == 273 else count, value) for code, kind, count, value in PLAIN],
    ],
)
def test_what_a_directory_claims_is_checked_before_memory_is_spent(
    tmp_path: Path, entries: list[tuple[int, int, int, int]]
) -> None:
    path = tmp_path / "s.tif"
    path.write_bytes(classic(entries, rest=bytes(400)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refused(lambda: open_scan(path).close()) or glance(path, 100)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


@pytest.mark.parametrize("after", [8, 10**6])
def test_directories_that_run_in_a_circle_or_out_of_the_file_are_refused(tmp_path: Path, after: int) -> None:
    (tmp_path / "s.tif").write_bytes(classic(PLAIN, after, bytes(400)))
    with pytest.raises(ScanError, match=r"run in a circle|lies beyond its end") as caught:
        describe(tmp_path / "s.tif")
    assert one_sentence(str(caught.value))


def test_a_jpeg_tile_that_claims_a_giant_picture_is_damaged(tmp_path: Path) -> None:
    path = written(picture(64, 64), tmp_path / "p.tif", "jpeg", tile=64)
    offset, count = tile_at(path, 0)
    data = bytearray(path.read_bytes())
    at = data.index(b"\xff\xc0", offset, offset + count)
    data[at + 5 : at + 9] = struct.pack(">HH", 65500, 65500)
    path.write_bytes(data)
    (damage,) = look(path)
    assert "larger than the piece" in damage.reason


def test_a_small_file_that_inflates_without_end_is_damaged_not_decoded(tmp_path: Path) -> None:
    entries = changed(width=16000, height=16000, rows=16000, compression=8)
    path = tmp_path / "s.tif"
    path.write_bytes(classic(entries, rest=bytes(400)))
    with open_scan(path) as scan:
        assert not scan.read(0, 0, 10, 0, 10).any()
        assert "cannot hold so many pixels" in scan.damaged[0].reason


def test_hundreds_of_pages_that_share_pixels_are_bounded(tmp_path: Path) -> None:
    size = 2 + 12 * len(PLAIN) + 4
    table = b"".join(struct.pack("<HHII", *entry) for entry in PLAIN)
    pages = [
        struct.pack("<H", len(PLAIN)) + table + struct.pack("<I", 8 + size * (i + 1)) for i in range(5000)
    ]
    (tmp_path / "s.tif").write_bytes(struct.pack("<2sHI", b"II", 42, 8) + b"".join(pages))
    with pytest.raises(ScanError, match="more than 4096 pages"):
        describe(tmp_path / "s.tif")


@pytest.mark.parametrize("name", ["s.jpg", "s.png"])
def test_a_picture_cut_off_anywhere_is_refused_or_named(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    Image.fromarray(picture(64, 80)).save(path)
    data = path.read_bytes()
    for end in range(0, len(data) - 20, max(1, len(data) // 60)):
        path.write_bytes(data[:end])
        assert refused(lambda: look(path)) or look(path), end


@pytest.mark.parametrize("side", [8000, 16000, 100_000])
def test_a_png_of_too_many_pixels_is_refused_at_once(tmp_path: Path, side: int) -> None:
    path = tmp_path / "s.png"
    Image.fromarray(picture(8, 8)).save(path)
    data = bytearray(path.read_bytes())
    data[16:24] = struct.pack(">II", side, side)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    path.write_bytes(data)
    with pytest.raises(ScanError, match=r"too short|too many") as caught:
        open_scan(path)
    assert one_sentence(str(caught.value))


@pytest.mark.parametrize("data", [b"", b"II", b"II*\0", b"GIF89a", b"\0" * 100, b"II+\0\7\0\0\0" + bytes(20)])
def test_what_is_no_picture_is_refused_in_one_sentence(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "s.tif").write_bytes(data)
    with pytest.raises(ScanError) as caught:
        describe(tmp_path / "s.tif")
    assert one_sentence(str(caught.value))


@pytest.mark.parametrize(
    ("photometric", "words"), [(5, "printing inks"), (10, "ITULAB"), (32803, "raw mosaic")]
)
def test_colours_without_a_plain_meaning_are_refused_by_name(
    tmp_path: Path, photometric: int, words: str
) -> None:
    entries = [(c, k, n, photometric if c == 262 else v) for c, k, n, v in PLAIN]
    (tmp_path / "s.tif").write_bytes(classic(entries, rest=bytes(400)))
    with pytest.raises(ScanError, match=words):
        open_scan(tmp_path / "s.tif")


def test_a_full_disk_ends_in_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    """The system itself refuses to write on: files of this process may not pass 1 MB."""
    code = (
        "import resource, signal, sys; from pathlib import Path; import numpy as np\n"
        "from tests.scans.pictures import picture, written\n"
        "from workstation.errors import WriteError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n"
        "try:\n    written(picture(1200, 1200), Path(sys.argv[1]), 'none')\n"
        "except WriteError as error:\n    print(error)\n"
    )
    target = tmp_path / "p.tif"
    target.write_bytes(b"old")
    run = subprocess.run([sys.executable, "-c", code, target], capture_output=True, text=True, check=True)
    assert "Cannot write" in run.stdout
    assert "Nothing was changed" in run.stdout
    assert target.read_bytes() == b"old"
    assert len(list(tmp_path.glob("*p*"))) == 1


CONTRADICTIONS: dict[str, list[tuple[int, int, int, int]]] = {
    "a palette that is no three columns": [*PLAIN, (320, 3, 2, 5)],
    "a unit of length that is many": [*PLAIN, (282, 5, 1, 200), (296, 3, 400, 200)],
    "premultiplied by an alpha that is not there": [*PLAIN, (338, 3, 1, 1)],
    "YCbCr of one channel": [(c, k, n, 6 if c == 262 else v) for c, k, n, v in PLAIN],
    "an orientation that is many": [*PLAIN, (274, 3, 300, 200)],
    "words that are numbers": [*PLAIN, (270, 12, 9, 200), (285, 4, 9, 200), (315, 11, 1, 200)],
    "a profile that is numbers": [*PLAIN, (34675, 4, 30, 200)],
    "samples of many depths": [*((c, k, n, v) for c, k, n, v in PLAIN if c != 258), (258, 3, 90, 200)],
}


@pytest.mark.parametrize("photometric", [1, 3])
@pytest.mark.parametrize("words", CONTRADICTIONS)
def test_tags_that_contradict_each_other_give_pixels_or_one_sentence(
    tmp_path: Path, words: str, photometric: int
) -> None:
    entries = [(c, k, n, photometric if (c, v) == (262, 1) else v) for c, k, n, v in CONTRADICTIONS[words]]
    path = tmp_path / "s.tif"
    path.write_bytes(classic(entries, rest=bytes(range(256)) * 8))
    refused(lambda: look(path))


def test_a_scan_that_shrinks_while_it_is_read_is_another_one_and_not_damaged(tmp_path: Path) -> None:
    for name, how in (("tiles", {"tile": (64, 64)}), ("rows", {"rowsperstrip": 8})):
        path = tmp_path / f"{name}.tif"
        tifffile.imwrite(path, picture(200, 200), photometric="rgb", **how)  # type: ignore[arg-type]
        with open_scan(path) as scan:
            scan.read(0, 0, 10, 0, 10)
            with path.open("r+b") as file:
                file.truncate(path.stat().st_size - 20_000)
            with pytest.raises(ChangedError, match="was cut off while it was read"):
                scan.read(0, 0, 200, 0, 200)
            assert scan.damaged == ()


@pytest.mark.parametrize("compression", ["zlib", "zstd"])
def test_a_tile_for_which_there_is_no_memory_just_now_is_not_called_damaged_for_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compression: str
) -> None:
    path = tmp_path / "s.tif"
    tifffile.imwrite(path, picture(600, 600), photometric="rgb", tile=(256, 256), compression=compression)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    with open_scan(path) as scan:
        rooms._idle.clear()
        monkeypatch.setattr(portable.mmap, "mmap", full)
        with pytest.raises(MemoryError):
            portable.new_pages(1 << 20)
        scan.read(0, 0, 64, 0, 64)
        assert [tile.passing for tile in scan.damaged] == [True]
        monkeypatch.undo()
    with open_scan(path) as scan:
        assert np.array_equal(scan.read(0, 0, 600, 0, 600), picture(600, 600))


def test_samples_above_what_their_bits_allow_are_damage(tmp_path: Path) -> None:
    """A codec of its own may hold more than the 3 bits that the scan says."""
    data = bytes(imagecodecs.jpeg2k_encode(np.full((10, 10), 200, np.uint8)))
    entries = [(c, k, n, {258: 3, 259: 34712, 279: len(data)}.get(c, v)) for c, k, n, v in PLAIN]
    path = tmp_path / "s.tif"
    path.write_bytes(classic(entries).ljust(200, b"\0") + data)
    (damage,) = look(path)
    assert "above 7" in damage.reason


def test_a_picture_that_its_file_cannot_hold_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "s.tif"
    path.write_bytes(classic(changed(width=2**31 - 1, rows=10), rest=bytes(400)))
    with pytest.raises(ScanError, match="cannot hold"):
        open_scan(path)


def test_damaged_strips_far_larger_than_the_cache_cost_no_memory_and_no_time(tmp_path: Path) -> None:
    """Every coarse tile needs both strips, and both are only known to be broken."""
    entries = [(c, k, n, {256: 60_000, 257: 2000, 278: 1000, 259: 8}.get(c, v)) for c, k, n, v in PLAIN]
    entries = [(c, k, 2 if c in (273, 279) else n, {273: 250, 279: 260}.get(c, v)) for c, k, n, v in entries]
    head = classic(entries).ljust(250, b"\0") + struct.pack("<2I", 400, 40_000)
    path = tmp_path / "s.tif"
    path.write_bytes((head + b"\0\0" + struct.pack("<2I", 39_000, 39_000)).ljust(80_000, b"\7"))
    with open_scan(path) as scan:
        coarsest = scan.levels[-1]
        before = TILES.bytes
        assert not scan.read(len(scan.levels) - 1, 0, coarsest.height, 0, coarsest.width).any()
        assert len(scan.damaged) == 2
        assert TILES.bytes - before < 64 << 20  # the computed levels; the strips alone would be 120 MB


def test_many_values_in_the_same_megabytes_are_not_all_taken_in(tmp_path: Path) -> None:
    size = 60 << 20
    values = [(code, 7, size, 300) for code in (320, 347, 529, 532, 34675, 42113, 50674)]
    path = tmp_path / "s.tif"
    path.write_bytes(classic([*PLAIN, *values]))
    with path.open("r+b") as file:
        file.truncate(size + 400)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused(lambda: describe(path))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000


def pages_saying(count: int, said: list[tuple[int, int, int, int]], rest: bytes, at: int = 8) -> bytes:
    """Return a TIFF of so many pages of 8 × 8 px, each with these entries; `rest` stands before them all."""
    size = [(256, 4, 1, 8), (257, 4, 1, 8), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (277, 3, 1, 1)]
    entries = sorted([*size, (273, 4, 1, at), (278, 4, 1, 8), (279, 4, 1, 64), *said])
    table = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    first, step = at + len(rest), len(table) + 4
    links = [first + step * page for page in range(1, count)] + [0]
    pages = b"".join(table + struct.pack("<I", link) for link in links)
    return struct.pack("<2sHI", b"II", 42, first) + rest + pages


@pytest.mark.parametrize("code", [270, 34675, 65000])
def test_pages_that_say_the_same_bytes_over_and_over_are_refused(tmp_path: Path, code: int) -> None:
    path, rest = tmp_path / "bomb.tif", bytes(1 << 20)
    path.write_bytes(pages_saying(300, [(code, 7, len(rest), 8)], rest))
    with pytest.raises(ScanError, match="say the same bytes over and over") as caught:
        describe(path)
    assert one_sentence(str(caught.value))


def test_directories_below_that_say_the_same_over_and_over_are_refused(tmp_path: Path) -> None:
    words = 1 << 20
    exif = struct.pack("<HHHIII", 1, 37500, 7, words, 8, 0)
    path, rest = tmp_path / "bomb.tif", bytes(words) + exif
    path.write_bytes(pages_saying(300, [(34665, 4, 1, 8 + words)], rest))
    with pytest.raises(ScanError, match="say the same bytes over and over"):
        list(facts_of_pages(path))


def test_pages_may_share_a_profile(tmp_path: Path) -> None:
    path, rest = tmp_path / "shared.tif", bytes(60_000)
    path.write_bytes(pages_saying(400, [(34675, 7, len(rest), 8)], rest))
    assert len(list(facts_of_pages(path))) == 400


def test_directories_that_lie_one_in_another_are_refused(tmp_path: Path) -> None:
    """Each begins an entry later than the one before, so that few bytes are very many entries."""
    path, step = tmp_path / "bomb.tif", 12
    entry = struct.pack("<HHII", 4000, 4000, 0, 0)
    data = struct.pack("<2sHI", b"II", 42, 8) + entry * 8000
    below = struct.pack("<140I", *(8 + step * number for number in range(140)))
    at = len(data)
    size = [(256, 4, 1, 8), (257, 4, 1, 8), (330, 4, 140, at)]
    table = struct.pack("<H", 3) + b"".join(struct.pack("<HHII", *entry) for entry in size) + bytes(4)
    path.write_bytes(struct.pack("<2sHI", b"II", 42, at + len(below)) + data[8:] + below + table)
    with pytest.raises(ScanError, match="more than 524,288 entries"):
        describe(path)


@pytest.mark.parametrize("whole", [True, False])
def test_a_table_that_can_no_longer_be_read_is_told_of_the_scan_and_not_of_what_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    """The table of so many tiles is read in parts, when somebody asks for them."""
    path, target, read_at = tmp_path / "scan.tif", tmp_path / "p.tif", ReadOnlyFile.read_at
    tifffile.imwrite(path, picture(2100, 2100, 1)[..., 0], tile=(16, 16), compression="zlib")
    with tifffile.TiffFile(path) as file:
        tag = file.pages.first.tags[324]
    assert tag.count * 4 > 1 << 16

    def failing(file: ReadOnlyFile, offset: int, count: int) -> bytes:
        if file.path == path and tag.valueoffset <= offset < tag.valueoffset + 4 * tag.count:
            if whole:
                raise OSError(errno.EIO, "Input/output error")
            return read_at(file, offset, count)[:-3]
        return read_at(file, offset, count)

    with open_scan(path) as scan:
        monkeypatch.setattr(ReadOnlyFile, "read_at", failing)
        told = "could not be read: Input/output error" if whole else "was cut off while it was read"
        with pytest.raises(ScanError, match=told) as caught:
            finish(write_pyramid(scan, target))
    assert str(path) in str(caught.value)
    assert one_sentence(str(caught.value))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["scan.tif"]


def spoilt(data: bytes, at: float) -> bytes:
    """Return a PNG with a byte of its pixels changed, so that a checksum tells."""
    place = int(len(data) * at)
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


@pytest.mark.parametrize("kind", ["grey", "RGB", "palette", "one bit", "deep", "deep with alpha"])
@pytest.mark.parametrize("harm", [spoilt, lambda data, at: data[: int(len(data) * at)]])
def test_a_png_damaged_inside_shows_the_rows_before(
    tmp_path: Path, kind: str, harm: Callable[[bytes, float], bytes]
) -> None:
    path, pixels = tmp_path / "s.png", picture(500, 700)
    if kind.startswith("deep"):
        pixels = picture(500, 700, 4 if kind == "deep with alpha" else 3, np.uint16)
        path.write_bytes(imagecodecs.png_encode(pixels))
    else:
        image = Image.fromarray(pixels)
        modes = {"grey": image.convert("L"), "palette": image.quantize(64), "one bit": image.convert("1")}
        modes.get(kind, image).save(path)
    good, data = whole(path), path.read_bytes()
    path.write_bytes(harm(data, 0.8))
    with open_scan(path) as scan:
        found = scan.read(0, 0, 500, 0, 700)
        (damage,) = scan.damaged
    assert damage.box is not None
    rows = damage.box[0]
    assert damage.box == (rows, 500, 0, 700)
    assert (rows > 0) or kind == "one bit"
    assert np.array_equal(found[:rows], good[:rows])
    assert not found[rows:].any()


def test_a_png_that_lies_on_its_side_shows_the_columns_before_the_damage(tmp_path: Path) -> None:
    path, exif = tmp_path / "s.png", Image.Exif()
    exif[274] = 6
    Image.fromarray(picture(500, 700)).save(path, exif=exif)
    good = whole(path)
    path.write_bytes(spoilt(path.read_bytes(), 0.8))
    with open_scan(path) as scan:
        found = scan.read(0, 0, 700, 0, 500)
        (damage,) = scan.damaged
    assert damage.box is not None
    left = damage.box[3]
    assert damage.box == (0, 700, 0, left)
    assert 0 < left < 500
    assert np.array_equal(found[:, left:], good[:, left:])
    assert not found[:, :left].any()


def test_an_interlaced_png_that_is_damaged_is_damaged_as_a_whole(tmp_path: Path) -> None:
    row = b"\0" + bytes(range(64))
    parts = b"IHDR" + struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 1), b"IDAT" + zlib.compress(row * 4)[:30]
    chunks = [struct.pack(">I", len(part) - 4) + part + struct.pack(">I", zlib.crc32(part)) for part in parts]
    (tmp_path / "s.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))
    with open_scan(tmp_path / "s.png") as scan:
        assert not scan.read(0, 0, 8, 0, 8).any()
        assert [damage.box for damage in scan.damaged] == [(0, 8, 0, 8)]


def test_a_damaged_png_is_read_no_further_than_its_picture_goes() -> None:
    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    row, more = b"\0" + bytes(range(8)), chunk(b"IDAT", bytes(1 << 16)) * 200
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0))
    data = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(row * 8)) + more + b"cut"
    tracemalloc.start()
    try:
        saved = saved_rows(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert saved is not None
    assert saved.rows == 8
    assert peak < 1 << 20
