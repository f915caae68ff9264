"""How the desk itself is: what was sent, what is in trouble, who did what."""

from collections.abc import Sequence

from admin.auth import Entrance
from admin.pages import audit, deliveries, health
from admin.routes.page import Page
from core.rules.permissions import Permission

_UPDATE = "updates/{bot:identity}/{update:identity}"

PAGES: Sequence[Page] = (
    Page("GET", "/audit", audit.show, Permission.SEE_AUDIT),
    Page("GET", "/audit.csv", audit.as_csv, Permission.SEE_AUDIT),
    Page("GET", "/livez", health.livez, Entrance.EVERYBODY),
    Page("GET", "/readyz", health.readyz, Entrance.EVERYBODY),
    Page("GET", "/metrics", health.metrics, Entrance.EVERYBODY),
    Page("GET", "/health", health.show, Permission.SEE_DELIVERIES),
    Page("GET", "/deliveries", deliveries.show, Permission.SEE_DELIVERIES),
    Page("POST", "/deliveries/held/release", deliveries.release_all, Permission.RETRY_DELIVERY),
    Page("POST", "/deliveries/held/discard", deliveries.discard_all, Permission.RETRY_DELIVERY),
    Page("POST", "/deliveries/{delivery:number}/retry", deliveries.retry, Permission.RETRY_DELIVERY),
    Page("POST", "/deliveries/{delivery:number}/release", deliveries.release, Permission.RETRY_DELIVERY),
    Page("POST", "/deliveries/{delivery:number}/discard", deliveries.discard, Permission.RETRY_DELIVERY),
    Page("POST", f"/deliveries/{_UPDATE}/reprocess", deliveries.reprocess, Permission.RETRY_DELIVERY),
    Page("POST", f"/deliveries/{_UPDATE}/discard", deliveries.discard_update, Permission.RETRY_DELIVERY),
    Page("GET", "/deliveries/{form:path}", deliveries.back, Permission.SEE_DELIVERIES),
)
