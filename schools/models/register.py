"""The register of schools: the facts of Get Information About Schools (GIAS), and what is known locally.

The two are kept apart: an import writes ``School`` and never ``LocalFacts`` or ``FactOverride``.
"""

from __future__ import annotations

from typing import Self

import pghistory
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from partnership.engine import access
from partnership.models import Organisation, User
from schools.choices import ChangeKind, Duty, Fact, ImportStatus, LinkKind, SchoolStatus

YES_OR_NO = (("yes", "Yes"), ("no", "No"))
OPEN = (SchoolStatus.OPEN, SchoolStatus.CLOSING)
GENERATIONS = 10  # how far back a school's predecessors are followed; few schools have more than one before them


class SchoolQuerySet(access.AccessQuerySet):
    def open(self) -> Self:
        """Schools that are open, those proposed to close included: the ones that are asked for returns."""
        return self.filter(status__in=OPEN)

    def with_facts(self) -> Self:
        """With the organisation, the local facts and the overrides, in three queries whatever the number of schools."""
        return self.select_related("organisation", "local").prefetch_related("overrides")


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class School(models.Model):
    """A school or college, keyed by its unique reference number (URN). The name is the organisation's."""

    organisation = models.OneToOneField(Organisation, models.PROTECT, primary_key=True, related_name="school")
    urn = models.PositiveIntegerField("URN", unique=True)
    ukprn = models.CharField("UKPRN", max_length=10, blank=True)
    la_code = models.CharField("local authority code", max_length=3)
    la_name = models.CharField("local authority", max_length=80)
    establishment_number = models.CharField(max_length=10, blank=True)
    type_code = models.CharField(max_length=3)
    type_name = models.CharField("type", max_length=80)
    type_group_code = models.CharField(max_length=3, blank=True)
    type_group_name = models.CharField("type group", max_length=60)
    further_education_type = models.CharField("type of college", max_length=100, blank=True)
    status = models.CharField(max_length=10, choices=SchoolStatus)
    open_date = models.DateField("opened on", null=True, blank=True)
    reason_opened = models.CharField(max_length=100, blank=True)
    close_date = models.DateField("closed on", null=True, blank=True)
    reason_closed = models.CharField(max_length=100, blank=True)
    phase_code = models.CharField(max_length=3, blank=True)
    phase = models.CharField(max_length=40)
    low_age = models.PositiveSmallIntegerField("lowest age", null=True, blank=True)
    high_age = models.PositiveSmallIntegerField("highest age", null=True, blank=True)
    boarders = models.CharField(max_length=60, blank=True)
    nursery_provision = models.CharField(max_length=60, blank=True)
    sixth_form = models.CharField(max_length=60, blank=True)
    gender = models.CharField(max_length=20, blank=True)
    religious_character = models.CharField(max_length=80, blank=True)
    trust_code = models.CharField(max_length=10, blank=True)
    trust_name = models.CharField("trust", max_length=200, blank=True)
    federation_name = models.CharField("federation", max_length=200, blank=True)
    district_code = models.CharField(max_length=12, blank=True)
    district_name = models.CharField("district", max_length=80, blank=True)
    proprietor = models.CharField(max_length=250, blank=True)
    pupils = models.PositiveIntegerField("number of pupils", null=True, blank=True)
    capacity = models.PositiveIntegerField(null=True, blank=True)
    census_date = models.DateField(null=True, blank=True)
    street = models.CharField(max_length=150, blank=True)
    locality = models.CharField(max_length=150, blank=True)
    address3 = models.CharField("address line 3", max_length=150, blank=True)
    town = models.CharField(max_length=100, blank=True)
    county = models.CharField(max_length=100, blank=True)
    postcode = models.CharField(max_length=10, blank=True)
    website = models.CharField(max_length=250, blank=True)
    telephone = models.CharField(max_length=30, blank=True)
    head_title = models.CharField("head’s title", max_length=30, blank=True)
    head_first_name = models.CharField("head’s first name", max_length=60, blank=True)
    head_last_name = models.CharField("head’s last name", max_length=60, blank=True)
    head_job_title = models.CharField("head’s job title", max_length=100, blank=True)
    last_changed = models.DateField("last changed in the register", null=True, blank=True)

    objects = SchoolQuerySet.as_manager()

    class Meta:
        ordering = ["organisation__name", "urn"]
        indexes = [
            models.Index(name="school_by_district", fields=["district_name"]),
            models.Index(name="school_by_status", fields=["status"]),
        ]

    def __str__(self) -> str:
        return self.organisation.name

    def get_absolute_url(self) -> str:
        return reverse("schools:school", args=[self.urn])

    @property
    def name(self) -> str:
        return self.organisation.name

    @property
    def is_open(self) -> bool:
        """Whether it is open, being proposed to close included."""
        return self.status in OPEN

    @property
    def head_name(self) -> str:
        """The head as the register names them, e.g. "Mrs Ann Other"; empty if it names nobody."""
        return " ".join(filter(None, [self.head_title, self.head_first_name, self.head_last_name]))

    @property
    def address_lines(self) -> list[str]:
        """The postal address, without empty lines."""
        lines = [self.street, self.locality, self.address3, self.town, self.county, self.postcode]
        return [line for line in lines if line]

    def predecessor_urns(self) -> list[int]:
        """The URNs of the schools that it follows, nearest first, also of those that the register does not have.

        A circle in the links ends where it began. One query for each generation and one more, at most ten.
        """
        found: list[int] = []
        nearest = {self.urn}
        for _ in range(GENERATIONS):
            nearest = SchoolLink.predecessors_of(nearest) - {self.urn, *found}
            if not nearest:
                break
            found += sorted(nearest)
        return found

    def lineage(self) -> list[School]:
        """This school and those of the register that it follows, nearest first: whose past is its own. One query more
        than ``predecessor_urns``."""
        urns = self.predecessor_urns()
        found = {school.urn: school for school in School.objects.filter(urn__in=urns).select_related("organisation")}
        return [self, *(found[urn] for urn in urns if urn in found)]


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class LocalFacts(models.Model):
    """What the partnership knows of a school beside the register. No import touches it."""

    school = models.OneToOneField(School, models.CASCADE, primary_key=True, related_name="local")
    hub_district = models.CharField(
        "hub district", max_length=80, blank=True, help_text="Where it differs from the district in the register"
    )
    notes = models.TextField(blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "local facts"

    def __str__(self) -> str:
        return f"Local facts of {self.school}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class FactOverride(models.Model):
    """A worked-out fact of a school (its duty, an applicability flag) that is set by hand, with the reason."""

    school = models.ForeignKey(School, models.CASCADE, related_name="overrides")
    fact = models.CharField(max_length=30, choices=Fact)
    value = models.CharField(max_length=10, choices=[*Duty.choices, *YES_OR_NO])
    reason = models.TextField()
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["fact"]
        verbose_name = "fact set by hand"
        verbose_name_plural = "facts set by hand"
        constraints = [
            models.UniqueConstraint(name="factoverride_one_per_fact", fields=["school", "fact"]),
            models.CheckConstraint(name="factoverride_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="factoverride_value_fits_the_fact",
                condition=Q(fact=Fact.DUTY, value__in=sorted(Duty)) | (~Q(fact=Fact.DUTY) & Q(value__in=["no", "yes"])),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.school}: {self.get_fact_display()}"


class SchoolLink(models.Model):
    """That one school followed another (an academy conversion, an amalgamation), as the register's links file says.

    Kept by URN: the file names predecessors that closed before the portal's register begins.
    """

    school = models.ForeignKey(School, models.CASCADE, related_name="links")
    link_urn = models.PositiveIntegerField("linked URN")
    link_name = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=LinkKind)
    link_type = models.CharField(max_length=100, help_text="In the register’s own words")
    established = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["established", "link_urn"]
        constraints = [
            models.UniqueConstraint(name="schoollink_once", fields=["school", "link_urn", "link_type"]),
        ]
        indexes = [models.Index(name="schoollink_by_link_urn", fields=["link_urn"])]

    def __str__(self) -> str:
        return f"{self.school}: {self.link_type} {self.link_name}"

    @classmethod
    def predecessors_of(cls, urns: set[int]) -> set[int]:
        """The URNs that schools with ``urns`` followed directly: a link stands under either of its ends. One query."""
        under_new = cls.objects.filter(kind=LinkKind.PREDECESSOR, school__urn__in=urns).values_list("link_urn")
        under_old = cls.objects.filter(kind=LinkKind.SUCCESSOR, link_urn__in=urns).values_list("school__urn")
        return {urn for (urn,) in under_new.union(under_old)}


class RegisterImport(models.Model):
    """A register file: uploaded, compared, applied; by whom and when. Its differences are ``RegisterChange`` rows."""

    file = models.FileField(upload_to="register/%Y/", blank=True)
    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(help_text="Bytes")
    links_file = models.FileField(upload_to="register/%Y/", blank=True)
    links_filename = models.CharField(max_length=200, blank=True)
    new_links = models.PositiveIntegerField(default=0, help_text="Links in the links file that the register has not")
    local_authority = models.CharField(max_length=80)
    status = models.CharField(max_length=10, choices=ImportStatus, default=ImportStatus.UPLOADED)
    uploaded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    bytes_read = models.PositiveBigIntegerField(default=0)
    rows_read = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    compared_at = models.DateTimeField(null=True, blank=True)
    applied_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    applied_at = models.DateTimeField(null=True, blank=True)

    objects = access.AccessQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="registerimport_applied_has_a_time",
                condition=~Q(status=ImportStatus.APPLIED) | Q(applied_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.filename}, {timezone.localtime(self.uploaded_at):%d %B %Y}"

    @property
    def share_read(self) -> int:
        """How much of the file has been read: a whole percentage, 0-100."""
        return min(100, self.bytes_read * 100 // self.size) if self.size else 0

    @property
    def is_being_worked_on(self) -> bool:
        """Whether a worker compares or applies it, or will."""
        return self.status in (ImportStatus.UPLOADED, ImportStatus.APPLYING)

    def counts(self) -> dict[ChangeKind, int]:
        """How many schools differ, for every kind of difference. One query."""
        found = self.changes.order_by().values_list("kind").annotate(models.Count("pk"))
        return dict.fromkeys(ChangeKind, 0) | {ChangeKind(kind): number for kind, number in found}


class RegisterChange(models.Model):
    """One difference between a register file and the register: one school, with each field from what to what."""

    register_import = models.ForeignKey(RegisterImport, models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=10, choices=ChangeKind)
    urn = models.PositiveIntegerField("URN")
    name = models.CharField(max_length=200)
    fields = models.JSONField(default=list, help_text="[[field, from, to], …] in words")

    class Meta:
        ordering = ["kind", "name", "urn"]
        constraints = [models.UniqueConstraint(name="registerchange_once", fields=["register_import", "urn"])]
        indexes = [models.Index(name="registerchange_in_order", fields=["register_import", "kind", "name", "urn"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.name}"
