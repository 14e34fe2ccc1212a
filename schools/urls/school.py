"""A school's page, what is known of it beside the register, and its contacts."""

from django.urls import path

from schools.views import contacts, local_facts, school

urlpatterns = [
    path("<int:urn>/", school.SchoolPage.as_view(), name="school"),
    path("<int:urn>/local-facts/", local_facts.EditLocalFacts.as_view(), name="edit_local_facts"),
    path("<int:urn>/facts/<slug:fact>/", local_facts.SetFact.as_view(), name="set_fact"),
    path("<int:urn>/facts/<slug:fact>/clear/", local_facts.ClearFact.as_view(), name="clear_fact"),
    path("<int:urn>/contacts/add/<slug:role>/", contacts.AppointContact.as_view(), name="appoint_contact"),
    path("<int:urn>/contacts/<int:contact>/replace/", contacts.ReplaceContact.as_view(), name="replace_contact"),
    path("<int:urn>/contacts/<int:contact>/remove/", contacts.RemoveContact.as_view(), name="remove_contact"),
    path("<int:urn>/contacts/<int:contact>/invite/", contacts.InviteContactAgain.as_view(), name="invite_contact"),
]
