"""Treatment and condition reports as PDF."""
