"""Inside topicgen.corpus, too, imports go downward only."""

import ast
from pathlib import Path

from topicgen import corpus

ROOT = Path(corpus.__file__).parent
# A module imports only from rooms that stand before its own in this list, and within its room.
FLOORS = [
    {"wording", "document", "counts"},
    {"reading", "words", "storage"},
    {"counting"},
    {"recipe"},
    {"vectorizer"},
    {"corpus"},
    {"build", "catalog", "formats", "summary"},
]
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}


def modules():
    for path in ROOT.rglob("*.py"):
        room = path.relative_to(ROOT).parts[0].removesuffix(".py")
        if room != "__init__":
            yield path, room


def imports_of(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("topicgen.corpus"):
            inner = node.module.split(".")[2:3]
            yield from inner or [alias.name for alias in node.names]


def test_imports_go_downward():
    upward = [
        f"{path.relative_to(ROOT)} imports {other}"
        for path, room in modules()
        for other in imports_of(path)
        if other != room and FLOOR[other] >= FLOOR[room]
    ]
    assert upward == []


def test_no_room_uses_the_private_names_of_another():
    private = [
        f"{path.relative_to(ROOT)} imports {alias.name}"
        for path, _ in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name.startswith("_")
    ]
    assert private == []


def test_a_name_is_that_of_one_module():
    names = [path.stem for path, _ in modules() if path.stem != "__init__"]
    assert len(names) == len(set(names))
