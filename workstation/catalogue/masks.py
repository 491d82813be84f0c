"""Masks on the disk, named by the hash of what they mark."""

from __future__ import annotations

from pathlib import Path

from workstation.catalogue import checking
from workstation.catalogue.shelf import Shelf
from workstation.errors import CatalogueError, MaskError
from workstation.files import replacing
from workstation.operations.mask import Mask
from workstation.operations.packing import read, write


class Masks(Shelf):
    """The part of the catalogue that keeps masks."""

    def store_mask(self, mask: Mask) -> str:
        """Keep a mask and return its SHA-256; the same mask is kept once."""
        sha256 = mask.sha256()
        target = self.mask_path(sha256)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            with replacing(target) as temporary, temporary.open("wb") as file:
                write(mask, file)
        return sha256

    def mask(self, sha256: str) -> Mask:
        """Read a mask that was kept; CatalogueError where it is not there or was altered."""
        target = self.mask_path(sha256)
        try:
            with target.open("rb") as file:
                mask, found = read(file)
        except FileNotFoundError:
            raise CatalogueError(
                f"The mask {sha256} is not in the catalogue's folder {self.folder}."
            ) from None
        except MaskError:
            raise CatalogueError(_altered(target)) from None
        if found != sha256:
            raise CatalogueError(_altered(target))
        return mask

    def has_mask(self, sha256: str) -> bool:
        """Tell whether a mask is kept."""
        return self.mask_path(sha256).exists()

    def mask_path(self, sha256: str) -> Path:
        """Return where the mask of that hash lies or is to lie."""
        return self.folder / "masks" / checking.sha256(sha256, "mask")[:2] / f"{sha256}.mask"


def _altered(path: Path) -> str:
    return (
        f"The mask {path.name} in the catalogue's folder was altered or is damaged. Put it back from a copy."
    )
