"""Signing and verifying against SHA-256 of the same file, in time and memory.

Run: python -m tests.benchmarks.bench_credentials [MEBIBYTES]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CASES = {
    "hash": "sha256_of(draft)",
    "sign beside": "signing.beside(sha256_of(draft))",
    "sign inside": "signing.inside(draft, target, 'image/tiff')",
    "export beside": "export(draft, target, 'scan', content, studio)",
    "verify beside": "verify(target, studio.anchor)",
    "verify inside": "verify(target, studio.anchor)",
}
PREPARE = """
import sys
from pathlib import Path
from tests.benchmarks.bench_credentials import prepare
prepare(Path(sys.argv[1]), int(sys.argv[2]))
"""
SCRIPT = """
import json, resource, sys, time
from pathlib import Path
from workstation.credentials.certificates import load_studio
from workstation.credentials.content import Action, Content
from workstation.credentials.door import export
from workstation.credentials.signing import Signing
from workstation.credentials.verifying import verify
from workstation.files import sha256_of
folder, draft, target = (Path(word) for word in sys.argv[2:])
studio = load_studio(folder)
content = Content("bench", (Action("c2pa.created", "algorithmicMedia"),))
signing = Signing(content, studio)
verify(Path(__file__) if "__file__" in globals() else folder / "signing.pem", "")  # load the library first
start = time.process_time()
result = eval(sys.argv[1])
used = time.process_time() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([used, peak, str(getattr(result, "state", ""))]))
"""


def main() -> None:
    """Print one row for each case: CPU seconds, their ratio to hashing, peak memory, verdict."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 256
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, "-c", PREPARE, name, str(size)], check=True)  # its memory is not ours
        drafts = {"inside": folder / "classic.tif", "beside": folder / "big.tif"}
        print(f"{time.strftime('%Y-%m-%d')}, {size} MiB")
        print(f"{'case':16} {'CPU s':>8} {'× hash':>8} {'peak MB':>8}  state")
        base = 0.0
        for case, code in CASES.items():
            kind = "inside" if case.endswith("inside") else "beside"
            words = [sys.executable, "-c", SCRIPT, code, str(folder / "studio"), str(drafts[kind])]
            made = subprocess.run(
                [*words, str(folder / f"{kind}.out.tif")], capture_output=True, check=True, text=True
            )
            used, memory, state = json.loads(made.stdout)
            base = base or used
            print(f"{case:16} {used:8.2f} {used / base:8.2f} {memory:8.0f}  {state}")


def prepare(folder: Path, size: int) -> None:
    """Make a studio and two files of `size` MiB."""
    import numpy as np
    import tifffile

    from workstation.credentials.certificates import create_studio

    create_studio(folder / "studio", studio="Bench", person="Bench")
    pixels = np.random.default_rng(0).integers(0, 255, (size * 512, 2048), dtype=np.uint8)
    tifffile.imwrite(folder / "classic.tif", pixels, metadata=None)
    tifffile.imwrite(folder / "big.tif", pixels, metadata=None, bigtiff=True)


if __name__ == "__main__":
    main()
