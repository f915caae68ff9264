"""What a browser does with the panel's pages, and no more: it sends forms as they stand in the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx

PASSWORD = "una frase larga"


@dataclass
class FormOnPage:
    """The fields of one form as a browser would send them, ``choices`` what may be ticked."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    disabled: set[str] = field(default_factory=set)
    kinds: dict[str, str] = field(default_factory=dict)


class PageReader(HTMLParser):
    """The forms, the links, the text and what is ticked of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[FormOnPage] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.ticked: list[str] = []
        self._area = self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        name = found.get("name", "")
        if tag == "form":
            self.forms.append(FormOnPage(found.get("action", "").partition("#")[0]))
        elif tag == "a":
            self.links.append(found.get("href", ""))
        elif tag == "textarea":
            self._area = name
            if self.forms:
                self.forms[-1].fields[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self.forms and self._select:
            self._option(found)
        elif tag == "input" and self.forms:
            self._input(found, name)

    def _option(self, found: Mapping[str, str]) -> None:
        form, value = self.forms[-1], found.get("value", "")
        form.choices.setdefault(self._select, []).append(value)
        if "selected" in found or self._select not in form.fields:
            form.fields[self._select] = value

    def _input(self, found: Mapping[str, str], name: str) -> None:
        form, kind = self.forms[-1], found.get("type", "text")
        form.kinds[name] = kind
        if kind in {"radio", "checkbox"}:
            form.choices.setdefault(name, []).append(found.get("value", "on"))
            if "disabled" in found:
                form.disabled.add(found["value"])
            if "checked" not in found:
                return
            self.ticked.append(found.get("value", "on"))
        if kind != "file":
            form.fields[name] = found.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._area and self.forms:
            self.forms[-1].fields[self._area] += data.removeprefix("\n")
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


class Browser:
    """One person's browser. ``page`` is what it shows now."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.origin = str(client.base_url).rstrip("/")
        self.answer: httpx.Response | None = None

    @property
    def page(self) -> PageReader:
        assert self.answer is not None
        return PageReader(self.answer.text)

    @property
    def text(self) -> str:
        return self.page.text

    @property
    def status(self) -> int:
        assert self.answer is not None
        return self.answer.status_code

    def is_at(self, path: str) -> bool:
        assert self.answer is not None
        return self.answer.url.path == path

    async def opens(self, address: str) -> httpx.Response:
        self.answer = await self.client.get(address, follow_redirects=True)
        return self.answer

    def form(self, ending: str) -> FormOnPage:
        """The form of the page whose address ends like this."""
        found = [form for form in self.page.forms if form.action.endswith(ending)]
        assert found, f"no form …{ending} on the page: {self.text[:300]}"
        return found[0]

    async def sends(
        self,
        ending: str,
        /,
        *,
        files: Sequence[tuple[str, bytes, str]] = (),
        to: str = "",
        follow: bool = True,
        **typed: str,
    ) -> httpx.Response:
        """Fill in a form of the page and send it; ``to`` is the address of another of its buttons."""
        form = self.form(ending)
        uploads = [("files", file) for file in files] or None
        self.answer = await self.client.post(
            to or form.action or str(self.answer.url),
            data=form.fields | typed,
            files=uploads,
            headers={"Origin": self.origin},
            follow_redirects=follow,
        )
        return self.answer

    async def log_in(self, username: str, password: str = PASSWORD, **typed: str) -> httpx.Response:
        await self.opens("/login" if not typed else f"/login?next={typed['next']}")
        return await self.sends("/login", username=username, password=password)
