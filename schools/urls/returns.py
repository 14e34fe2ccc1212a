"""The return: read, filled in, moved on."""

from django.urls import path

from schools.views import return_moves, returns, sections

urlpatterns = [
    path("", returns.ReturnList.as_view(), name="returns"),
    path("<int:pk>/", returns.ReturnPage.as_view(), name="return"),
    path("<int:pk>/sections/<str:code>/", sections.SectionPage.as_view(), name="section"),
    path("<int:pk>/sections/<str:code>/draft/", sections.KeepDraft.as_view(), name="keep_draft"),
    path("<int:pk>/sections/<str:code>/discard/", sections.DiscardDraft.as_view(), name="discard_draft"),
    path("<int:pk>/sections/<str:code>/answers/", returns.CheckSection.as_view(), name="check_section"),
    path("<int:pk>/answers/", returns.CheckReturn.as_view(), name="check"),
    path("<int:pk>/send/", return_moves.SendToHead.as_view(), name="send_to_head"),
    path("<int:pk>/summary/", returns.Summary.as_view(), name="summary"),
    path("<int:pk>/send-back/", return_moves.SendBack.as_view(), name="send_back"),
    path("<int:pk>/submit/", return_moves.Submit.as_view(), name="submit_return"),
    path("<int:pk>/submitted/", returns.Submitted.as_view(), name="submitted"),
    path("<int:pk>/governance/", return_moves.SignGovernance.as_view(), name="governance"),
    path("<int:pk>/document/", returns.ReturnDocument.as_view(), name="return_document"),
    path("<int:pk>/document/again/", return_moves.MakeDocument.as_view(), name="make_return_document"),
    path("<int:pk>/accept/", return_moves.Accept.as_view(), name="accept_return"),
    path("<int:pk>/query/", return_moves.Query.as_view(), name="query_return"),
    path("<int:pk>/queries/<int:query>/reply/", return_moves.Reply.as_view(), name="reply"),
    path("<int:pk>/extend/", return_moves.Extend.as_view(), name="extend_return"),
]
