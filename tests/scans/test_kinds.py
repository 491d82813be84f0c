from __future__ import annotations

import pytest

from workstation.scans.kinds import kind_of


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("1957.12_BT_recto_UVF_01", "UVF"),
        ("1957.12_AT_verso_IRR_02", "IRR"),
        ("1957.12_DT_recto_RAK-left_01", "RAK"),
        ("1957.12_BT_recto_VIS_01", "VIS"),
        ("panel_xr", "XR"),
        ("Panel X-ray mosaic", "XR"),
        ("1957.12_BT_TL_01", "TL"),
        ("infrared reflectogram", "IRR"),
        ("raking light", "RAK"),
        ("portrait_of_a_visitor", None),
        ("IMG_0123", None),
        ("", None),
    ],
)
def test_a_kind_is_read_from_a_museum_name(name: str, kind: str | None) -> None:
    assert kind_of(name) == kind


def test_a_sentence_is_not_searched_for_small_codes() -> None:
    assert kind_of("the edge of the nl and ir region") is None
    assert kind_of("the whole panel seen in UV light") == "UVF"


def test_the_page_name_goes_before_the_file_name() -> None:
    assert kind_of("IRR", None, "1957.12_VIS") == "IRR"
    assert kind_of(None, None, "1957.12_VIS") == "VIS"
