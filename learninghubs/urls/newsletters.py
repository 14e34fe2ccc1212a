"""Issues: drafted, edited, approved, read."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path

from learninghubs.views import issues, newsletters

ISSUE = "issues/<int:pk>/"
ITEM = f"{ISSUE}items/<int:item>/"

urlpatterns = [
    path("issues/", issues.IssueList.as_view(), name="issues"),
    path("issues/draft/<slug:slug>/", issues.DraftIssue.as_view(), name="draft_issue"),
    path(ISSUE, issues.IssuePage.as_view(), name="issue"),
    path(f"{ISSUE}edit/", issues.EditIssue.as_view(), name="edit_issue"),
    path(f"{ISSUE}take-in/", issues.TakeIn.as_view(), name="take_in_news"),
    path(f"{ISSUE}news/add/", issues.AddNews.as_view(), name="add_news"),
    path(ITEM, issues.EditItem.as_view(), name="edit_issue_item"),
    path(f"{ITEM}move/", issues.MoveItem.as_view(), name="move_issue_item"),
    path(f"{ITEM}leave-out/", issues.LeaveOut.as_view(), name="leave_out_item"),
    path(f"{ITEM}take-in-again/", issues.PutBack.as_view(), name="put_back_item"),
    path(f"{ITEM}remove/", issues.RemoveNews.as_view(), name="remove_news"),
    path(f"{ISSUE}preview/", issues.PreviewIssue.as_view(), name="issue_preview"),
    path(f"{ISSUE}preview/email/", issues.IssueEmail.as_view(), name="issue_email"),
    path(f"{ISSUE}preview/pdf/", issues.MakePreview.as_view(), name="make_issue_preview"),
    path(f"{ISSUE}approve/", issues.ApproveIssue.as_view(), name="approve_issue"),
    path(f"{ISSUE}back-to-draft/", issues.TakeIssueBack.as_view(), name="take_issue_back"),
    # For everybody
    path("", login_not_required(newsletters.NewsletterList.as_view()), name="newsletters"),
    path("<slug:slug>/<int:number>/", login_not_required(newsletters.Newsletter.as_view()), name="newsletter"),
    path(
        "<slug:slug>/<int:number>/pdf/", login_not_required(newsletters.NewsletterPdf.as_view()), name="newsletter_pdf"
    ),
]
