"""reStructuredText to blocks, by way of the HTML that docutils makes of it."""

import re
from functools import cache
from typing import Any

from tools.parse.assemble import assemble, title_of
from tools.parse.decode import decode
from tools.parse.document import Document
from tools.parse.html import body_blocks
from tools.parse.media_types import RESTRUCTURED

# Nothing is read beside the file, nothing passed through, and no error becomes part of the text.
_SETTINGS = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "_disable_config": True,
    "report_level": 5,
    "halt_level": 5,
    "warning_stream": False,
    "line_length_limit": 10_000_000,
    "smart_quotes": False,
    "syntax_highlight": "none",
    "math_output": "LaTeX",
    "embed_stylesheet": False,
    "toc_backlinks": False,
    "footnote_backlinks": False,
    "section_self_link": False,
    "table_style": "colwidths-auto",
}
# Directives whose content is no text to be read.
_SILENT = frozenset(
    "toctree index tabularcolumns currentmodule sectionauthor codeauthor highlight default-domain automodule"
    " autoclass autofunction automethod autosummary literalinclude graphviz digraph graph mermaid plot testsetup"
    " testcleanup".split()
)
_CODE = ("code", "code-block", "sourcecode", "doctest", "testcode", "testoutput", "prompt", "parsed-literal")
_DIRECTIVE = re.compile(r"^[ \t]*\.\. ([a-z][\w.:+-]{0,40}?)::(?=\s|\Z)", re.MULTILINE | re.IGNORECASE)
_ROLE = re.compile(r":([a-z][\w.:+-]{0,40}):`", re.IGNORECASE)
_TERM = re.compile(r"(.+?)\s*<[^<>]+>\Z", re.DOTALL)


def parse_restructured(name: str, data: bytes) -> Document:
    """Headings, lists, tables, code and admonitions; roles and directives of other tools are read as their text."""
    from docutils.core import publish_parts

    source = decode(data)
    _teach(set(_DIRECTIVE.findall(source)), set(_ROLE.findall(source)))
    page = publish_parts(source, writer="html5", settings_overrides=dict(_SETTINGS))
    blocks = body_blocks(page["html_body"])
    return assemble(title_of(name, blocks), RESTRUCTURED, blocks)


def _teach(directives: set[str], roles: set[str]) -> None:
    """Make known to docutils the names of Sphinx and the like: it would take what they hold for an error."""
    from docutils.parsers.rst.directives import register_directive
    from docutils.parsers.rst.languages import en
    from docutils.parsers.rst.roles import register_local_role

    content, code, silent = _directives()
    for name in directives:
        if name.lower() in _CODE:
            register_directive(name.lower(), code)
        elif name.lower() not in en.directives:
            register_directive(name.lower(), silent if name.lower() in _SILENT else content)
    for name in roles:
        if name.lower() not in en.roles:
            register_local_role(name.lower(), _role)


def _role(_name: str, _raw: str, text: str, *_rest: object) -> tuple[list[Any], list[Any]]:
    """The words of a reference: its label, or the last part of a name that is written to be shortened."""
    from docutils import nodes

    labelled = _TERM.match(text)
    shown = labelled[1] if labelled else text.rpartition(".")[2] if text.startswith("~") else text
    return [nodes.inline(text=shown.lstrip("!"))], []


@cache
def _directives() -> tuple[type, type, type]:
    """Directives that take any option and show their content, show it as code, or show nothing."""
    from docutils import nodes
    from docutils.parsers.rst import Directive

    class Content(Directive):  # type: ignore[misc]
        has_content = True
        optional_arguments = 1
        final_argument_whitespace = True
        option_spec = _AnyOption(any=str)

        def run(self) -> list[Any]:
            inner = nodes.container()
            self.state.nested_parse(self.content, self.content_offset, inner)
            shown = [nodes.paragraph(text=" ".join(self.arguments))] if self.arguments else []
            return [*shown, *inner.children]

    class Code(Content):
        def run(self) -> list[Any]:
            return [nodes.literal_block(text="\n".join(self.content))]

    class Silent(Content):
        def run(self) -> list[Any]:
            return []

    return Content, Code, Silent


class _AnyOption(dict[str, Any]):
    def __missing__(self, _name: str) -> Any:
        return lambda value: value
