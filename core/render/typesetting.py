"""Sets a page of the desk's paper as a tagged PDF on A4: the texts are data to the template, never markup."""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from core.render.drawable import drawable

TEMPLATES = Path(__file__).parent / "templates"


class TypesettingError(Exception):
    """The page cannot be drawn; the message is the compiler's, without the texts of the page."""


def typeset(template: str, data: dict[str, Any], *, at: datetime, reduced: bool = False) -> bytes:
    """The PDF of ``templates/<template>`` filled with data, dated ``at``. Some 30 ms: call it in a thread.

    A character no font has costs the PDF/UA mark, not the page. ``reduced`` shows everything beyond
    common European writing as a box: for a text that cannot be drawn as it is. Raises TypesettingError.
    """
    cleaned = json.dumps(_cleaned(data, reduced=reduced))
    try:
        return _compile(template, cleaned, at, is_accessible=True)
    except typst.TypstError:
        pass
    try:
        return _compile(template, cleaned, at, is_accessible=False)
    except typst.TypstError as error:
        raise TypesettingError(error.message) from None


def picture(content: bytes | None) -> list[int] | None:
    """A picture as a template takes it: typst reads JSON, and JSON has no bytes."""
    return None if content is None else list(content)


@cache
def _fonts() -> typst.Fonts:
    """The fonts of the package come first; those of the system only lend characters these do not have."""
    return typst.Fonts(include_system_fonts=True)


def _compile(template: str, data: str, at: datetime, *, is_accessible: bool) -> bytes:
    return typst.compile(
        TEMPLATES / template,
        root=TEMPLATES,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": data},
        pdf_standards="ua-1" if is_accessible else None,
        timestamp=int(at.timestamp()),
    )


def _cleaned(value: Any, *, reduced: bool) -> Any:
    if isinstance(value, str):
        return drawable(value, reduced=reduced)
    if isinstance(value, list) and not (value and isinstance(value[0], int)):
        return [_cleaned(part, reduced=reduced) for part in value]
    if isinstance(value, dict):
        return {key: _cleaned(part, reduced=reduced) for key, part in value.items()}
    return value
