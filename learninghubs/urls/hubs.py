"""Hubs and their districts."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path

from learninghubs.views import hubs

urlpatterns = [
    path("hubs/", login_not_required(hubs.HubList.as_view()), name="hubs"),
    path("hubs/new/", hubs.AddHub.as_view(), name="add_hub"),
    path("hubs/<slug:slug>/", login_not_required(hubs.HubPage.as_view()), name="hub"),
    path("hubs/<slug:slug>/edit/", hubs.EditHub.as_view(), name="edit_hub"),
    path("hubs/<slug:slug>/leads/add/", hubs.AddLead.as_view(), name="add_hub_lead"),
    path("hubs/<slug:slug>/hand-over/", hubs.HandOverOpen.as_view(), name="hand_over_open"),
    path("districts/", hubs.DistrictList.as_view(), name="districts"),
    path("districts/add/", hubs.AddDistrict.as_view(), name="add_district"),
    path("districts/<int:pk>/", hubs.ServeDistrict.as_view(), name="serve_district"),
    path("districts/<int:pk>/name/", hubs.RenameDistrict.as_view(), name="rename_district"),
    path("districts/<int:pk>/take-back/", hubs.TakeBackChange.as_view(), name="take_back_district"),
]
