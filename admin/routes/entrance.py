"""Coming in and going out, and the pages of links that strangers bring."""

from collections.abc import Sequence

from admin.auth import Entrance
from admin.pages import login, second_factor, setup, upload
from admin.routes.page import Page

PAGES: Sequence[Page] = (
    Page("GET", "/login", login.show, Entrance.EVERYBODY),
    Page("POST", "/login", login.enter, Entrance.EVERYBODY),
    Page("GET", "/login/code", second_factor.ask, Entrance.HALFWAY),
    Page("POST", "/login/code", second_factor.take, Entrance.HALFWAY),
    Page("GET", "/login/factor", second_factor.show_first, Entrance.HALFWAY),
    Page("POST", "/login/factor", second_factor.take_first, Entrance.HALFWAY),
    Page("POST", "/logout", login.leave, Entrance.STAFF),
    Page("GET", "/setup/{token}", setup.show, Entrance.EVERYBODY),
    Page("POST", "/setup/{token}", setup.choose, Entrance.EVERYBODY),
    Page("GET", "/upload/{token}", upload.show, Entrance.EVERYBODY),
    Page("POST", "/upload/{token}", upload.take, Entrance.EVERYBODY),
)
