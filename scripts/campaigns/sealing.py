"""Making a changed folder look sound, as a stranger can."""

import json
from pathlib import Path

from topicgen.files.sealed import write_sealed


def reseal(folder: Path) -> None:
    """Compute the checksums of a folder of a model or a corpus anew."""
    name = next(name for name in ("config.json", "corpus.json") if (folder / name).exists())
    description = json.loads((folder / name).read_text("utf-8"))
    files = [file for file in description["sha256"] if file != name]
    write_sealed(folder, name, description, files)
