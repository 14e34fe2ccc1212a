"""Suggestions as the hub sees to them."""

from django.urls import path, re_path

from learninghubs.views import inbox

urlpatterns = [
    path("inbox/", inbox.InboxList.as_view(), name="inbox"),
    re_path(r"^inbox/export\.(?P<file_format>csv|xlsx)$", inbox.ExportInbox.as_view(), name="export_inbox"),
    path("inbox/merge/", inbox.MergeTicked.as_view(), name="merge_suggestions"),
    path("inbox/send-up/", inbox.SendUpTicked.as_view(), name="send_up_suggestions"),
    path("<int:pk>/", inbox.SuggestionPage.as_view(), name="suggestion"),
    path("<int:pk>/take-on/", inbox.TakeOn.as_view(), name="take_on_suggestion"),
    path("<int:pk>/title/", inbox.Retitle.as_view(), name="retitle_suggestion"),
    path("<int:pk>/hold/", inbox.HoldText.as_view(), name="hold_suggestion_text"),
    path("<int:pk>/ask/", inbox.AskBack.as_view(), name="ask_author"),
    path("<int:pk>/go-on/", inbox.GoOn.as_view(), name="go_on_without_reply"),
    path("<int:pk>/merge/", inbox.MergeInto.as_view(), name="merge_into_suggestion"),
    path("<int:pk>/separate/", inbox.Separate.as_view(), name="separate_suggestion"),
    path("<int:pk>/set-aside/", inbox.SetAside.as_view(), name="set_suggestion_aside"),
    path("<int:pk>/take-up/", inbox.TakeUpAgain.as_view(), name="take_up_suggestion"),
    path("<int:pk>/send-up/", inbox.SendUp.as_view(), name="send_up_suggestion"),
    path("<int:pk>/take-back/", inbox.TakeBack.as_view(), name="take_back_suggestion"),
    path("<int:pk>/hand-over/", inbox.HandOver.as_view(), name="hand_over_suggestion"),
]
