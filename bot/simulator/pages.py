"""The two pages: the phone and the mailbox."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from bot.simulator.words import language_of, words_in

HERE = Path(__file__).parent
TEMPLATES = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=select_autoescape())


async def phone(request: Request) -> HTMLResponse:
    return page(request, "phone.html")


async def mailbox(request: Request) -> HTMLResponse:
    return page(request, "mailbox.html")


def page(request: Request, template: str) -> HTMLResponse:
    words = words_in(language_of(request.query_params.get("lang", "")))
    content = TEMPLATES.get_template(template).render(bot=request.app.state.world.bot, w=words)
    return HTMLResponse(content, headers={"Cache-Control": "no-cache"})
