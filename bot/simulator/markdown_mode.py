"""parse_mode=MarkdownV2, with the complaints of Telegram's server."""

from dataclasses import dataclass
from typing import Any

from bot.simulator.errors import ApiError, bad_request

RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
# Longest mark first: `__` is underline, not twice italic.
MARKS = (
    ("```", "pre", "Pre"),
    ("__", "underline", "Underline"),
    ("||", "spoiler", "Spoiler"),
    ("*", "bold", "Bold"),
    ("_", "italic", "Italic"),
    ("~", "strikethrough", "Strikethrough"),
    ("`", "code", "Code"),
    ("[", "text_link", "TextUrl"),
)
CODE = frozenset({"code", "pre"})


@dataclass(slots=True)
class Open:
    kind: str
    name: str
    mark: str
    offset: int
    byte_offset: int
    at: int
    language: str = ""


def complaint(reason: str) -> ApiError:
    return bad_request(f"can't parse entities: {reason}")


class MarkdownReader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.out: list[str] = []
        self.offset = 0
        self.open: list[Open] = []
        self.entities: list[dict[str, Any]] = []
        self.quote: int | None = None
        self.quote_expands = False

    def read(self) -> tuple[str, list[dict[str, Any]]]:
        while self.at < len(self.text):
            self.step()
        if self.open:
            last = self.open[-1]
            raise complaint(f"Can't find end of {last.name} entity at byte offset {last.byte_offset}")
        self.end_quote()
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self.out), self.entities

    def put(self, character: str) -> None:
        self.out.append(character)
        self.offset += 2 if character > "\uffff" else 1
        self.at += 1

    def step(self) -> None:
        character = self.text[self.at]
        following = self.text[self.at + 1 : self.at + 2]
        in_code = bool(self.open) and self.open[-1].kind in CODE
        if character == "\\" and following and 0 < ord(following) <= 126:
            self.at += 1
            self.put(following)
        elif self.ends_entity():
            self.end_entity()
        elif in_code and character != "`":
            self.put(character)
        elif not in_code and self.at_line_start() and (character == ">" or self.quote is not None):
            self.line_in_quote(character)
        elif character in RESERVED:
            self.begin_entity(character)
        else:
            self.put(character)

    def at_line_start(self) -> bool:
        return not self.out or self.out[-1] == "\n"

    def line_in_quote(self, character: str) -> None:
        if character == ">":
            if self.quote is None:
                self.quote = self.offset
            self.at += 1
            if self.text[self.at : self.at + 1] == "\n" or self.at >= len(self.text):
                return
            self.step_after_quote_mark()
        else:
            self.end_quote()

    def step_after_quote_mark(self) -> None:
        """The character after `>` is read as inside a line, or a second `>` would begin a quote again."""
        character = self.text[self.at]
        if character in RESERVED:
            self.begin_entity(character)
        elif character == "\\":
            self.step()
        else:
            self.put(character)

    def end_quote(self) -> None:
        if self.quote is None:
            return
        length = self.offset - self.quote
        if self.out and self.out[-1] == "\n":
            length -= 1
        kind = "expandable_blockquote" if self.quote_expands else "blockquote"
        if length > 0:
            self.entities.append({"type": kind, "offset": self.quote, "length": length})
        self.quote, self.quote_expands = None, False

    def ends_entity(self) -> bool:
        if not self.open:
            return False
        last = self.open[-1]
        mark = "]" if last.kind == "text_link" else last.mark
        if not self.text.startswith(mark, self.at):
            return False
        return not (mark == "_" and self.text.startswith("__", self.at))

    def begin_entity(self, character: str) -> None:
        if self.quote is not None and self.text[self.at :].partition("\n")[0] == "||" and not self.open:
            self.quote_expands = True
            self.at += 2
            return
        for mark, kind, name in MARKS:
            if self.text.startswith(mark, self.at):
                byte_offset = len(self.text[: self.at].encode())
                opened = Open(kind, name, mark, self.offset, byte_offset, len(self.out))
                self.at += len(mark)
                if kind == "pre":
                    opened.language = self.language()
                self.open.append(opened)
                return
        raise complaint(f"Character '{character}' is reserved and must be escaped with the preceding '\\'")

    def language(self) -> str:
        """The word behind the three backticks, if a line break follows it."""
        first, _, rest = self.text[self.at :].partition("\n")
        if not rest or "`" in first or " " in first:
            return ""
        self.at += len(first) + 1
        return first

    def end_entity(self) -> None:
        opened = self.open.pop()
        self.at += 1 if opened.kind == "text_link" else len(opened.mark)
        entity: dict[str, Any] = {"type": opened.kind, "offset": opened.offset}
        entity["length"] = self.offset - opened.offset
        if opened.kind == "text_link":
            entity["url"] = self.link() or "".join(self.out[opened.at :])
            if "." not in entity["url"] and "://" not in entity["url"]:
                return
        if opened.language:
            entity["language"] = opened.language
        if entity["length"] > 0:
            self.entities.append(entity)

    def link(self) -> str:
        if self.text[self.at : self.at + 1] != "(":
            return ""
        self.at += 1
        begin = len(self.text[: self.at].encode())
        url: list[str] = []
        while self.at < len(self.text) and self.text[self.at] != ")":
            if self.text[self.at] == "\\" and self.at + 1 < len(self.text):
                self.at += 1
            url.append(self.text[self.at])
            self.at += 1
        if self.at >= len(self.text):
            raise complaint(f"Can't find end of a URL at byte offset {begin}")
        self.at += 1
        return "".join(url)


def parse_markdown(text: str) -> tuple[str, list[dict[str, Any]]]:
    return MarkdownReader(text).read()
