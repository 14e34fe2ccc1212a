"""Collections, their returns and their results."""

from django.urls import path, re_path

from schools.views import collection_returns, collections, results

urlpatterns = [
    path("", collections.CollectionList.as_view(), name="collections"),
    path("new/", collections.PlanCollection.as_view(), name="plan_collection"),
    path("<int:pk>/", collections.CollectionPage.as_view(), name="collection"),
    path("<int:pk>/edit/", collections.EditCollection.as_view(), name="edit_collection"),
    path("<int:pk>/open/", collections.OpenCollection.as_view(), name="open_collection"),
    path("<int:pk>/close/", collections.CloseCollection.as_view(), name="close_collection"),
    path("<int:pk>/reopen/", collections.ReopenCollection.as_view(), name="reopen_collection"),
    path("<int:pk>/returns/", collection_returns.CollectionReturns.as_view(), name="collection_returns"),
    re_path(
        r"^(?P<pk>\d+)/returns/export\.(?P<kind>csv|xlsx)$",
        collection_returns.ExportReturns.as_view(),
        name="export_returns",
    ),
    path("<int:pk>/returns/accept/", collection_returns.BulkAccept.as_view(), name="bulk_accept"),
    path("<int:pk>/returns/query/", collection_returns.BulkQuery.as_view(), name="bulk_query"),
    path("<int:pk>/returns/extend/", collection_returns.BulkExtend.as_view(), name="bulk_extend"),
    path("<int:pk>/results/", results.StandardsPage.as_view(), name="results"),
    path("<int:pk>/results/export.csv", results.ExportResults.as_view(), name="export_results"),
    re_path(
        r"^(?P<pk>\d+)/results/standards/(?P<code>[A-Za-z0-9.]+)/$",
        results.StandardPage.as_view(),
        name="standard_results",
    ),
    re_path(
        r"^(?P<pk>\d+)/results/questions/(?P<code>[A-Za-z0-9.]+)/$",
        results.QuestionPage.as_view(),
        name="question_results",
    ),
]
