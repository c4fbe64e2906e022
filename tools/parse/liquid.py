"""Liquid and Jinja tags out of a page's source, before it is read as Markdown."""

import re

# Each alternative stops at the next brace or fence, so that the search stays linear.
_TAG = re.compile(
    r"(?P<fence>^[ \t]{0,9}(?P<mark>`{3,}|~{3,})(?s:.*?)(?:^[ \t]{0,9}(?P=mark)[`~]*[ \t]*$|\Z))"
    r"|(?P<code>`[^`\n]+`)"
    r"|\{%-?\s*raw\s*-?%\}(?P<raw>(?s:.*?))(?:\{%-?\s*endraw\s*-?%\}|\Z)"
    r"|\{%-?\s*comment\s*-?%\}(?:(?s:.*?)\{%-?\s*endcomment\s*-?%\}|(?P<unclosed>(?s:.*)))"
    r"|\{%-?\s*(?P<name>\w+)(?P<argument>[^{}%]*(?:(?:%(?!\})|\{[^{}]*\})[^{}%]*)*)%\}"
    r"|\{\{(?P<value>[^{}]*(?:\{[^{}]*\}[^{}]*)*)\}\}"
    r"|\{#[^{}#]*(?:#(?!\})[^{}#]*)*#\}"
    r"|\{:[^{}\n]*\}|(?<![ \t])[ \t]+\{[#.][^{}\n]*\}[ \t]*$",
    re.MULTILINE,
)
_QUOTED = re.compile(r"[\s-]*(?:\"([^\"]+)\"|'([^']+)')\s*(?:\||-?\s*\Z)")
_POINTS_ELSEWHERE = re.compile(
    r"include|extends|import|page|link|asset|url|layout|render|section|block|from|load"
)
_MARK = "\x00"  # where a tag stood, until it is known whether its line holds anything else
_BETWEEN_ROWS = re.compile(r"(?<=\|)[ \t]*\n(?:[ \t]*\x00[ \t\x00]*\n)+(?=[ \t]*\|)")


def strip_tags(source: str) -> str:
    """`source` without template tags; text between block tags and quoted words they print stay."""
    if "{" not in source:
        return source
    text = _TAG.sub(_replacement, source.replace(_MARK, ""))
    return _BETWEEN_ROWS.sub("\n", text).replace(_MARK, "")


def _replacement(match: re.Match[str]) -> str:
    kept = match["fence"] or match["code"] or match["raw"] or match["unclosed"]
    if kept:
        return kept
    shown = ""
    if match["value"] is not None:
        shown = _quoted(match["value"])
    elif match["name"] and not _POINTS_ELSEWHERE.match(match["name"]):
        shown = _quoted(match["argument"])
    if shown and match.string[match.end() : match.end() + 1] == "\n":
        return shown + "\n"  # the title of a block, not a word of its first line
    return shown or _MARK


def _quoted(argument: str) -> str:
    """The text of an argument that is one quoted string of words, not a path or a condition."""
    match = _QUOTED.match(argument)
    text = (match[1] or match[2]) if match else ""
    return "" if "/" in text or re.search(r"\.\w{2,4}\Z", text) else text
