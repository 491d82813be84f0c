"""What runs in a process of its own, which may die: there the library reads a credential first.

Started by trial.py as a script and without anything of ours, so that it starts quickly. It is told on
standard input, one line of JSON and then bytes, what to read, and answers each with one line. Where the
library takes too much memory or time, it is this process that ends.
"""

from __future__ import annotations

import io
import json
import math
import sys
from pathlib import Path

_MEGABYTE = 1 << 20


def main() -> None:
    """Answer until there is nothing more to read."""
    from c2pa import C2paError, Context, Reader

    asked, answer = sys.stdin.buffer, sys.stdout.buffer
    while line := asked.readline(_MEGABYTE):
        told = json.loads(line)
        data = asked.read(told["data"])
        credential = asked.read(told["credential"]) or None
        path = Path(told["path"]) if told["path"] is not None else None
        _limit(told["memory"], told["seconds"])
        try:
            with path.open("rb") if path else io.BytesIO(data) as file:
                context = Context.from_dict(told["settings"])
                with Reader(told["kind"], file, credential, context=context) as reader:
                    reader.json()
                    reader.detailed_json()
        except (C2paError, OSError):
            pass  # it will say so again, in the process that asked
        del data, credential
        answer.write(b"read\n")
        answer.flush()


def _limit(memory: int, seconds: float) -> None:
    """End this process where it takes so many more bytes or seconds, if the system can keep count of them."""
    if sys.platform == "linux":
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        spent = resource.getrusage(resource.RUSAGE_SELF)
        for which, most in (
            (resource.RLIMIT_AS, pages * resource.getpagesize() + memory),
            (resource.RLIMIT_CPU, math.ceil(spent.ru_utime + spent.ru_stime + seconds)),
        ):
            resource.setrlimit(which, (most, resource.getrlimit(which)[1]))


if __name__ == "__main__":
    main()
