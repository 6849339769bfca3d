"""An ``.npz`` file that is written array by array, each in bounded memory."""

import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

_TEXTS = 2**16  # written together


class Archive:
    """Writes what ``numpy.savez`` writes, without needing all arrays in memory.

    Args:
        path: the file.

    Example:
        >>> import numpy as np, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "a.npz")
        ...     with Archive(path) as archive:
        ...         archive.add("n", np.arange(3))
        ...         archive.add_texts("ids", ["a", "größer"])
        ...     with np.load(path) as arrays:
        ...         {name: arrays[name].tolist() for name in arrays}
        {'n': [0, 1, 2], 'ids': ['a', 'größer']}
    """

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path, "w", allowZip64=True)

    def add(self, name: str, array: "np.ndarray") -> None:
        """Write an array."""
        import numpy as np

        with self._entry(name) as file:
            np.lib.format.write_array(file, np.asanyarray(array), allow_pickle=False)

    def add_texts(self, name: str, texts: Sequence[str]) -> None:
        """Write strings as numpy's strings of the length of the longest."""
        import numpy as np

        from topicgen.corpus.storage.arrays import write_header

        width = max((len(text) for text in texts), default=0) or 1
        dtype = np.dtype(f"<U{width}")
        with self._entry(name) as file:
            write_header(file, dtype, (len(texts),))
            for start in range(0, len(texts), _TEXTS):
                file.write(np.array(texts[start : start + _TEXTS], dtype=dtype).tobytes())

    def add_file(
        self, name: str, path: Path, dtype: "np.dtype[Any]", shape: tuple[int, ...]
    ) -> None:
        """Write the array of which a file holds the bytes."""
        from topicgen.corpus.storage.arrays import write_header

        with self._entry(name) as file, path.open("rb") as source:
            write_header(file, dtype, shape)
            shutil.copyfileobj(source, file, 2**20)

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def _entry(self, name: str) -> Any:
        return self._zip.open(f"{name}.npy", "w", force_zip64=True)
