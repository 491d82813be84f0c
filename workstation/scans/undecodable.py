"""Why a tile or strip has no pixels: raised where it is decoded, named as damage where it is read."""

from __future__ import annotations

CUT_OFF = "the file is cut off before its end"


class Undecodable(Exception):  # noqa: N818
    """Why a piece has no pixels."""

    def __init__(self, reason: str, *, passing: bool = False) -> None:
        super().__init__(reason)
        self.passing = passing
        """Perhaps only now: a share of the network that did not answer, memory that others hold."""
