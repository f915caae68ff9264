"""Text goes out compressed, and says nothing by its length."""

import gzip

import pytest

from admin.compression import noisy
from admin.templating import static_address
from tests.admin.test_files import attach, ticket

__all__ = ["attach", "ticket"]  # fixtures of the neighbours


@pytest.fixture
def backend() -> str:
    """No database has a part in it."""
    return "sqlite"


async def raw(client, address: str, takes: str = "gzip, br") -> tuple[object, bytes]:
    """The answer, and its bytes as they came."""
    async with client.stream("GET", address, headers={"Accept-Encoding": takes}) as answer:
        return answer, b"".join([part async for part in answer.aiter_raw()])


async def test_pages_and_static_files_are_compressed_for_who_takes_it(desk, tom):
    for address in ("/", static_address("all.css"), static_address("live.js"), static_address("icons.svg")):
        small, packed = await raw(tom.client, address)
        large, whole = await raw(tom.client, address, "identity")
        assert small.headers["content-encoding"] == "gzip"
        assert small.headers["content-length"] == str(len(packed))
        assert "content-encoding" not in large.headers
        assert "Accept-Encoding" in small.headers["vary"]
        assert "Accept-Encoding" in large.headers["vary"]
        assert len(packed) < len(whole) / 2
        if address != "/":
            assert gzip.decompress(packed) == whole
            assert (
                small.headers["cache-control"]
                == large.headers["cache-control"]
                == "public, max-age=31536000, immutable"
            )


async def test_a_compressed_file_that_is_still_good_is_not_sent_again(tom):
    address = static_address("panel.css")
    first, _ = await raw(tom.client, address)
    again = await tom.client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


async def test_what_is_small_or_a_download_stays_as_it_is(tom, ticket, attach):
    page = await attach("pagina.html", b"<!doctype html><p>Hola</p>" * 100)
    for address in ("/livez", f"/tickets/{ticket.number}/files/{page.id}/pagina.html"):
        answer, _ = await raw(tom.client, address)
        assert answer.status_code == 200
        assert "content-encoding" not in answer.headers, address
    assert answer.headers["content-type"].startswith("text/html")


def test_the_length_of_a_page_says_little_of_its_words():
    page = b"<p>0992345678001</p>" * 400
    lengths = {len(noisy(page)) for _ in range(200)}
    assert len(lengths) > 50
    assert max(lengths) - min(lengths) > 60
    assert gzip.decompress(noisy(page)) == page
