"""Pixels in and out: scans of any kind and size as tile sources, and the writer of pyramids."""
