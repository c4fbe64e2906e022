"""reStructuredText to blocks, by way of the HTML that docutils makes of it."""

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
_ROLES = (
    "abbr any attr c:func c:macro c:type class cls command const cpp:class cpp:func data doc download envvar eq exc file"
    " func guilabel kbd keyword label mailheader makevar manpage meth menuselection mimetype mod newsgroup numref obj"
    " option pep-ref php:class program ref regexp samp source-read-more term token issue pr user"
).split()
_PY_ROLES = [f"py:{role}" for role in ("attr", "class", "const", "data", "exc", "func", "meth", "mod", "obj")]
_CONTENT = (
    "seealso versionadded versionchanged deprecated versionremoved only centered hlist rst-class cssclass tabs tab"
    " tab-set tab-item dropdown card grid grid-item grid-item-card todo describe object option confval envvar program"
    " glossary class-doc function method attribute class data exception module py:function py:method py:class"
    " py:attribute py:data py:exception py:module py:property c:function c:type c:macro cpp:function cpp:class admonition-todo"
).split()
_SILENT = (
    "toctree index tabularcolumns currentmodule module-author sectionauthor codeauthor highlight default-domain"
    " automodule autoclass autofunction automethod autodata autosummary literalinclude graphviz digraph graph mermaid plot"
    " image-sg minigallery testsetup testcleanup ipython bibliography youtube"
).split()


def parse_restructured(name: str, data: bytes) -> Document:
    """Headings, lists, tables, code and admonitions; the roles and directives of Sphinx are read as their text."""
    from docutils.core import publish_parts

    _know_sphinx()
    page = publish_parts(decode(data), writer="html5", settings_overrides=dict(_SETTINGS))
    blocks = body_blocks(page["html_body"])
    return assemble(title_of(name, blocks), RESTRUCTURED, blocks)


@cache
def _know_sphinx() -> None:
    """Teach docutils the names that pages written for Sphinx use; it would show their source as an error."""
    from docutils import nodes
    from docutils.parsers.rst import Directive, directives, roles

    class Content(Directive):
        has_content = True
        optional_arguments = 1
        final_argument_whitespace = True
        option_spec = _Anything({"class": directives.unchanged})  # noqa: RUF012 - docutils declares it so

        def run(self) -> list[Any]:
            shown = nodes.paragraph(text=" ".join(self.arguments))
            self.state.nested_parse(self.content, self.content_offset, inner := nodes.container())
            return [shown, *inner.children] if self.arguments else list(inner.children)

    class Silent(Content):
        def run(self) -> list[Any]:
            return []

    def role(_name: str, _raw: str, text: str, *_rest: object) -> tuple[list[Any], list[Any]]:
        label, _, target = text.partition(" <")
        shown = label if target else text.rpartition(".")[2] if text.startswith("~") else text
        return [nodes.literal(text=shown.lstrip("!"))], []

    for names, directive in ((_CONTENT, Content), (_SILENT, Silent)):
        for name in names:
            directives.register_directive(name, directive)
    for name in (*_ROLES, *_PY_ROLES):
        roles.register_local_role(name, role)


class _Anything(dict[str, Any]):
    """The options of a directive that takes any."""

    def __missing__(self, _name: str) -> Any:
        return self["class"]
