"""Signs copies of a TIFF in place in processes of their own, and kills each at a moment of its own.

python -m tests.credentials.killed_signing STUDIO SCAN FOLDER HOW COUNT SEED

HOW is "sign" or "unsign". Half of the processes die within a call to the system that changes a file, after a
part of its bytes; the other half after a random time.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

from workstation import inplace
from workstation.credentials.certificates import load_studio
from workstation.credentials.door import sign_in_place
from workstation.credentials.plain import content_as_it_is
from workstation.credentials.tiffs import unsign_in_place
from workstation.jobs import finish


class Mortal(ModuleType):
    """The module os, whose writes are short ones, and which dies within one of its calls."""

    def __init__(self, chance: random.Random, most: int) -> None:
        super().__init__("os")
        self.chance, self.left = chance, chance.randrange(most)

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def write(self, file: int, data: Any) -> int:
        part = os.write(file, data[: self.chance.randint(1, len(data))])
        self.age()
        return part

    def ftruncate(self, file: int, size: int) -> None:
        os.ftruncate(file, size)
        self.age()

    def fsync(self, file: int) -> None:
        os.fsync(file)
        self.age()

    def age(self) -> None:
        self.left -= 1
        if self.left < 0:
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    folder, scan, target, how, count, seed = (*map(Path, sys.argv[1:4]), *sys.argv[4:])
    chance, studio = random.Random(int(seed)), load_studio(folder)
    for number in range(int(count)):
        path = target / f"{number}.tif"
        shutil.copy(scan, path)
        within = number % 2 == 0
        died_at, wait = random.Random(chance.random()), chance.random() * 0.3
        child = os.fork()
        if child == 0:
            if within:
                vars(inplace)["os"] = Mortal(died_at, 24 if how == "sign" else 12)
            if how == "sign":
                finish(sign_in_place(path, content_as_it_is(path), studio))
            else:
                unsign_in_place(path)
            os._exit(0)
        if not within:
            time.sleep(wait)
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
