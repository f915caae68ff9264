"""The desk as its settings describe it to customers."""

from core.i18n import Translators
from core.render.office import Office
from core.settings import Settings


def office_of(settings: Settings) -> Office:
    return Office(
        name=settings.desk_name,
        translators=Translators(default=settings.default_locale, timezone=settings.desk_timezone),
        email=settings.desk_email,
        phone=settings.desk_phone,
        url=settings.desk_url,
        panel_url=settings.panel_url,
        upload_url=settings.upload_url,
        upload_limit=settings.upload_limit_mb,
    )
