"""What is remembered: one SQLite file beside a folder of masks and results."""
