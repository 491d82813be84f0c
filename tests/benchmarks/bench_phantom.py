"""How fast the phantom's layers are computed: processor time, one thread."""

from __future__ import annotations

import subprocess
import sys
import time

from workstation.phantom.phantom import KINDS, Phantom

FIRST = """
import time
from workstation.phantom.phantom import Phantom
started = time.process_time()
picture = Phantom(1600, seed=7).layer("VIS")
level = picture.levels[-1]
picture.read(len(picture.levels) - 1, 0, level.height, 0, level.width)
print(time.process_time() - started)
"""


def main() -> None:
    """Print megapixels a second of each layer at three resolutions, and of making the panel."""
    first = [float(subprocess.check_output([sys.executable, "-c", FIRST])) for _ in range(3)]
    print(f"first coarse picture, CPU s, fresh process: {min(first):.2f} (best of 3)")
    started = time.process_time()
    Phantom(seed=4242)._panel  # noqa: B018
    print(f"panel made in {time.process_time() - started:.2f} s")
    print(f"{'layer':8}{'width':>9}{'block':>14}{'s':>8}{'Mpx/s':>8}")
    for width in (1600, 3000, 230_000):
        for kind in KINDS:
            picture = Phantom(width, seed=4242).layer(kind)
            level = picture.levels[0]
            block = (min(level.height, 1200), min(level.width, 1600))
            y, x = (level.height - block[0]) // 2, (level.width - block[1]) // 2
            started = time.process_time()
            picture.read(0, y, y + block[0], x, x + block[1])
            taken = time.process_time() - started
            size = f"{block[1]}×{block[0]}"
            print(f"{kind:8}{width:>9}{size:>14}{taken:>8.2f}{block[0] * block[1] / 1e6 / taken:>8.2f}")


if __name__ == "__main__":
    main()
