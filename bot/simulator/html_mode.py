"""parse_mode=HTML, character for character as Telegram's server reads it, with its complaints."""

from dataclasses import dataclass
from typing import Any

from bot.simulator.errors import ApiError, bad_request

KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "u": "underline",
    "ins": "underline",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "blockquote": "blockquote",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
}
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
SPACES = " \t\r\n\v\0"
NAME_ENDS = SPACES + "=>/\"'"
END = "\0"


@dataclass(slots=True)
class Open:
    tag: str
    argument: str
    offset: int
    at: int


def complaint(reason: str) -> ApiError:
    return bad_request(f"can't parse entities: {reason}")


class HtmlReader:
    """Walks over the text once; offsets in complaints are bytes, offsets of entities UTF-16 units."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.out: list[str] = []
        self.offset = 0
        self.open: list[Open] = []
        self.entities: list[dict[str, Any]] = []

    def peek(self) -> str:
        return self.text[self.at] if self.at < len(self.text) else END

    def bytes_before(self, at: int) -> int:
        return len(self.text[:at].encode())

    def put(self, character: str) -> None:
        self.out.append(character)
        self.offset += 2 if character > "\uffff" else 1

    def skip_spaces(self) -> None:
        while self.at < len(self.text) and self.text[self.at] in SPACES:
            self.at += 1

    def read(self) -> tuple[str, list[dict[str, Any]]]:
        while self.at < len(self.text):
            if self.text[self.at] == "&":
                self.put(self.reference())
            elif self.text[self.at] == "<":
                self.tag()
            else:
                self.put(self.text[self.at])
                self.at += 1
        if self.open:
            raise complaint(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self.out), self.entities

    def reference(self) -> str:
        """The character behind &lt; &#60; &#x3c; or the ampersand itself."""
        end = self.at + 1
        while end < len(self.text) and (self.text[end].isalnum() or self.text[end] == "#") and end - self.at < 12:
            end += 1
        character = named_character(self.text[self.at + 1 : end])
        if character is None:
            self.at += 1
            return "&"
        self.at = end + (1 if self.text[end : end + 1] == ";" else 0)
        return character

    def tag(self) -> None:
        begin = self.at
        self.at += 1
        if self.peek() == "/":
            self.end_tag(begin)
        else:
            self.start_tag(begin)

    def start_tag(self, begin: int) -> None:
        while self.peek() not in SPACES + ">":
            self.at += 1
        if self.at >= len(self.text):
            raise complaint(f"Unclosed start tag at byte offset {self.bytes_before(begin)}")
        tag = self.text[begin + 1 : self.at].lower()
        if tag not in KINDS:
            raise complaint(f'Unsupported start tag "{tag}" at byte offset {self.bytes_before(begin)}')
        argument = ""
        while self.peek() != ">":
            self.skip_spaces()
            if self.peek() == ">":
                break
            argument = self.attribute(tag, begin) or argument
        if tag == "span" and argument != "spoiler":
            raise complaint(f'Tag "span" must have class "tg-spoiler" at byte offset {self.bytes_before(begin)}')
        self.at += 1
        self.open.append(Open(tag, argument, self.offset, len(self.out)))

    def attribute(self, tag: str, begin: int) -> str:
        """Reads one attribute; gives the part of it the tag cares for."""
        where = self.bytes_before(begin)
        start = self.at
        while self.peek() not in NAME_ENDS:
            self.at += 1
        name = self.text[start : self.at]
        if not name:
            raise complaint(f'Empty attribute name in the tag "{tag}" at byte offset {where}')
        self.skip_spaces()
        if self.peek() != "=":
            if self.at >= len(self.text):
                raise complaint(f'Unclosed start tag "{tag}" at byte offset {where}')
            return "expandable" if tag == "blockquote" and name == "expandable" else ""
        self.at += 1
        self.skip_spaces()
        if self.at >= len(self.text):
            raise complaint(f'Unclosed start tag "{tag}" at byte offset {where}')
        value = self.quoted() if self.peek() in "'\"" else self.token()
        if self.at >= len(self.text):
            raise complaint(f"Unclosed start tag at byte offset {where}")
        return argument_of(tag, name, value)

    def quoted(self) -> str:
        quote = self.text[self.at]
        self.at += 1
        value: list[str] = []
        while self.at < len(self.text) and self.text[self.at] != quote:
            if self.text[self.at] == "&":
                value.append(self.reference())
            else:
                value.append(self.text[self.at])
                self.at += 1
        self.at += 1
        return "".join(value)

    def token(self) -> str:
        start = self.at
        while self.peek().isalnum() or self.peek() in ".-":
            self.at += 1
        if self.peek() not in SPACES + ">":
            raise complaint(f"Unexpected end of name token at byte offset {self.bytes_before(start)}")
        return self.text[start : self.at].lower()

    def end_tag(self, begin: int) -> None:
        where = self.bytes_before(begin)
        if not self.open:
            raise complaint(f"Unexpected end tag at byte offset {where}")
        while self.peek() not in SPACES + ">":
            self.at += 1
        name = self.text[begin + 2 : self.at].lower()
        self.skip_spaces()
        if self.peek() != ">":
            raise complaint(f"Unclosed end tag at byte offset {where}")
        self.at += 1
        opened = self.open.pop()
        if name and name != opened.tag:
            expected = f'expected "</{opened.tag}>", found "</{name}>"'
            raise complaint(f"Unmatched end tag at byte offset {where}, {expected}")
        if self.offset > opened.offset:
            self.close(opened)

    def close(self, opened: Open) -> None:
        entity: dict[str, Any] = {"type": KINDS[opened.tag], "offset": opened.offset}
        entity["length"] = self.offset - opened.offset
        if opened.tag == "a":
            entity["url"] = opened.argument or "".join(self.out[opened.at :])
            if not entity["url"].startswith(("http://", "https://", "tg://", "mailto:", "tel:")):
                if "." not in entity["url"]:
                    return
                entity["url"] = f"http://{entity['url']}"
        elif opened.tag == "blockquote" and opened.argument:
            entity["type"] = "expandable_blockquote"
        elif opened.tag == "tg-emoji":
            entity["custom_emoji_id"] = opened.argument
        elif opened.tag == "code" and opened.argument and self.inside_pre(opened):
            self.open[-1].argument = opened.argument
            return
        elif opened.tag == "pre" and opened.argument:
            entity["language"] = opened.argument
        self.entities.append(entity)

    def inside_pre(self, opened: Open) -> bool:
        return bool(self.open) and self.open[-1].tag == "pre" and self.open[-1].offset == opened.offset


def argument_of(tag: str, name: str, value: str) -> str:
    if (tag, name) in (("a", "href"), ("tg-emoji", "emoji-id")):
        return value
    if (tag, name) == ("code", "class"):
        return value.removeprefix("language-") if value.startswith("language-") else ""
    if (tag, name) == ("span", "class"):
        return value.removeprefix("tg-") if value.startswith("tg-") else ""
    return ""


def named_character(name: str) -> str | None:
    if not name.startswith("#"):
        return NAMED.get(name)
    try:
        code = int(name[2:], 16) if name[1:2] in ("x", "X") else int(name[1:])
    except ValueError:
        return None
    return chr(code) if 0 < code < 0x10FFFF and not 0xD800 <= code <= 0xDFFF else None


def parse_html(text: str) -> tuple[str, list[dict[str, Any]]]:
    return HtmlReader(text).read()
