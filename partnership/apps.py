from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class PartnershipConfig(AppConfig):
    name = "partnership"

    def ready(self) -> None:
        """Find what each app registers: its permissions and moves first, then what is gathered from every app."""
        autodiscover_modules("permissions")
        autodiscover_modules("moves", "figures", "home", "documents", "history", "priority_entries", "search")
