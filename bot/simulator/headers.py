"""Headers of the pages: what a browser may load, and names of downloads."""

from urllib.parse import quote

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self' blob:; connect-src 'self'; font-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)


def attachment_header(name: str) -> str:
    return f"attachment; filename*=UTF-8''{quote(name)}"
