"""The control API under /sim: for tests, for the phone page, for the mailbox page."""

from starlette.routing import BaseRoute, Route

from bot.simulator.control import groups, mails, people, search, touches, traffic, waiting

# Groups have negative numbers, which the :int convertor does not take.
CHAT = "/sim/chats/{user_id}"
ROUTES: list[BaseRoute] = [
    Route("/sim/people", people.add_person, methods=["POST"]),
    Route("/sim/people", people.list_people, methods=["GET"]),
    Route("/sim/groups", groups.make_group, methods=["POST"]),
    Route(CHAT, people.show_chat, methods=["GET"]),
    Route(CHAT + "/events", waiting.chat_events, methods=["GET"]),
    Route(CHAT + "/messages", people.send, methods=["POST"]),
    Route(CHAT + "/messages/{message_id:int}/edit", people.edit, methods=["POST"]),
    Route(CHAT + "/messages/{message_id:int}", people.delete, methods=["DELETE"]),
    Route(CHAT + "/tap", touches.tap, methods=["POST"]),
    Route(CHAT + "/press", touches.press, methods=["POST"]),
    Route(CHAT + "/react", touches.react, methods=["POST"]),
    Route(CHAT + "/block", groups.block, methods=["POST"]),
    Route(CHAT + "/unblock", groups.unblock, methods=["POST"]),
    Route(CHAT + "/clear", people.clear, methods=["POST"]),
    Route(CHAT + "/search", search.search, methods=["GET"]),
    Route(CHAT + "/read", people.mark_read, methods=["POST"]),
    Route("/sim/callbacks/{callback_id}", waiting.show_callback, methods=["GET"]),
    Route("/sim/wait", waiting.wait, methods=["GET"]),
    Route("/sim/idle", waiting.idle, methods=["GET"]),
    Route("/sim/events", waiting.all_events, methods=["GET"]),
    Route("/sim/updates", traffic.inject, methods=["POST"]),
    Route("/sim/updates", traffic.show_updates, methods=["GET"]),
    Route("/sim/updates", traffic.drop_updates, methods=["DELETE"]),
    Route("/sim/updates/jump", traffic.jump, methods=["POST"]),
    Route("/sim/clock", traffic.set_clock, methods=["POST"]),
    Route("/sim/faults", traffic.add_faults, methods=["POST"]),
    Route("/sim/faults", traffic.show_faults, methods=["GET"]),
    Route("/sim/faults", traffic.clear_faults, methods=["DELETE"]),
    Route("/sim/seed", traffic.set_seed, methods=["POST"]),
    Route("/sim/journal", traffic.show_journal, methods=["GET"]),
    Route("/sim/journal", traffic.clear_journal, methods=["DELETE"]),
    Route("/sim/load", traffic.load, methods=["POST"]),
    Route("/sim/mails", mails.list_mails, methods=["GET"]),
    Route("/sim/mails", mails.clear_mails, methods=["DELETE"]),
    Route("/sim/mails/{mail_id:int}", mails.show_mail, methods=["GET"]),
    Route("/sim/mails/{mail_id:int}/html", mails.show_mail_html, methods=["GET"]),
    Route("/sim/mails/{mail_id:int}/attachments/{n:int}", mails.download_attachment, methods=["GET"]),
    Route("/sim/mail-faults", mails.add_mail_fault, methods=["POST"]),
    Route("/sim/files/{unique_id}", mails.show_file, methods=["GET"]),
]
