"""Control of where the bot belongs: groups people make with it, and who shuts it out or lets it in."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from bot.simulator.chats import Chat
from bot.simulator.control.requests import chat_of, object_of, speaker_of, world_of
from bot.simulator.errors import ControlError
from bot.simulator.world import World

FIRST_FREE_ID = -4_000_000_001


async def make_group(request: Request) -> JSONResponse:
    """`title` and `members`, of whom the first one makes it and takes the bot along."""
    world, wish = world_of(request), await object_of(request)
    title, members = str(wish.get("title") or "").strip(), [int(member) for member in wish.get("members") or []]
    if not title:
        raise ControlError(400, "Falta el nombre del grupo.")
    if not members or not all(member > 0 and member in world.chats for member in members):
        raise ControlError(400, "El grupo necesita personas de la lista.")
    group_id = min([FIRST_FREE_ID + 1, *world.chats]) - 1
    chat = world.add_group({"id": group_id, "type": "group", "title": title})
    chat.members, chat.made_up = members, False
    chat.change("members")
    announce(world, chat, was="left", now="member", wish={})
    maker = speaker_of(world, chat, {}).as_user()
    world.receive(chat, {**world.skeleton(chat, maker), "group_chat_created": True})
    world.feed.publish({"kind": "person", "user_id": group_id})
    return JSONResponse({"id": group_id, "title": title, "members": members}, 201)


async def block(request: Request) -> JSONResponse:
    """A person blocks the bot; a group throws it out."""
    world, chat, wish = world_of(request), chat_of(request), await object_of(request)
    if chat.blocked:
        return JSONResponse({"blocked": True, "update_id": None})
    chat.blocked = True
    chat.change("blocked", blocked=True)
    return JSONResponse({"blocked": True, "update_id": announce(world, chat, was="member", now="kicked", wish=wish)})


async def unblock(request: Request) -> JSONResponse:
    world, chat, wish = world_of(request), chat_of(request), await object_of(request)
    if not chat.blocked and not chat.left:
        return JSONResponse({"blocked": False, "update_id": None})
    was = "kicked" if chat.blocked else "left"
    chat.blocked = chat.left = False
    chat.change("blocked", blocked=False)
    return JSONResponse({"blocked": False, "update_id": announce(world, chat, was=was, now="member", wish=wish)})


def announce(world: World, chat: Chat, *, was: str, now: str, wish: dict[str, Any]) -> int | None:
    """my_chat_member: the bot hears what became of itself."""
    facts = {
        "chat": chat.as_chat(),
        "from": speaker_of(world, chat, wish).as_user(),
        "date": int(world.now()),
        "old_chat_member": member(world, was),
        "new_chat_member": member(world, now),
    }
    return world.queue.push({"my_chat_member": facts}, lane=chat.id)


def member(world: World, status: str) -> dict[str, Any]:
    facts = {"user": world.bot, "status": status}
    return {**facts, "until_date": 0} if status == "kicked" else facts
