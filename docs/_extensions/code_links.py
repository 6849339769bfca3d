"""Names in code become links to where they are described.

``TopicModel.transform`` or ``topicgen.evaluation.purity`` between backquotes is a link in every
page; in the description of a method, so is the name of another method of its class.
"""

import re
from functools import cache
from importlib import import_module
from typing import Any

from docutils import nodes
from sphinx.addnodes import desc, desc_signature
from sphinx.application import Sphinx
from sphinx.domains.python import PythonDomain
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import make_refnode

_NAME = re.compile(r"[A-Za-z_][\w.]*(?=(\(\))?$)")


class CodeLinks(SphinxPostTransform):
    """Put a link around each literal that names something in the API reference."""

    default_priority = 20

    def run(self, **_: Any) -> None:
        """Link the names of a page."""
        domain = self.env.domains["py"]
        assert isinstance(domain, PythonDomain)
        known = {name: entry for name, entry in domain.objects.items() if not entry.aliased}
        short: dict[str, list[str]] = {}
        for name, entry in known.items():
            parts = name.split(".")
            n_own = 2 if entry.objtype in ("method", "property", "attribute") else 1
            short.setdefault(".".join(parts[-n_own:]), []).append(name)
        for node in list(self.document.findall(nodes.literal)):
            match = _NAME.match(node.astext())
            if match is None or _is_linked(node):
                continue
            name = match.group()
            found = [name] if name in known else short.get(name, [])
            if not found and (owner := _owner(node)):
                found = [one for one in (f"{owner}.{name}",) if one in known]
            if len(found) == 1 and found[0] != _described(node):
                entry = known[found[0]]
                places = self.env.docname, entry.docname, entry.node_id
                link = make_refnode(self.app.builder, *places, node.deepcopy())
                node.replace_self(link)


def _is_linked(node: nodes.Node) -> bool:
    parent = node.parent
    while parent is not None:
        if isinstance(parent, (nodes.reference, nodes.title, desc_signature)):
            return True
        parent = parent.parent
    return False


def _described(node: nodes.Node) -> str | None:
    """Return the name of the object that a text describes."""
    parent = node.parent
    while parent is not None and not isinstance(parent, desc):
        parent = parent.parent
    if parent is None:
        return None
    signature = next(iter(parent.findall(desc_signature)))
    module, name = signature.get("module"), signature.get("fullname")
    return f"{module}.{name}" if module else name


def _owner(node: nodes.Node) -> str | None:
    """Return the class that a text is about: the one described, or the one of a method."""
    parent = node.parent
    while parent is not None:
        if isinstance(parent, desc):
            signature = next(iter(parent.findall(desc_signature)))
            owner = signature.get("class")
            if parent["objtype"] in ("class", "exception"):
                owner = signature.get("fullname")
            return f"{signature.get('module')}.{owner}" if owner else None
        parent = parent.parent
    return None


def find_elsewhere(app: Sphinx, env: Any, node: Any, content: nodes.Node) -> nodes.Node | None:
    """Return a link to what a name stands for that is described under another name."""
    if node.get("refdomain") != "py" or not node["reftarget"].startswith("topicgen."):
        return None
    home = _home(node["reftarget"])
    for name, entry in env.domains["py"].objects.items():
        if home is not None and home == _home(name):
            place = entry.docname, entry.node_id
            return make_refnode(app.builder, node["refdoc"], *place, content, name)
    return None


@cache
def _home(path: str) -> str | None:
    """Return where what a public name stands for is defined."""
    module, _, name = path.rpartition(".")
    try:
        thing = getattr(import_module(module), name)
        return f"{thing.__module__}.{thing.__qualname__}"
    except (AttributeError, ImportError, ValueError):
        return None


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the transform to Sphinx."""
    app.add_post_transform(CodeLinks)
    app.connect("missing-reference", find_elsewhere)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
