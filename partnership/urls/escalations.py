"""Resolving professional differences."""

from django.urls import path

from partnership.views.escalations import lists, one, procedure

PROCEDURE = "escalations/procedures/<int:pk>/"

urlpatterns = [
    path("escalations/", lists.EscalationList.as_view(), name="escalations"),
    path("escalations/start/", one.StartEscalation.as_view(), name="start_escalation"),
    path("escalations/<int:pk>/", one.EscalationPage.as_view(), name="escalation"),
    path("escalations/<int:pk>/answer/", one.AnswerEscalation.as_view(), name="answer_escalation"),
    path("escalations/<int:pk>/move-up/", one.MoveUpEscalation.as_view(), name="move_up_escalation"),
    path("escalations/<int:pk>/settle/", one.ResolveEscalation.as_view(), name="resolve_escalation"),
    path("escalations/<int:pk>/withdraw/", one.WithdrawEscalation.as_view(), name="withdraw_escalation"),
    path("escalations/register/", lists.EscalationRegister.as_view(), name="escalation_register"),
    path("escalations/list.<slug:file_format>", lists.ExportEscalations.as_view(), name="escalation_export"),
    path("escalations/contacts/", procedure.ContactList.as_view(), name="escalation_contacts"),
    path(
        "escalations/contacts/<int:organisation>/",
        procedure.ChangeContacts.as_view(),
        name="change_escalation_contacts",
    ),
    path("escalations/themes/", procedure.ThemeList.as_view(), name="escalation_themes"),
    path("escalations/themes/add/", procedure.SaveTheme.as_view(), name="add_escalation_theme"),
    path("escalations/themes/<int:pk>/", procedure.SaveTheme.as_view(), name="edit_escalation_theme"),
    path("escalations/procedures/", procedure.ProcedureList.as_view(), name="escalation_procedures"),
    path("escalations/procedures/draft/", procedure.DraftProcedure.as_view(), name="draft_escalation_procedure"),
    path(PROCEDURE, procedure.ProcedurePage.as_view(), name="escalation_procedure"),
    path(f"{PROCEDURE}texts/", procedure.ChangeTexts.as_view(), name="escalation_procedure_texts"),
    path(f"{PROCEDURE}stages/add/", procedure.SaveStage.as_view(), name="add_escalation_stage"),
    path(f"{PROCEDURE}stages/<int:stage>/", procedure.SaveStage.as_view(), name="edit_escalation_stage"),
    path(f"{PROCEDURE}stages/<int:stage>/remove/", procedure.RemoveStage.as_view(), name="remove_escalation_stage"),
    path(f"{PROCEDURE}publish/", procedure.PublishProcedure.as_view(), name="publish_escalation_procedure"),
    path("good-practice/", lists.GoodPracticeList.as_view(), name="good_practice"),
    path("good-practice/recognise/", lists.RecogniseGoodPractice.as_view(), name="recognise_good_practice"),
    path("good-practice/<int:pk>/remove/", lists.RemoveGoodPractice.as_view(), name="remove_good_practice"),
]
