"""Results whose pixels are as they were, signed anew with records that lie."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workstation.credentials.certificates import Studio
from workstation.credentials.content import Action, Attachment, Content, Ingredient
from workstation.credentials.door import export
from workstation.credentials.recalling import recall
from workstation.credentials.tiffs import unsigned_copy

Change = Callable[[list[dict[str, Any]], dict[str, bytes]], None]


def lying(result: Path, scan: Path, studio: Studio, change: Change) -> Path:
    """Sign the pixels of a result anew, with records and masks that `change` has changed."""
    told = recall(result, studio.anchor)
    records, masks = copy.deepcopy(list(told.records)), dict(told.attachments or {})
    change(records, masks)
    actions = (Action("c2pa.opened"), Action("c2pa.edited", "algorithmicallyEnhanced"))
    parts = tuple(Attachment(name, data) for name, data in masks.items())
    content = Content("lie", actions, (Ingredient(scan, scan.name),), tuple(records), attachments=parts)
    bare, liar = result.with_name("bare.tif"), result.with_name("liar.tif")
    unsigned_copy(result, bare, replace=True)
    export(bare, liar, "restored", content, studio, replace=True)
    bare.unlink()
    return liar


def with_parameters(**parameters: float) -> Change:
    """Have every record tell these parameters alone."""

    def change(records: list[dict[str, Any]], masks: dict[str, bytes]) -> None:
        for record in records:
            record["parameters"] = dict(parameters)

    return change
