"""What the demonstration desk says often."""

from core.actions.canned import Wording
from core.rules.services import Service

ANSWERS = (
    Wording(
        "Saludo",
        "saludo",
        {
            "es": "Buenos días, {{cliente}}. Soy {{tecnico}}; ya estoy revisando su ticket {{ticket}}.",
            "en": "Good morning, {{cliente}}. I am {{tecnico}} and I am looking at your ticket {{ticket}} now.",
        },
    ),
    Wording(
        "Pedir una captura",
        "captura",
        {
            "es": "Para entender mejor el problema, envíenos por favor una captura de toda la pantalla "
            "con el mensaje que aparece.",
            "en": "To understand the problem better, please send us a picture of the whole screen with the message.",
        },
        Service.SUPPORT,
    ),
    Wording(
        "Conectarnos a su equipo",
        "conexion",
        {
            "es": "{{cliente}}, podemos revisarlo directamente en su equipo. Abra el programa de acceso remoto y "
            "escríbanos aquí el número que muestra. ¿A qué hora le conviene?",
            "en": "{{cliente}}, we can look at it on your machine. Open the remote-access program and write us "
            "its number here. What time suits you?",
        },
        Service.SUPPORT,
    ),
    Wording(
        "Probar y confirmar",
        "probar",
        {
            "es": "Hicimos el cambio. Pruebe por favor y cuéntenos si {{empresa}} puede trabajar con normalidad.",
            "en": "The change is made. Please try it and tell us whether {{empresa}} can work as usual.",
        },
    ),
    Wording(
        "Solicitud recibida por Desarrollo",
        "desarrollo",
        {
            "es": "Su solicitud {{ticket}} está con el equipo de Desarrollo. Le escribiremos cuando haya una fecha.",
            "en": "Your request {{ticket}} is with Development. We will write as soon as there is a date.",
        },
        Service.DEVELOPMENT,
    ),
)
