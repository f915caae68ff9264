"""What all technicians look after for themselves."""

from collections.abc import Sequence

from admin.auth import Entrance
from admin.pages import account, account_telegram, second_factor
from admin.routes.page import SESSION, TOKEN, Page

PAGES: Sequence[Page] = (
    Page("GET", "/account", account.show, Entrance.STAFF),
    Page("POST", "/account/stay", account.stay, Entrance.STAFF),
    Page("POST", "/account/name", account.rename, Entrance.STAFF),
    Page("POST", "/account/keys", account.choose_keys, Entrance.STAFF),
    Page("POST", "/account/password", account.change_password, Entrance.STAFF),
    Page("POST", "/account/sessions/end", account.end_others, Entrance.STAFF),
    Page("POST", f"/account/{SESSION}/end", account.end_session, Entrance.STAFF),
    Page("POST", "/account/tokens", account.make_token, Entrance.STAFF),
    Page("POST", f"/account/{TOKEN}/revoke", account.revoke_token, Entrance.STAFF),
    Page("GET", "/account/second-factor", second_factor.show, Entrance.STAFF),
    Page("POST", "/account/second-factor", second_factor.turn_on, Entrance.STAFF),
    Page("POST", "/account/second-factor/codes", second_factor.renew_codes, Entrance.STAFF),
    Page("POST", "/account/second-factor/off", second_factor.turn_off, Entrance.STAFF),
    Page("GET", "/account/telegram", account_telegram.show, Entrance.STAFF),
    Page("POST", "/account/telegram/link", account_telegram.link, Entrance.STAFF),
    Page("POST", "/account/telegram/wishes", account_telegram.wish, Entrance.STAFF),
    Page("POST", "/account/telegram/part", account_telegram.part, Entrance.STAFF),
    Page("GET", "/account/telegram/{form:path}", account_telegram.back, Entrance.STAFF),
)
