"""An exhibit as one folder for phones, kiosks and the web: a GLB, its signed textures, its words, an index.

1. The pictures become textures, each signed with its scan as its parent.
2. The signed textures go into the GLB as they are, so that one taken out of it still tells where it is from.
3. Words and places are written beside it, and an index with the hash of every file.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from workstation.errors import ExhibitError
from workstation.exhibits.contents import base_content, list_content, overlay_content, scene_content
from workstation.exhibits.folder import INDEX, check_target, index_of, new_folder
from workstation.exhibits.frame import Frame, check_shape, fitted
from workstation.exhibits.glb import Media, glb
from workstation.exhibits.overlay import Texture, changed, marked, overlay, picture
from workstation.exhibits.scene import Signed, description, scene_of
from workstation.exhibits.spec import Exhibit, Overlay, Picture
from workstation.files import FileKind, FileMade
from workstation.jobs import Job, Progress

if TYPE_CHECKING:
    from workstation.credentials.certificates import Studio
    from workstation.credentials.content import Content
    from workstation.scans.source import TileSource

SCENE, PLACES = "exhibit.glb", "hotspots.json"
SUFFIXES: dict[Media, str] = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}


def build(
    exhibit: Exhibit, out: Path, studio: Studio, *, webp: bool = False, replace: bool = False
) -> Job[tuple[FileMade, ...]]:
    """Build the exhibit in the folder `out`, which is there whole or not at all; return its files.

    With `webp` the textures are a third of the size, but some viewers (Unity's) do not know them.
    """
    check_target(out, replace)
    steps = len(exhibit.overlays) + 3
    with new_folder(out, replace) as (folder, drafts):
        (folder / "textures").mkdir()
        work = _Work(exhibit, folder, drafts, studio, webp)
        for number in range(len(exhibit.overlays) + 1):
            yield Progress(number, steps, "Making the textures")
            yield from work.add_texture(number)
        yield Progress(steps - 2, steps, "Composing the scene")
        work.add_scene()
        yield Progress(steps - 1, steps, "Writing words and index")
        work.add_lists()
    yield Progress(steps, steps, "Done")
    return tuple(FileMade(out / one.path.relative_to(folder), one.kind, one.sha256) for one in work.made)


class _Work:
    """One exhibit on its way into a folder."""

    def __init__(self, exhibit: Exhibit, folder: Path, drafts: Path, studio: Studio, webp: bool) -> None:
        self.exhibit, self.folder, self.drafts, self.studio, self.webp = exhibit, folder, drafts, studio, webp
        self.frame = _frame(exhibit)
        self.textures: list[Signed] = []
        self.made: list[FileMade] = []

    def add_texture(self, number: int) -> Job[None]:
        """Make and sign the base texture (0) or that of an overlay (1, 2, …)."""
        exhibit, shown = self.exhibit, None if number == 0 else self.exhibit.overlays[number - 1]
        pixels = yield from _texture(exhibit, shown, self.frame)
        media: Media = "image/webp" if self.webp else "image/png" if pixels.shape[2] == 4 else "image/jpeg"
        name = f"textures/{f'overlay-{number}' if shown else 'painting'}{SUFFIXES[media]}"
        draft = self.drafts / Path(name).name
        _save(pixels, draft, media)
        content = (
            overlay_content(shown, exhibit.picture, name) if shown else base_content(exhibit.picture, name)
        )
        self._export(draft, name, "overlay", content)
        self.textures.append(Signed(name, (self.folder / name).read_bytes(), media))

    def add_scene(self) -> None:
        """Write and sign the GLB."""
        draft = self.drafts / SCENE
        draft.write_bytes(glb(scene_of(self.exhibit, self.frame, self.textures)))
        files = [self.folder / texture.name for texture in self.textures]
        self._export(draft, SCENE, "bundle", scene_content(_title(self.exhibit), files))

    def add_lists(self) -> None:
        """Write and sign the words and places, then the index of all files."""
        words = description(self.exhibit, self.frame, [texture.name for texture in self.textures])
        self._export(self._json(PLACES, words), PLACES, "record", list_content(PLACES, []))
        index = index_of(self.made, self.folder)
        self._export(self._json(INDEX, index), INDEX, "record", list_content(INDEX, []))

    def _json(self, name: str, values: dict[str, Any]) -> Path:
        draft = self.drafts / name
        draft.write_text(json.dumps(values, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        return draft

    def _export(self, draft: Path, name: str, kind: FileKind, content: Content) -> None:
        from workstation.credentials.door import export

        self.made.extend(export(draft, self.folder / name, kind, content, self.studio))


def _title(exhibit: Exhibit) -> str:
    return exhibit.title[exhibit.languages[0]]


def _frame(exhibit: Exhibit) -> Frame:
    with _Sources() as sources:
        full = sources.open(exhibit.picture).levels[0]
        for shown in (exhibit.picture, *(one.picture for one in exhibit.overlays)):
            size = sources.open(shown).levels[0]
            check_shape(exhibit.width_mm, exhibit.height_mm, (size.width, size.height), shown.path.name)
    return fitted(exhibit.width_mm, exhibit.height_mm, (full.width, full.height), exhibit.texture_px)


def _texture(exhibit: Exhibit, shown: Overlay | None, frame: Frame) -> Job[Texture]:
    with _Sources() as sources:
        if shown is None:
            return (yield from picture(sources.open(exhibit.picture), frame, exhibit.picture.path.name))
        source, name = sources.open(shown.picture), shown.picture.path.name
        colours, seen = (yield from picture(source, frame, name)), None
        if shown.show == "changes":
            seen = yield from changed(sources.open(exhibit.picture), source, frame, name)
        if shown.mask:
            mask = yield from marked(sources.open(shown.mask), source, frame, shown.mask.path.name)
            seen = mask if seen is None else mask * (seen > 0)
        return colours if seen is None else overlay(colours, seen, frame)


def _save(pixels: Texture, target: Path, media: Media) -> None:
    image = Image.fromarray(pixels)
    if media == "image/webp":
        image.save(target, "WEBP", quality=88, method=4, exact=True)
    elif media == "image/png":
        image.save(target, "PNG")
    else:
        image.save(target, "JPEG", quality=92, subsampling=0)


class _Sources:
    """Scans that are open for a while, and were whole as far as they were read."""

    def __init__(self) -> None:
        self.stack = ExitStack()
        self.opened: list[tuple[str, TileSource]] = []

    def __enter__(self) -> _Sources:
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        damaged = [name for name, source in self.opened if source.damaged]
        self.stack.close()
        if damaged and kind is None:
            raise ExhibitError(
                f"{damaged[0]} has damaged tiles, which visitors would see. Look for a good copy "
                "(workstation check names the tiles)."
            )

    def open(self, shown: Picture) -> TileSource:
        from workstation.scans.opening import open_scan

        source = self.stack.enter_context(open_scan(shown.path, shown.page))
        self.opened.append((shown.path.name, source))
        return source
