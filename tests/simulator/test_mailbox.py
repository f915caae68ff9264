"""The mailbox: what is sent over SMTP is there to read, and troubles come when ordered."""

import hashlib
from email.message import EmailMessage

import aiosmtplib
import pytest


async def post(simulator, subject="Informe del ticket #1042"):
    mail = EmailMessage()
    mail["From"] = "SACI Soporte <soporte@saci.ec>"
    mail["To"] = "ana@ejemplo.ec"
    mail["Subject"] = subject
    mail["Message-ID"] = "<outbox-7@ventanilla>"
    mail.set_content("Estimada Ana:\nañadimos el informe.")
    mail.add_alternative("<p>Estimada <b>Ana</b></p>", subtype="html")
    mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="informe-1042.pdf")
    host, port = simulator.smtp_url.removeprefix("smtp://").split(":")
    await aiosmtplib.send(mail, hostname=host, port=int(port), start_tls=False)


async def mails(control, **params):
    return (await control.get("/sim/mails", params=params)).json()


async def test_a_mail_arrives_whole(simulator, control):
    await post(simulator)
    (mail,) = await mails(control, count=1)
    assert mail["subject"] == "Informe del ticket #1042"
    assert (mail["mail_from"], mail["rcpt_to"]) == ("soporte@saci.ec", ["ana@ejemplo.ec"])
    assert mail["message_id"] == "<outbox-7@ventanilla>"
    assert "añadimos" in mail["text"]
    assert "<b>Ana</b>" in mail["html"]
    assert mail["attachments"] == [
        {
            "name": "informe-1042.pdf",
            "content_type": "application/pdf",
            "size": 8,
            "sha256": hashlib.sha256(b"%PDF-1.7").hexdigest(),
        }
    ]
    attachment = await control.get(f"/sim/mails/{mail['id']}/attachments/0")
    assert attachment.content == b"%PDF-1.7"


async def test_the_html_of_a_mail_is_harmless(simulator, control):
    await post(simulator)
    (mail,) = await mails(control)
    page = await control.get(f"/sim/mails/{mail['id']}/html")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy


async def test_a_picture_a_mail_brought_is_shown_in_its_html(simulator, control):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "soporte@saci.ec", "ana@ejemplo.ec", "Con logotipo"
    mail.set_content("Mesa")
    mail.add_alternative('<img src="cid:logo@saci">', subtype="html")
    html = mail.get_body(("html",))
    assert html is not None
    html.add_related(b"PNG", maintype="image", subtype="png", cid="<logo@saci>", disposition="inline")
    host, port = simulator.smtp_url.removeprefix("smtp://").split(":")
    await aiosmtplib.send(mail, hostname=host, port=int(port), start_tls=False)
    (row,) = await mails(control, count=1)
    page = await control.get(f"/sim/mails/{row['id']}/html")
    assert page.text.strip() == '<img src="data:image/png;base64,UE5H">'
    assert row["attachments"] == []


@pytest.mark.parametrize("kind", ["421", "450", "550"])
async def test_a_refused_mail_is_not_kept(simulator, control, kind):
    await control.post("/sim/mail-faults", json={"kind": kind, "times": 1})
    with pytest.raises(aiosmtplib.SMTPException) as refusal:
        await post(simulator)
    assert str(getattr(refusal.value, "code", kind)) == kind
    assert await mails(control) == []
    await post(simulator)
    assert len(await mails(control)) == 1


async def test_a_dropped_answer_leaves_the_mail_there(simulator, control):
    await control.post("/sim/mail-faults", json={"kind": "drop_after_data", "times": 1})
    with pytest.raises(aiosmtplib.SMTPException):
        await post(simulator)
    assert len(await mails(control)) == 1
    await control.delete("/sim/mails")
    assert await mails(control) == []
