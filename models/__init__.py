"""Networks and solvers in torch: arrays in, arrays out. Knows nothing of scans, operations or windows."""
