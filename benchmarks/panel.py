"""A technician's browser: a session, and forms sent as they stand in the page."""

from html.parser import HTMLParser

import httpx

from benchmarks.figures import BenchmarkError

Attributes = list[tuple[str, str | None]]


class FormReader(HTMLParser):
    """The fields of the form whose address ends like this; files and choices are left as they are."""

    def __init__(self, html: str, ending: str) -> None:
        super().__init__()
        self._ending, self._is_inside = ending, False
        self.action = ""
        self.fields: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = found.get("action", "").partition("#")[0]
            self._is_inside = action.endswith(self._ending) and not self.action
            self.action = action if self._is_inside else self.action
        elif self._is_inside and tag == "input" and found.get("type") not in {"file", "radio", "checkbox"}:
            self.fields[found.get("name", "")] = found.get("value", "")
        elif self._is_inside and tag == "textarea":
            self.fields[found.get("name", "")] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_inside = False


class Panel:
    def __init__(self, http: httpx.Client) -> None:
        self._http = http
        self._origin = str(http.base_url).rstrip("/")

    def form(self, path: str, ending: str) -> FormReader:
        """Open a page for one of its forms."""
        page = self._http.get(path)
        page.raise_for_status()
        form = FormReader(page.text, ending)
        if not form.action:
            raise BenchmarkError(f"{path} has no form …{ending}")
        return form

    def send(self, form: FormReader, **typed: str) -> None:
        """Raises BenchmarkError unless the panel leads on, as it does after a form that was taken."""
        headers = {"Origin": self._origin}
        answer = self._http.post(form.action, data=form.fields | typed, headers=headers, follow_redirects=False)
        if answer.status_code != 303:
            raise BenchmarkError(f"{form.action} answered {answer.status_code}")

    def log_in(self, username: str, password: str) -> None:
        self.send(self.form("/login", "/login"), username=username, password=password)
