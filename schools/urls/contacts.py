"""The contacts of all schools: who is missing, who has never signed in; and lists of them from a spreadsheet."""

from django.urls import path, re_path

from schools.views import contact_import, contact_list

urlpatterns = [
    path("contacts/", contact_list.ContactsPage.as_view(), name="contacts"),
    re_path(r"^contacts\.(?P<file_format>csv|xlsx)$", contact_list.ExportContacts.as_view(), name="contacts_export"),
    path("contacts/import/", contact_import.UploadContacts.as_view(), name="import_contacts"),
    path("contacts/import/<int:pk>/", contact_import.ContactImportPage.as_view(), name="contact_import"),
    path(
        "contacts/import/<int:pk>/progress/",
        contact_import.ContactImportProgress.as_view(),
        name="contact_import_progress",
    ),
    path("contacts/import/<int:pk>/apply/", contact_import.ApplyContactImport.as_view(), name="apply_contacts"),
    path("contacts/import/<int:pk>/discard/", contact_import.DiscardContactImport.as_view(), name="discard_contacts"),
]
