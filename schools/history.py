"""Records of this app with a history page."""

from collections.abc import Iterator

from partnership.choices import SCHOOL_ROLES
from partnership.engine.history import Trail, itself, register
from partnership.models import RoleGrant
from schools.models import Answer, Collection, FactOverride, LocalFacts, Return, School


def _of_school(school: School) -> Iterator[Trail]:
    yield itself(school.organisation)
    yield Trail(LocalFacts, {"school": school.pk})
    yield Trail(FactOverride, {"school": school.pk}, named_by=("fact",))
    yield Trail(RoleGrant, {"organisation": school.pk, "role__in": sorted(SCHOOL_ROLES)}, named_by=("role", "user"))


def _of_return(record: Return) -> Iterator[Trail]:
    yield Trail(Answer, {"return_record": record.pk}, named_by=("question",))


register(School, _of_school)
register(Return, _of_return)
register(Collection)
