"""The phantom: a made-up panel painting whose truth is known, computed by tile from a seed."""
