"""``make catalogs``: gathers the texts of the code and merges them into the Spanish catalog."""

import sys
import tempfile
from pathlib import Path

from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
LOCALES = ROOT / "locales"
SPANISH = LOCALES / "es" / "LC_MESSAGES" / "ventanilla.po"
KEYWORDS = ("t", "N_", "plural:1,2", "context:1c,2")


def update(folder: Path) -> None:
    """Merge the texts of the code into the catalogs below ``folder``; what is gone is dropped."""
    with tempfile.TemporaryDirectory() as work:
        template = Path(work) / "ventanilla.pot"
        keywords = [argument for keyword in KEYWORDS for argument in ("-k", keyword)]
        _pybabel(
            "extract",
            "-F",
            str(ROOT / "pyproject.toml"),
            *keywords,
            "--no-location",
            "--omit-header",
            "--no-default-keywords",
            "-o",
            str(template),
            str(ROOT),
        )
        _pybabel(
            "update",
            "-i",
            str(template),
            "-d",
            str(folder),
            "-D",
            "ventanilla",
            "-l",
            "es",
            "--no-fuzzy-matching",
            "--ignore-obsolete",
            "--no-wrap",
            "--ignore-pot-creation-date",
        )


def holes(catalog: Path) -> list[str]:
    """The texts without a translation, or with one that does not fill the same values."""
    with catalog.open("rb") as file:
        messages = read_po(file, locale="es")
    return [str(message.id) for message in messages if message.id and (not _is_whole(message) or message.fuzzy)]


def _is_whole(message: object) -> bool:
    ids = message.id if isinstance(message.id, tuple) else (message.id,)
    strings = message.string if isinstance(message.string, tuple) else (message.string,)
    wanted = set().union(*(_values(text) for text in ids))
    return all(text and _values(text) == wanted for text in strings)


def _values(text: str) -> set[str]:
    return {part.partition(")")[0] for part in text.split("%(")[1:]}


def _pybabel(*arguments: str) -> None:
    CommandLineInterface().run(["pybabel", "--quiet", *arguments])


if __name__ == "__main__":
    if "--check" not in sys.argv:
        update(LOCALES)
    missing = holes(SPANISH)
    sys.stdout.write("".join(f"no translation: {text}\n" for text in missing))
    sys.exit(bool(missing))
