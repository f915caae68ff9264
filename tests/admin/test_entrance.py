"""Who comes in, and who does not."""

from tests.admin.browser import PASSWORD


async def test_a_technician_logs_in_and_sees_the_queue(desk, tom):
    assert tom.status == 200
    assert tom.answer.url.path == "/"
    assert "Tom" in tom.text
