"""How well the loop closes; what the public reads of it."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path

from learninghubs.views import figures

urlpatterns = [
    path("learning/dashboard/", figures.Dashboard.as_view(), name="dashboard"),
    path("learning/dashboard/export/", figures.DashboardExport.as_view(), name="dashboard_export"),
    path("you-said/", login_not_required(figures.YouSaid.as_view()), name="you_said"),
]
