"""What is remembered: one SQLite file beside a folder of masks, results and previews."""
