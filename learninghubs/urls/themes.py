"""Themes, what is read about them, sessions for schools."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path, re_path

from learninghubs.views import themes

PART = r"^themes/(?P<slug>[-\w]+)/(?P<part>resources|sessions)"

urlpatterns = [
    path("themes/", login_not_required(themes.ThemeList.as_view()), name="themes"),
    path("themes/add/", themes.AddTheme.as_view(), name="add_theme"),
    path("themes/<slug:slug>/", login_not_required(themes.ThemePage.as_view()), name="theme"),
    path("themes/<slug:slug>/edit/", themes.EditTheme.as_view(), name="edit_theme"),
    re_path(PART + r"/add/$", themes.AddPart.as_view(), name="add_theme_part"),
    re_path(PART + r"/(?P<row>[0-9]{1,18})/$", themes.EditPart.as_view(), name="edit_theme_part"),
    re_path(PART + r"/(?P<row>[0-9]{1,18})/remove/$", themes.RemovePart.as_view(), name="remove_theme_part"),
]
