"""How Sphinx builds the site of docs/: `make docs` writes it to build/docs."""

import sys
from pathlib import Path
from types import GenericAlias

DOCS = Path(__file__).parent
# The package of this checkout, and the extensions of the site.
sys.path[:0] = [str(DOCS.parent), str(DOCS / "_extensions")]

import numpy.typing  # noqa: E402

from topicgen.version import __version__  # noqa: E402

project = "topicgen"
author = "the topicgen authors"
copyright = author
release = version = __version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "code_links",
    "command_reference",
    "mathml",
]
exclude_patterns = ["_extensions", "**/.ipynb_checkpoints"]

# -- Pages and notebooks ---------------------------------------------------------------------

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "substitution"]
myst_heading_anchors = 4
myst_dmath_double_inline = True
# Included pages begin at the level where they stand; tutorials may be left out of a checkout.
suppress_warnings = ["myst.header", "toc.empty_glob"]
nb_execution_mode = "cache"
nb_execution_cache_path = str(DOCS.parent / "build/notebooks")
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_merge_streams = True
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

smartquotes_action = "qD"  # not INPUT... to INPUT…

# -- The API reference -----------------------------------------------------------------------


class ArrayLike:
    """What stands for numpy's type, whose definition would fill three lines each time."""

    __module__ = "numpy.typing"


class NDArray(ArrayLike):
    """Likewise."""

    def __class_getitem__(cls, item):
        """Return the type of arrays of a kind of number."""
        return GenericAlias(cls, item)


NDArray.__module__ = "numpy.typing"
numpy.typing.ArrayLike, numpy.typing.NDArray = ArrayLike, NDArray

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autoclass_content = "class"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
python_use_unqualified_type_names = True
add_module_names = False
toc_object_entries_show_parents = "hide"

nitpicky = True
# Types of other packages, of which the site has no inventory offline, and type variables.
nitpick_ignore_regex = [
    (r"py:.*", r"(torch|np|numpy|pd|pandas|scipy|sklearn|matplotlib)\..*"),
    (r"py:.*", r"(click|collections|os|typing)\..*"),
    # Fields of results that are for topicgen itself.
    (
        "py:class",
        r"(.*\.)?(OnFirstUse|Duplicates|WordCounter|Words|Term|Variable|Likelihood|AtomRates|Vectors)",
    ),
    (
        "py:class",
        r"(.*\.)?(Content|Embedding|KeptDocuments|Prevalence|Draws|Evidence|Origin|Structure|SeedWords)",
    ),
    (r"py:.*", r"(ArrayLike|NDArray|Tensor|Generator|Distribution|Figure|csr_matrix|Any)"),
]

# Tables that scripts write, which have no title of their own.
TITLES = {
    "benchmarks/gpu": "On a GPU: all numbers",
    "benchmarks/peers_20ng_5000_k50": "Peers on 20 Newsgroups: 5,000 words, 50 topics",
    "benchmarks/peers_20ng_5000_k100": "Peers on 20 Newsgroups: 5,000 words, 100 topics",
    "benchmarks/peers_20ng_5000_k200": "Peers on 20 Newsgroups: 5,000 words, 200 topics",
    "benchmarks/peers_20ng_nvdm2000_k50": "Peers on 20 Newsgroups: 2,000 words, 50 topics",
    "studies/encoders/encoders_test": "Encoders: all numbers",
    "studies/selection/choices": "Rules to choose a number of topics",
}

# -- The look of it --------------------------------------------------------------------------

html_theme = "furo"
html_title = "topicgen"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
# A page that is opened as a file cannot fetch other pages to show parts of them.
html_show_search_summary = False
html_theme_options = {"navigation_with_keys": True}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"


# Long tables, whose headings would fill the results of a search.
NOT_SEARCHED = {
    "studies/calibration/calibration",
    "studies/counts/counts",
    "studies/counts/width",
    "studies/effects/effects",
    "studies/refit/refit",
    "studies/seeds/seeds",
    "studies/topic_models/results",
    "studies/vae/results",
    *TITLES,
}


def prepare_tables(app, page, source):
    """Put a title before a page of tables that has none, and keep long ones out of the search."""
    if page in TITLES:
        source[0] = f"# {TITLES[page]}\n\n{source[0]}"
    if page in NOT_SEARCHED:
        source[0] = f"---\nnosearch: true\n---\n\n{source[0]}"


def begin_with_nothing(app, kind, name, thing, options, lines):
    """Keep napoleon from reading the text before a colon as the type of an attribute."""
    if kind in ("attribute", "property", "data"):
        lines[:0] = ["..", ""]


def number_headings(app, page, template, context, doctree):
    """Say at which level the headings of the navigation are: a screen reader asks for it."""
    tree = context.get("furo_navigation_tree", "")
    context["furo_navigation_tree"] = tree.replace(
        'role="heading"', 'role="heading" aria-level="2"'
    )


def setup(app):
    """Connect what is only this site's."""
    app.connect("source-read", prepare_tables)
    app.connect("html-page-context", number_headings, priority=900)
    app.connect("autodoc-process-docstring", begin_with_nothing, priority=100)
