"""Everything the workstation does, without a window: no Qt, no napari, torch only inside functions."""

VERSION = "0.1.0"
