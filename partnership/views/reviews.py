"""Reviews of the arrangements: the list, a review with its report, and its writing."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from partnership import reviews as reads
from partnership.engine import documents
from partnership.engine.workflow import Move, MoveNotAllowed
from partnership.forms.parts import ConfirmForm
from partnership.forms.reviews import FollowUpForm, ItemForm, OpenActionForm, ReviewForm
from partnership.models import GovernanceReview, ReviewItem, StatusChange
from partnership.moves import CLOSE_REVIEW, REPORT_REVIEW, START_REVIEW
from partnership.permissions import Perm
from partnership.services import reviews as services
from partnership.views.base import ChangePage, Page, TypedPage, stale
from partnership.views.parts import ConfirmPage, MoveButton, PartPage

LIST = "Reviews of the arrangements"


class ReviewList(Page):
    permission_required = Perm.VIEW_GOVERNANCE_REVIEW
    model = GovernanceReview
    template_name = "partnership/reviews/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            reviews=list(self.records().select_related("group")),
            may_plan=self.person.has_perm(Perm.MANAGE_GOVERNANCE_REVIEW),
            today=timezone.localdate(),
            **kwargs,
        )


class AboutReview:
    """A page about one review."""

    record: GovernanceReview
    model = GovernanceReview
    lookup: ClassVar[dict[str, str]] = {"pk": "pk"}

    def records(self) -> Any:
        return super().records().select_related("group")

    def review_url(self, anchor: str = "") -> str:
        """The page of the review."""
        return f"{self.record.get_absolute_url()}{f'#{anchor}' if anchor else ''}"


class ReviewPage(AboutReview, Page):
    """The report: what was looked at, what shall stop, start or continue, why, and what became of it."""

    permission_required = Perm.VIEW_GOVERNANCE_REVIEW
    template_name = "partnership/reviews/review.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        review, person = self.record, self.person
        may_write = person.has_perm(Perm.WRITE_GOVERNANCE_REVIEW, review)
        return super().get_context_data(
            review=review,
            report=reads.report(review),
            can_write=may_write and review.status in services.WRITE.sources,
            can_follow_up=may_write and review.status in services.FOLLOW_UP.sources,
            can_make_pdf=may_write and review.status in services.MAKE_PDF.sources,
            may_manage=person.has_perm(Perm.MANAGE_GOVERNANCE_REVIEW, review),
            changes=list(StatusChange.objects.about(review).select_related("by").order_by("-pk")),
            document=documents.latest(services.REVIEW_PDF, about=review),
            today=timezone.localdate(),
            breadcrumbs=[(LIST, reverse("governance_reviews")), (str(review), "")],
            **kwargs,
        )


class PlanReview(PartPage):
    permission_required = Perm.MANAGE_GOVERNANCE_REVIEW
    model = GovernanceReview
    form_class = ReviewForm
    heading = "Plan a review of the arrangements"
    done = "The review has been planned"

    def perform(self, form: ReviewForm) -> GovernanceReview:
        return services.plan_review(by=self.person, **form.values())

    def get_success_url(self) -> str:
        return str(self.outcome.get_absolute_url())

    def back_url(self) -> str:
        return reverse("governance_reviews")


class ReviewChange(AboutReview, ChangePage):
    """A change to one review, which leads back to its page. Where it cannot be made any more, the page says so."""

    permission_required = Perm.WRITE_GOVERNANCE_REVIEW
    move: Move = services.WRITE

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.record.status not in self.move.sources:
            return stale(request, str(MoveNotAllowed(self.move, self.record)), self.back_url())
        return super().get(request, *args, **kwargs)

    def get_success_url(self) -> str:
        return self.review_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"caption": self.record} | kwargs)


class EditReview(ReviewChange, PartPage):
    form_class = ReviewForm
    heading = "Change the review"
    done = "The review has been saved"

    def row(self) -> GovernanceReview:
        return self.record

    def perform(self, form: ReviewForm) -> GovernanceReview:
        return services.edit_review(self.record, by=self.person, loaded=form.cleaned_data["loaded"], **form.values())


# --- Its life ---------------------------------------------------------------------------------------------------------


class StartReview(ReviewChange, ConfirmPage):
    permission_required = Perm.MANAGE_GOVERNANCE_REVIEW
    move = START_REVIEW
    question = "Start the review?"
    button = "Start the review"
    style = ""
    sentences = ["The task and finish group can decide on its items from then on, and open actions."]
    done = "The review is under way"

    def perform(self, form: ConfirmForm) -> GovernanceReview:
        return services.start_review(self.record, by=self.person)


class ReportReview(ReviewChange, ConfirmPage):
    permission_required = Perm.MANAGE_GOVERNANCE_REVIEW
    move = REPORT_REVIEW
    question = "Report the review?"
    button = "Report the review"
    style = ""
    sentences = [
        "Verdicts and reasons cannot be changed after that. What becomes of each item can still be recorded.",
        "The report is made as a PDF.",
    ]
    done = "Reported. The PDF is being made."

    def perform(self, form: ConfirmForm) -> GovernanceReview:
        return services.report_review(self.record, by=self.person)


class CloseReview(ReviewChange, ConfirmPage):
    permission_required = Perm.MANAGE_GOVERNANCE_REVIEW
    move = CLOSE_REVIEW
    question = "Close the review?"
    button = "Close the review"
    sentences = ["Nothing in it can be changed after that."]
    done = "The review is closed"

    def perform(self, form: ConfirmForm) -> GovernanceReview:
        return services.close_review(self.record, by=self.person)


class MakeReport(ReviewChange, ConfirmPage):
    move = services.MAKE_PDF
    question = "Make the PDF again?"
    button = "Make the PDF"
    style = ""
    sentences = ["It will show what has become of each item by today."]
    done = "The PDF is being made"

    def perform(self, form: ConfirmForm) -> Any:
        return services.make_report(self.record, by=self.person)


# --- Its items --------------------------------------------------------------------------------------------------------


class AddReviewItem(ReviewChange, PartPage):
    form_class = ItemForm
    heading = "Add an item"
    done = "The item has been saved"

    def perform(self, form: ItemForm) -> ReviewItem:
        return services.add_item(self.record, by=self.person, **form.values())

    def get_success_url(self) -> str:
        return self.review_url(f"item-{self.outcome.pk}")

    def back_url(self) -> str:
        return self.review_url()


class OfReview(AboutReview):
    """The item that a page's address names; 404 unless it belongs to the review."""

    kwargs: dict[str, Any]

    @cached_property
    def item(self) -> ReviewItem:
        items = ReviewItem.objects.select_related("review")
        return get_object_or_404(items, review=self.record, pk=self.kwargs["item"])


class ItemChange(OfReview, ReviewChange):
    """A change to one item, which leads back to its place."""

    def get_success_url(self) -> str:
        return self.review_url(f"item-{self.item.pk}")


class EditReviewItem(ItemChange, PartPage):
    form_class = ItemForm
    heading = "Change the item"
    done = "The item has been saved"

    def row(self) -> ReviewItem:
        return self.item

    def perform(self, form: ItemForm) -> ReviewItem:
        return services.edit_item(self.item, by=self.person, loaded=form.cleaned_data["loaded"], **form.values())


class FollowUp(ItemChange, PartPage):
    move = services.FOLLOW_UP
    form_class = FollowUpForm
    heading = "What became of it?"
    done = "Saved"

    def row(self) -> ReviewItem:
        return self.item

    def perform(self, form: FollowUpForm) -> ReviewItem:
        return services.follow_up(self.item, by=self.person, loaded=form.cleaned_data["loaded"], **form.values())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"caption": self.item} | kwargs)


class OpenReviewAction(ItemChange, TypedPage):
    move = services.FOLLOW_UP
    form_class = OpenActionForm
    done = "The action has been opened"

    def perform(self, form: OpenActionForm) -> Any:
        given = {name: form.cleaned_data[name] for name in ("what", "due", "priority")}
        return services.open_item_action(self.item, by=self.person, owner=form.owner, **given)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"caption": self.item} | kwargs)


class RemoveReviewItem(ItemChange, ConfirmPage):
    question = "Remove this item?"
    button = "Remove the item"
    done = "The item has been removed"

    @property
    def sentences(self) -> list[str]:  # type: ignore[override]
        return [str(self.item), "Its verdict and reason are removed with it."]

    def perform(self, form: ConfirmForm) -> None:
        services.remove_item(self.item, by=self.person)

    def get_success_url(self) -> str:
        return self.review_url("items")


class MoveReviewItem(OfReview, MoveButton):
    permission_required = Perm.WRITE_GOVERNANCE_REVIEW

    def move(self, *, up: bool) -> bool:
        return services.move_item(self.item, by=self.person, up=up)

    @property
    def name(self) -> str:  # type: ignore[override]
        return f"item-{self.item.pk}"

    def page(self) -> str:
        return self.review_url()
