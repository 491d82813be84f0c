"""Overlays for augmented reality, as bundles that work without a network."""
