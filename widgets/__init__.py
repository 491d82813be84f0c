"""The window: PyQt6 and napari over the core. Never imports torch."""
