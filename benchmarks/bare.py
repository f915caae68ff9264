"""The measure of the pages: the plainest Starlette page with fifty rows, drawn by Jinja2."""

import sys

import uvicorn
from jinja2 import Environment
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

PAGE = Environment(autoescape=True).from_string(
    """<!doctype html><html lang="es"><title>Tickets</title><table>
{% for row in rows %}<tr><td><a href="/{{ row.number }}">#{{ row.number }}</a></td><td>{{ row.subject }}</td>
<td>{{ row.company }}</td><td>{{ row.state }}</td><td>{{ row.since }}</td></tr>
{% endfor %}</table></html>"""
)
ROWS = [
    {
        "number": number,
        "subject": f"No imprime {number}",
        "company": "Comercial S.A.",
        "state": "Nuevo",
        "since": "2 h",
    }
    for number in range(1000, 1050)
]


async def page(_request: Request) -> HTMLResponse:
    return HTMLResponse(PAGE.render(rows=ROWS))


if __name__ == "__main__":
    uvicorn.run(Starlette(routes=[Route("/", page)]), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
