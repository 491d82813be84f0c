"""Measurements: each bench_*.py prints a table; nothing here is asserted."""
