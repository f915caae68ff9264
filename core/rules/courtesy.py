"""Whether what is written to a closed ticket is only courtesy: thanks need no work and reopen nothing."""

import re
import unicodedata

LONGEST = 12  # words: a longer text says something besides

# What carries the courtesy: at least one of these must be said.
_THANKS = (
    "gracias graciass grax thanks thank thx ty agradezco agradecida agradecido agradecemos agradecidos "
    "ok okay oki okey vale listo perfecto perfect excelente excellent great genial super buenisimo bien "
    "solucionado resuelto solved entendido understood amable amables bendiciones dios saludos regards "
    "recibido received enterado enterada cheers appreciated"
)

# What may stand around it without saying anything more.
_AROUND = (
    "a al con de del el en es esta este fue ha han la las le les lo los me mi mil mis mucha muchas mucho muchos "
    "muchisimas muchisimo muy nos por que se si su sus te todo todos toda tu un una usted ustedes y ya yo "
    "ayuda ayudarme ayudarnos atencion pronta rapida rapido respuesta servicio soporte tiempo apoyo gentil "
    "hola hello buenos buenas chao adios bye dia dias tarde tardes noche "
    "noches feliz semana fin lindo linda buen buena bendiga pague amigo amiga "
    "senor senora senorita ingeniero ingeniera ing estimado estimada estimados licenciada quedo quedamos "
    "all and are day everyone everything for good help helping i is it its kind lot much nice of so support team "
    "that the this to very was we working works now you your yes yep si claro sir madam best kindly have"
)
THANKS, AROUND = frozenset(_THANKS.split()), frozenset(_AROUND.split())
_COURTEOUS = THANKS | AROUND

# Signs of the hand and the face that only thank; one that frowns says something.
KIND_SIGNS = frozenset("👍👌🙏🙌👏🤝🤗😀😃😄😁😊🙂😉😍🥰😇😎🤩❤♥💙💚💛🧡💜💪✅✔☑💯🎉🎊🌟⭐✨🌹🌷💐🫡🫶☺🥳")
_JOINERS = frozenset("\ufe0e\ufe0f\u200d") | {chr(code) for code in range(0x1F3FB, 0x1F400)}
_WORD = re.compile(r"[^\W_]+")


def is_courtesy(text: str) -> bool:
    """Whether the words only thank, greet or agree, in Spanish or English; a question never does."""
    if "?" in text or "¿" in text:
        return False
    words = _WORD.findall(_plain(text))
    if words and not THANKS.intersection(words):  # nearly everything
        return False
    signs = {sign for sign in set(text) if unicodedata.category(sign) in {"So", "Sk"}} - _JOINERS
    if signs - KIND_SIGNS:
        return False
    if not words:
        return bool(signs)
    return len(words) <= LONGEST and _COURTEOUS.issuperset(words)


def _plain(text: str) -> str:
    """Without accents and capitals."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))
