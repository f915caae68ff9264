"""The two pages: the phone and the mailbox."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse

HERE = Path(__file__).parent
TEMPLATES = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=select_autoescape())


async def phone(request: Request) -> HTMLResponse:
    bot = request.app.state.world.bot
    return HTMLResponse(TEMPLATES.get_template("phone.html").render(bot=bot))


async def mailbox(request: Request) -> HTMLResponse:
    bot = request.app.state.world.bot
    return HTMLResponse(TEMPLATES.get_template("mailbox.html").render(bot=bot))
