"""Restoration: operations declared once, applied block by block, recorded and replayable."""
