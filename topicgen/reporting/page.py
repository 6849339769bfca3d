"""The page of a report: one HTML file that needs nothing else, and lets nothing else in.

All that comes from data passes ``topicgen.html`` on its way into the page, or is JSON, which the
script shows as text only. The page's policy allows its own style and scripts, by their hashes, and
nothing else: no request, no plug-in, no form.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from topicgen.html import escape
from topicgen.reporting.contents import Contents
from topicgen.reporting.wording import server_parts
from topicgen.version import __version__

_SCRIPTS = ("tools", "charts", "map", "topic", "multiples", "documents", "start")
_PLACE = re.compile(r"\{\{(\w+)\}\}")
# What would end the script element that holds the data, or a line of it.
_ESCAPES = {ord(x): f"\\u{ord(x):04x}" for x in "<>&\u2028\u2029"}


def make_page(contents: Contents, title: str, date: str) -> str:
    """Return the page as HTML.

    Args:
        contents: what it says.
        title: of the page.
        date: when the model was fitted, and the like, for the last line.
    """
    style, early, script = _asset("report.css"), _asset("early.js"), _script()
    policy = (
        "default-src 'none'; "
        f"style-src {_hash(style)}; script-src {_hash(early)} {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    parts: dict[str, str] = {
        "policy": policy,
        "generator": escape(f"topicgen {__version__}"),
        "title": escape(title),
        "style": style,
        "early": early,
        "script": script,
        "data": as_json(contents.data),
        **server_parts(contents, date),
    }
    return _filled(_asset("template.html"), parts)


def as_json(value: Any) -> str:
    r"""Return a value as JSON that can stand in a script element of a page.

    Example:
        >>> print(as_json({"word": "</script><!--"}))
        {"word":"\u003c/script\u003e\u003c!--"}
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate(_ESCAPES)


def _filled(template: str, parts: Mapping[str, str]) -> str:
    """Return a template with its places filled, in one pass: what is filled in has no places."""
    return _PLACE.sub(lambda place: parts[place[1]], template)


@cache
def _asset(name: str) -> str:
    return (files("topicgen.reporting") / "assets" / name).read_text("utf-8")


@cache
def _script() -> str:
    body = "\n".join(_asset(f"{name}.js") for name in _SCRIPTS)
    return f'"use strict";\n(() => {{\n{body}\n}})();'


def _hash(text: str) -> str:
    """Return the source by which a policy allows this very text."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
