"""Restoration measured on real paintings with made-up damage whose truth is known."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from models.device import describe
from models.varnish import decoded, encoded
from tests.benchmarks.damage import cracks, losses
from tests.benchmarks.paintings import paintings
from workstation.errors import OperationError
from workstation.operations.losses import FillLosses
from workstation.operations.noise import SuppressNoise
from workstation.operations.operation import Operation, Rect, Window
from workstation.operations.varnish import ThinVarnish
from workstation.scans.source import ArraySource, Pixels

Bits = npt.NDArray[np.bool_]
Row = tuple[float, float, float, float]
SIDE = 512


def main() -> None:
    """Print the tables."""
    cv2.setNumThreads(1)
    files = paintings()
    if not files:
        return
    print(f"# Restoration on {describe()}, one thread, OpenCV {cv2.__version__}")
    for whole in (False, True):
        for name, damage in (("cracks up to 8 px wide", cracks), ("losses of 8 to 34 px radius", losses)):
            fills(files[::9][:20], name, damage, whole=whole)
    varnish(files[::12][:16])
    noise(files[::9][:20])


def fills(files: list[Path], name: str, damage: Callable[[int, int, int], Bits], *, whole: bool) -> None:
    """Compare fills inside the damage; OpenCV works on 8 bits and is given its better radius, ours on 16."""
    methods = {
        "ours": ours,
        "Telea r3": opencv(cv2.INPAINT_TELEA, 3),
        "Telea r5": opencv(cv2.INPAINT_TELEA, 5),
        "Navier-Stokes r3": opencv(cv2.INPAINT_NS, 3),
        "Navier-Stokes r5": opencv(cv2.INPAINT_NS, 5),
    }
    rows: dict[str, list[Row]] = {method: [] for method in methods}
    for file in files:
        truth = picture(file, None if whole else SIDE)
        mask = damage(*truth.shape[:2], zlib.crc32(file.name.encode()))
        for method, fill in methods.items():
            rows[method].append(measured(fill, truth, mask))
    print(f"\n## {name}, {'whole pictures' if whole else f'{SIDE} px crops'}, n = {len(files)}\n")
    print("| | PSNR dB | SSIM | gradient ratio | CPU s/Mpx | ours better in |\n|---|---|---|---|---|---|")
    best = np.array([row[0] for row in rows["ours"]])
    for method, values in rows.items():
        wins = int((best > np.array([row[0] for row in values])).sum())
        figures = "{:.2f} | {:.3f} | {:.2f} | {:.2f}".format(*np.mean(values, axis=0))
        print(f"| {method} | {figures} | {'' if method == 'ours' else f'{wins} of {len(values)}'} |")
    others = np.array([[row[0] for row in values] for method, values in rows.items() if method != "ours"])
    gain = best - others.max(0)
    print(f"\nAgainst the best of the four on each: {gain.mean():+.2f} dB, better in {(gain > 0).sum()}.")


def measured(fill: Callable[[Pixels, Bits], Pixels], truth: Pixels, mask: Bits) -> Row:
    """Return PSNR, SSIM and gradient ratio inside the mask, and CPU seconds for a megapixel."""
    from skimage.metrics import structural_similarity

    damaged = np.where(mask[..., None], np.uint16(0), truth)
    began = time.process_time()
    filled = fill(damaged, mask)
    seconds = (time.process_time() - began) / mask.size * 1e6
    a, b = filled / 65535, truth / 65535
    psnr = -10 * np.log10(np.mean((a - b)[mask] ** 2))
    _, ssim = structural_similarity(a, b, channel_axis=2, data_range=1, full=True)
    steep = [np.hypot(*np.gradient(part.mean(-1)))[mask].mean() for part in (a, b)]
    return float(psnr), float(ssim.mean(-1)[mask].mean()), float(steep[0] / steep[1]), seconds


def ours(damaged: Pixels, mask: Bits) -> Pixels:
    """Fill with our operation."""
    return FillLosses().apply(Window(damaged, mask, mask), {})


def opencv(flag: int, radius: int) -> Callable[[Pixels, Bits], Pixels]:
    """Return OpenCV's fill as a function of 16-bit pixels."""

    def fill(damaged: Pixels, mask: Bits) -> Pixels:
        small = np.rint(damaged / 257).astype(np.uint8)
        filled = cv2.inpaint(small, mask.astype(np.uint8) * 255, radius, flag)
        return np.asarray(filled).astype(np.uint16) * 257

    return fill


def picture(file: Path, side: int | None = None) -> Pixels:
    """Read a painting as 16 bits, its middle if a side is given."""
    pixels = np.asarray(cv2.imread(str(file)))[..., ::-1].astype(np.uint16) * 257
    if side is not None:
        y, x = (max(length - side, 0) // 2 for length in pixels.shape[:2])
        pixels = pixels[y : y + side, x : x + side]
    return np.ascontiguousarray(pixels)


def varnish(files: list[Path]) -> None:
    """Simulate a varnish of uneven thickness, in 8 bits, with one cleaned window of 2 % of the area."""
    print(f"\n## Varnish: mean ΔE00 outside the cleaned window, n = {len(files)}\n")
    print("| haze | under varnish | thinned, rim only | better in |\n|---|---|---|---|")
    for haze in (0.3, 1.0, 2.5):
        values = np.array([varnished(file, haze) for file in files])
        print(f"| {haze:g} % | {values[:, 0].mean():.2f} | {values[:, 1].mean():.2f} | {wins(values)} |")


def wins(values: npt.NDArray[np.float64]) -> str:
    """Say in how many pictures the second column is the smaller."""
    return f"{(values[:, 1] < values[:, 0]).sum()} of {len(values)}"


def varnished(file: Path, haze: float) -> tuple[float, float]:
    """Return the mean colour difference from the truth before and after."""
    from skimage.color import deltaE_ciede2000, rgb2lab

    truth = cv2.resize(picture(file).astype(np.float32) / 65535, (384, 384), interpolation=cv2.INTER_AREA)
    random = np.random.default_rng(zlib.crc32(file.name.encode()))
    uneven = cv2.GaussianBlur(random.normal(0, 1, (384, 384)), (0, 0), 60)
    thickness = 2 * (1 + 0.075 * uneven[..., None] / 0.01)
    light = decoded(truth.astype(np.float64))
    seen = light * np.array([0.86, 0.72, 0.42]) ** thickness + haze / 100 * np.array([1.2, 1.1, 0.8])
    window = Rect(150, 150, 54, 54)
    outside = np.ones((384, 384), bool)
    outside[150:204, 150:204] = False
    seen[~outside] = light[~outside]
    scan = np.rint(encoded(seen) * 255).astype(np.uint8)
    try:
        result = applied(ThinVarnish(cleaned=window), scan)
    except OperationError:  # the window is too dark to show the varnish: the conservator would choose another
        result = scan
    wanted = rgb2lab(truth)
    errors = [deltaE_ciede2000(rgb2lab(part / 255), wanted)[outside].mean() for part in (scan, result)]
    return float(errors[0]), float(errors[1])


def applied(operation: Operation, scan: Pixels) -> Pixels:
    """Fit a field operation to a picture and apply it to all of it."""
    everywhere = np.ones(scan.shape[:2], bool)
    return operation.apply(Window(scan, everywhere, everywhere), operation.fit(ArraySource(scan), None))


def noise(files: list[Path]) -> None:
    """Add noise that grows with brightness; the others are told its level, ours measures it."""
    from skimage.restoration import denoise_bilateral, denoise_nl_means

    methods: dict[str, Callable[[Pixels, float], Pixels]] = {
        "the noisy scan": lambda scan, _: scan / 65535,
        "ours": lambda scan, _: applied(SuppressNoise(strength=1.0), scan) / 65535,
        "scikit-image nl_means": lambda scan, sigma: denoise_nl_means(
            scan / 65535, patch_size=5, patch_distance=6, h=0.8 * sigma, sigma=sigma, channel_axis=2
        ),
        "scikit-image bilateral": lambda scan, sigma: denoise_bilateral(
            scan / 65535, sigma_color=2 * sigma, sigma_spatial=2, channel_axis=2
        ),
    }
    print(f"\n## Noise, {SIDE} px crops, n = {len(files)}: PSNR dB, CPU s/Mpx\n")
    print("| | weak (about 1.5 %) | strong (about 5 %) | s/Mpx |\n|---|---|---|---|")
    for name, method in methods.items():
        weak, strong = (np.array([denoised(file, method, scale) for file in files]) for scale in (0.3, 1.0))
        print(f"| {name} | {weak[:, 0].mean():.2f} | {strong[:, 0].mean():.2f} | {strong[:, 1].mean():.2f} |")


def denoised(file: Path, method: Callable[[Pixels, float], Pixels], scale: float) -> tuple[float, float]:
    """Return PSNR and CPU seconds for a megapixel."""
    truth = picture(file, SIDE) / 65535
    sigma = scale * np.sqrt(0.03**2 + 0.003 * truth)
    random = np.random.default_rng(zlib.crc32(file.name.encode()))
    values = np.clip(truth + sigma * random.standard_normal(truth.shape), 0, 1)
    scan = np.rint(values * 65535).astype(np.uint16)
    began = time.process_time()
    result = method(scan, float(sigma.mean()))
    seconds = (time.process_time() - began) / truth[..., 0].size * 1e6
    return float(-10 * np.log10(np.mean((np.clip(result, 0, 1) - truth) ** 2))), seconds


if __name__ == "__main__":
    main()
