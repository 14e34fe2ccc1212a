"""Organisations and people."""

from django.urls import path

from partnership.views import leavers, organisations, people

urlpatterns = [
    path("organisations/", organisations.OrganisationList.as_view(), name="organisations"),
    path("organisations/csv/", organisations.ExportOrganisations.as_view(), name="organisations_export"),
    path("organisations/add/", organisations.AddOrganisation.as_view(), name="add_organisation"),
    path("organisations/<int:pk>/", organisations.OrganisationPage.as_view(), name="organisation"),
    path("organisations/<int:pk>/edit/", organisations.EditOrganisation.as_view(), name="edit_organisation"),
    path("people/", people.PeopleList.as_view(), name="people"),
    path("people/csv/", people.ExportPeople.as_view(), name="people_export"),
    path("people/add/", people.AddPerson.as_view(), name="add_person"),
    path("people/<int:pk>/", people.PersonPage.as_view(), name="person"),
    path("people/<int:pk>/edit/", people.EditPerson.as_view(), name="edit_person"),
    path("people/<int:pk>/invite/", people.InvitePerson.as_view(), name="invite_person"),
    path("people/<int:pk>/roles/add/", people.GiveRole.as_view(), name="give_role"),
    path("people/<int:pk>/roles/<int:grant>/end/", people.EndRole.as_view(), name="end_role"),
    path("people/<int:pk>/leaving/", leavers.Leaving.as_view(), name="leaving"),
    path("people/<int:pk>/leaving/take-back/", leavers.TakeBackLeaving.as_view(), name="take_back_leaving"),
    path("people/<int:pk>/open/", leavers.OpenAgain.as_view(), name="open_account_again"),
    path("people/<int:pk>/hand-over/", leavers.HandOverPage.as_view(), name="leaver_hand_over"),
    path("people/<int:pk>/hand-over/<int:item>/", leavers.HandOn.as_view(), name="hand_on"),
    path("people/<int:pk>/hand-over/<int:item>/nobody/", leavers.SettleWithout.as_view(), name="settle_without"),
]
