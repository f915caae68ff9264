"""What a bot in privacy mode hears of a group: commands, mentions, answers to it, and what happens to the group."""

from typing import Any

from bot.simulator.detect import utf16

SERVICE = frozenset({"group_chat_created", "new_chat_members", "left_chat_member", "new_chat_title"})


def hears(bot: dict[str, Any], message: dict[str, Any]) -> bool:
    """A command for nobody in particular counts: this bot is the only one here."""
    if not SERVICE.isdisjoint(message):
        return True
    if message.get("reply_to_message", {}).get("from", {}).get("id") == bot["id"]:
        return True
    name = f"@{bot['username']}".lower()
    words = str(message.get("text") or message.get("caption") or "")
    entities = message.get("entities") or message.get("caption_entities") or []
    return any(addresses(entity, words, name) for entity in entities)


def addresses(entity: dict[str, Any], words: str, name: str) -> bool:
    marked = slice_utf16(words, entity["offset"], entity["length"]).lower()
    if entity["type"] == "mention":
        return marked == name
    if entity["type"] != "bot_command":
        return False
    return marked.endswith(name) or ("@" not in marked and entity["offset"] == 0)


def slice_utf16(words: str, offset: int, length: int) -> str:
    if utf16(words) == len(words):
        return words[offset : offset + length]
    units = words.encode("utf-16-le", "surrogatepass")
    return units[2 * offset : 2 * (offset + length)].decode("utf-16-le", "replace")
