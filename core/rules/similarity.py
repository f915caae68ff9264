"""Whether two subjects speak of the same trouble: asked about only where it is likely."""

import re
import unicodedata

import snowballstemmer

ENOUGH = 0.6  # of all words of both that both have; one word of two is not enough
_WORD = re.compile(r"\w+")
_stemmer = snowballstemmer.stemmer("spanish")

# What says nothing about the trouble: the small words, and those every second subject has.
_IDLE_WORDS = (
    "a al ante aqui asi aun con cuando de del desde el ella en entre era es esa ese eso esta estan estas este esto "
    "favor fue ha han hasta hay hola la las le les lo los me mi mis muy nada ni no nos o otra otro para pero por "
    "porfa porque pues que se sea ser si sin sobre solo su sus tan te tengo tenemos tiene todo todos tras tu un una "
    "unas uno unos va van y ya yo "
    "ayer ayuda ayudar buenas buenos caso consulta deja dejo dia dias duda error errores gracias hoy necesita "
    "necesitamos necesito nueva nuevo pasa problema problemas puede pueden puedo quiero requiero saci sale salen "
    "sistema soporte tardes ticket urgente vez"
)
_IDLE = frozenset(_IDLE_WORDS.split())


def is_same_trouble(subject: str, other: str) -> bool:
    """Most of what both say they say in common; subjects with different numbers are never the same."""
    words, others = _told(subject), _told(other)
    numbers, other_numbers = _numbers(words), _numbers(others)
    if numbers and other_numbers and numbers != other_numbers:
        return False
    shared = sum(any(forms & known for known in others) for forms in words)
    total = len(words) + len(others) - shared
    return total > 0 and shared / total >= ENOUGH


def _told(subject: str) -> set[frozenset[str]]:
    """The words that say something, each with the forms it is known by."""
    raw = _WORD.findall(subject.lower())
    return {_forms(word) for word in raw if _plain(word) not in _IDLE}


def _forms(word: str) -> frozenset[str]:
    """Accents are often left out, and ``facturacion`` has another stem than ``facturación``."""
    plain = _plain(word)
    accented = f"{plain[:-4]}ción" if plain.endswith("cion") else word
    return frozenset({plain, _stemmer.stemWord(plain), _plain(_stemmer.stemWord(accented))})


def _plain(word: str) -> str:
    apart = unicodedata.normalize("NFKD", word)
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def _numbers(words: set[frozenset[str]]) -> set[frozenset[str]]:
    return {forms for forms in words if any(sign.isdigit() for form in forms for sign in form)}
