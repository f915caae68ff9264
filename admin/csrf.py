"""Forms are taken from pages of this panel only: where they come from, and a token only the page knows."""

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from starlette.requests import Request

from admin.errors import StrangerError
from admin.panel import Panel

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITES = frozenset({"same-origin", "none"})


def check_origin(request: Request, panel: Panel) -> None:
    """Raises StrangerError for a request that changes something and does not say it comes from here."""
    if request.method in SAFE_METHODS:
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        is_own = site in _OWN_SITES
    else:
        # behind a proxy the Host header may be the proxy's name for us
        hosts = {request.headers.get("host", ""), urlsplit(panel.office.panel_url).netloc}
        is_own = origin is not None and urlsplit(origin).netloc in hosts - {""}
    if not is_own:
        raise StrangerError


def check_token(given: str, expected: str) -> None:
    """Raises StrangerError unless the form brought its session's token."""
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise StrangerError


def new_nonce() -> str:
    """For a cookie of somebody who has no session yet."""
    return secrets.token_urlsafe(24)


def token_for(panel: Panel, nonce: str) -> str:
    """The form token that belongs to the cookie of somebody who is not logged in."""
    return hmac.new(panel.secret, b"form:" + nonce.encode(), hashlib.sha256).hexdigest()
