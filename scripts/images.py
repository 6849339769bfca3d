"""MNIST and OMNIGLOT as binary images of 28 x 28 pixels, split into train and test.

MNIST: the 10,000 images of the test file (``mnist/t10k-images-idx3-ubyte.gz``), 8,000 to train on
and 2,000 to test on. A pixel is on from half of the maximum intensity.

OMNIGLOT: the two small background sets (``omniglot/*.zip``), 5,840 drawings of 105 x 105 pixels.
Both hold the Greek and the Latin alphabet, so 1,000 files occur twice; of the 4,840 distinct ones,
3,840 train and 1,000 test. Ink becomes 1 and paper 0, each pixel is the mean over its share of the
drawing (a box filter), and is on from .3 of full ink: a stroke is about three pixels wide before
and less than one after, and at .5 it is broken up.

Both are shuffled with a generator seeded with 0 and split once, so every run sees the same split.
"""

import gzip
import io
import os
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

SIDE = 28


@dataclass(frozen=True)
class Images:
    """Binary images, each a row of 784 pixels."""

    train: Tensor
    test: Tensor


def load(dataset: str) -> Images:
    """Return "mnist" or "omniglot" from the folder $TOPICGEN_DATA, else ../shared/data."""
    read, threshold, n_test = _SOURCES[dataset]
    grey = read(Path(os.environ.get("TOPICGEN_DATA", "../shared/data")) / dataset)
    binary = torch.from_numpy(grey.reshape(len(grey), -1) >= threshold * 255).float()
    binary = binary[torch.randperm(len(binary), generator=torch.Generator().manual_seed(0))]
    return Images(train=binary[:-n_test], test=binary[-n_test:])


def _read_mnist(folder: Path) -> np.ndarray:
    path = folder / "t10k-images-idx3-ubyte.gz"
    _expect(path)
    header = 16
    pixels = np.frombuffer(gzip.decompress(path.read_bytes()), np.uint8, offset=header)
    return pixels.reshape(-1, SIDE, SIDE)


def _read_omniglot(folder: Path) -> np.ndarray:
    drawings: dict[str, np.ndarray] = {}
    for part in (1, 2):
        path = folder / f"images_background_small{part}.zip"
        _expect(path)
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                drawing = name.partition("/")[2]
                is_drawing = name.startswith(path.stem) and name.endswith(".png")
                if is_drawing and drawing not in drawings:
                    drawings[drawing] = _shrink(archive.read(name))
    return np.stack([drawings[name] for name in sorted(drawings)])


def _shrink(png: bytes) -> np.ndarray:
    """Return dark ink on paper as bright ink on black, averaged down."""
    ink = 255 - np.asarray(Image.open(io.BytesIO(png)).convert("L"))
    return np.asarray(Image.fromarray(ink).resize((SIDE, SIDE), Image.Resampling.BOX))


def _expect(path: Path) -> None:
    if not path.is_file():
        sys.exit(f"expected the images in {path}, got no such file; set TOPICGEN_DATA")


_SOURCES: dict[str, tuple[Callable[[Path], np.ndarray], float, int]] = {
    "mnist": (_read_mnist, 0.5, 2000),
    "omniglot": (_read_omniglot, 0.3, 1000),
}
DATASETS = tuple(_SOURCES)
