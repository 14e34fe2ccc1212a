"""What of the schools app can be found."""

from partnership.engine.search import Source, register
from schools.models import Return, School

register(
    Source(
        "School",
        School,
        "organisation__name",
        ("town", "district_name", "trust_name"),
        related=("organisation",),
        exact=("urn",),
    ),
    Source("Return", Return, "reference", when="submitted_at", exact=("reference",), by_title=False),
)
