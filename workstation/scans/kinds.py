"""Which kind of picture a scan is, told from museum names (AIC guide: `1957.12_BT_recto_UVF_01`)."""

from __future__ import annotations

import re

_CODES = {
    "VIS": "VIS", "NL": "VIS", "RGB": "VIS",
    "IRR": "IRR", "IR": "IRR", "SWIR": "IRR", "NIR": "IRR",
    "IRL": "IRL", "IRT": "IRT", "FCIR": "FCIR", "IRFC": "FCIR",
    "UVF": "UVF", "UVV": "UVF", "UVL": "UVF", "UV": "UVF", "UVR": "UVR",
    "RAK": "RAK", "RL": "RAK", "RAKING": "RAK",
    "XR": "XR", "XRR": "XR", "XRAY": "XR",
    "TL": "TL", "TRANS": "TL",
    "SPEC": "SPEC", "MACRO": "MACRO",
}  # fmt: skip
_WORDS = {
    "visible": "VIS",
    "infrared": "IRR",
    "reflectogram": "IRR",
    "ultraviolet": "UVF",
    "fluorescence": "UVF",
    "raking": "RAK",
    "radiograph": "XR",
    "transmitted": "TL",
}


def kind_of(*names: str | None) -> str | None:
    """Return the kind that the first telling name tells: page name, description, file name; else None."""
    for name in names:
        kind = _kind_in(name[:1000]) if name else None
        if kind:
            return kind
    return None


def _kind_in(name: str) -> str | None:
    prose = name.count(" ") > 3  # in a sentence only capitals are codes
    for word in re.findall(r"[A-Za-z]+", re.sub(r"(?i)x-?ray", "XRAY", name)):
        code = word if prose else word.upper()
        if code in _CODES:
            return _CODES[code]
        if word.lower() in _WORDS:
            return _WORDS[word.lower()]
    return None
