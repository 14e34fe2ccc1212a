"""The register as a list and a file, and its imports."""

from django.urls import path, re_path

from schools.views import imports, register

urlpatterns = [
    path("", register.RegisterPage.as_view(), name="register"),
    re_path(r"^schools\.(?P<file_format>csv|xlsx)$", register.ExportRegister.as_view(), name="register_export"),
    path("imports/", imports.ImportsPage.as_view(), name="register_imports"),
    path("imports/new/", imports.UploadRegisterPage.as_view(), name="register_upload"),
    path("imports/<int:pk>/", imports.ImportPage.as_view(), name="register_import"),
    path("imports/<int:pk>/progress/", imports.ImportProgress.as_view(), name="register_import_progress"),
    path("imports/<int:pk>/apply/", imports.ApplyImportPage.as_view(), name="register_import_apply"),
    path("imports/<int:pk>/discard/", imports.DiscardImportPage.as_view(), name="register_import_discard"),
]
