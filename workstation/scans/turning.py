"""What tags say of a picture that was turned upright: width for height, and no call to turn it once more."""

from __future__ import annotations

import re
from dataclasses import replace

from workstation.scans.orientation import ON_ITS_SIDE
from workstation.scans.tag import Tag

_XMP = 700
_EACH_OTHER = {282: 283, 283: 282, 40962: 40963, 40963: 40962, 41486: 41487, 41487: 41486}
"""Resolution, pixels in EXIF and resolution of the sensor: across and down."""
_TURN = re.compile(rb"(tiff:Orientation(?:\s*=\s*[\"']|\s*>\s*))[2-8](?=\s*[\"'<])")


def turned_tag(tag: Tag, orientation: int) -> Tag:
    """Return what a tag of the stored picture says of the upright one."""
    if orientation == 1:
        return tag
    if tag.code == _XMP:
        return replace(tag, data=_TURN.sub(rb"\g<1>1", tag.data))
    if orientation in ON_ITS_SIDE:
        return replace(tag, code=_EACH_OTHER.get(tag.code, tag.code))
    return tag
