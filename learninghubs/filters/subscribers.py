"""Filters of the list of readers, and of the deliveries of an issue."""

from __future__ import annotations

import django_filters as filters
from django.db.models import QuerySet

from hscp.lib.forms import GovukFilterForm
from learninghubs.choices import DeliveryStatus, SubscriberSource, SubscriberStatus
from learninghubs.models import Delivery, LearningHub, Subscriber


class SubscriberFilter(filters.FilterSet):
    """Which readers."""

    q = filters.CharFilter(label="Email address", field_name="email", lookup_expr="icontains")
    status = filters.ChoiceFilter(label="State", choices=SubscriberStatus.choices, empty_label="Any state")
    hub = filters.ModelChoiceFilter(
        label="Hub",
        field_name="hubs",
        queryset=LearningHub.objects.select_related("group"),
        empty_label="Any hub",
    )
    source = filters.ChoiceFilter(label="How they came", choices=SubscriberSource.choices, empty_label="Any way")

    class Meta:
        model = Subscriber
        fields: list[str] = []
        form = GovukFilterForm


class DeliveryFilter(filters.FilterSet):
    """Which deliveries of an issue. Without a word on it, those that need a look: failed and come back."""

    q = filters.CharFilter(label="Email address", field_name="subscriber__email", lookup_expr="icontains")
    status = filters.ChoiceFilter(
        label="State", choices=DeliveryStatus.choices, empty_label="Failed or come back", method="in_status"
    )

    class Meta:
        model = Delivery
        fields: list[str] = []
        form = GovukFilterForm

    def filter_queryset(self, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        found: QuerySet[Delivery] = super().filter_queryset(queryset)
        if self.form.cleaned_data.get("status"):
            return found
        return found.filter(status__in=(DeliveryStatus.FAILED, DeliveryStatus.BOUNCED))

    def in_status(self, queryset: QuerySet[Delivery], name: str, value: str) -> QuerySet[Delivery]:
        return queryset.filter(status=value)
