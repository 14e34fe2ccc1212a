"""Suggestions as practitioners make and follow them."""

from django.urls import path

from learninghubs.views import suggestions as views

urlpatterns = [
    path("new/", views.Suggest.as_view(), name="suggest"),
    path("sent/<uuid:token>/", views.SuggestionSent.as_view(), name="suggestion_sent"),
    path("links/", views.SendLinks.as_view(), name="suggestion_links"),
    path("links/sent/", views.LinksSent.as_view(), name="suggestion_links_sent"),
    path("confirm/<str:secret>/", views.ConfirmSuggestion.as_view(), name="confirm_suggestion"),
    path("confirm/<str:secret>/again/", views.ConfirmAgain.as_view(), name="confirm_again"),
    path("track/<str:secret>/", views.Track.as_view(), name="track"),
    path("track/<str:secret>/reply/", views.ReplyByLink.as_view(), name="reply_by_link"),
    path("track/<str:secret>/withdraw/", views.WithdrawByLink.as_view(), name="withdraw_by_link"),
    path("track/<str:secret>/forget/", views.ForgetByLink.as_view(), name="forget_by_link"),
    path("forgotten/", views.Forgotten.as_view(), name="author_forgotten"),
    path("mine/", views.MySuggestions.as_view(), name="my_suggestions"),
    path("mine/<int:pk>/", views.MySuggestion.as_view(), name="my_suggestion"),
    path("mine/<int:pk>/reply/", views.MyReply.as_view(), name="my_reply"),
    path("mine/<int:pk>/withdraw/", views.MyWithdraw.as_view(), name="my_withdraw"),
    path("mine/<int:pk>/forget/", views.MyForget.as_view(), name="my_forget"),
]
