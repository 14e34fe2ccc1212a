"""Home, history, documents, one’s account, texts held back, and the pages about the portal itself."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.generic import TemplateView

from partnership.views import account, held_texts, invitations, portal

urlpatterns = [
    path("", portal.HomePage.as_view(), name="home"),
    path("history/<slug:app_label>/<slug:model_name>/<int:pk>/", portal.HistoryPage.as_view(), name="history"),
    path("documents/<int:pk>/", portal.DownloadDocument.as_view(), name="document"),
    path("account/", account.AccountPage.as_view(), name="your_account"),
    path("invitation/<str:secret>/", invitations.AcceptInvitation.as_view(), name="accept_invitation"),
    path("texts/", held_texts.HeldTextList.as_view(), name="held_texts"),
    path("texts/<int:pk>/", held_texts.HeldTextPage.as_view(), name="held_text"),
    path("texts/<int:pk>/release/", held_texts.ReleaseText.as_view(), name="release_text"),
    path("texts/<int:pk>/redact/", held_texts.RedactText.as_view(), name="redact_text"),
    path(
        "accessibility/",
        login_not_required(TemplateView.as_view(template_name="pages/accessibility.html")),
        name="accessibility",
    ),
    path("privacy/", login_not_required(TemplateView.as_view(template_name="pages/privacy.html")), name="privacy"),
    path("cookies/", login_not_required(TemplateView.as_view(template_name="pages/cookies.html")), name="cookies"),
]
