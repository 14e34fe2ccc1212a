"""The plan, its priorities, and the checklist of what arrangements must contain."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path

from partnership.views import checklist, plan, plan_edits, priorities

VERSION = "plan/versions/<int:version>/"

urlpatterns = [
    # For everybody
    path("plan/", login_not_required(plan.PublicPlan.as_view()), name="plan"),
    path("plan/past/<int:version>/", login_not_required(plan.PastPlan.as_view()), name="past_plan"),
    path("plan/past/<int:version>/pdf/", login_not_required(plan.PlanPdf.as_view()), name="plan_pdf"),
    path("priorities/", login_not_required(priorities.PriorityList.as_view()), name="priorities"),
    # Versions and their life
    path("plan/versions/", plan.PlanList.as_view(), name="plans"),
    path("plan/versions/add/", plan.NewVersion.as_view(), name="new_plan_version"),
    path(VERSION, plan.PlanVersion.as_view(), name="plan_version"),
    path(f"{VERSION}edit/", plan_edits.EditPlan.as_view(), name="edit_plan"),
    path(f"{VERSION}send/", plan.SendPlan.as_view(), name="send_plan"),
    path(f"{VERSION}back-to-draft/", plan.TakePlanBack.as_view(), name="take_plan_back"),
    path(f"{VERSION}approve/", plan.ApprovePlan.as_view(), name="approve_plan"),
    path(f"{VERSION}publish/", plan.PublishPlan.as_view(), name="publish_plan"),
    path(f"{VERSION}pdf/", plan.MakePlanPdf.as_view(), name="make_plan_pdf"),
    # While it runs
    path("plan/objectives/<int:pk>/", plan.ObjectivePage.as_view(), name="objective"),
    path("plan/objectives/<int:pk>/record/", plan.RecordProgress.as_view(), name="record_progress"),
    path(f"{VERSION}milestones/<int:row>/met/", plan.RecordMilestone.as_view(), name="record_milestone"),
    # The checklist
    path("plan/checklist/", checklist.Checklist.as_view(), name="checklist"),
    path("plan/checklist/load/", checklist.LoadItems.as_view(), name="load_checklist"),
    path("plan/checklist/add/", checklist.AddItem.as_view(), name="add_checklist_item"),
    path("plan/checklist/<int:pk>/", checklist.EditItem.as_view(), name="edit_checklist_item"),
    path("plan/checklist/<int:pk>/remove/", checklist.RemoveItem.as_view(), name="remove_checklist_item"),
    path("plan/checklist/<int:pk>/move/", checklist.MoveItem.as_view(), name="move_checklist_item"),
    path(f"{VERSION}checklist/", checklist.PlanChecklist.as_view(), name="plan_checklist"),
    path(f"{VERSION}checklist/<int:item>/", checklist.AnswerItem.as_view(), name="answer_plan_item"),
    # The parts of a draft
    path(f"{VERSION}<slug:part>/add/", plan_edits.AddPart.as_view(), name="add_plan_part"),
    path(f"{VERSION}<slug:part>/<int:row>/", plan_edits.EditPart.as_view(), name="edit_plan_part"),
    path(f"{VERSION}<slug:part>/<int:row>/remove/", plan_edits.RemovePart.as_view(), name="remove_plan_part"),
    path(f"{VERSION}<slug:part>/<int:row>/move/", plan_edits.MovePart.as_view(), name="move_plan_part"),
    # Priorities
    path("priorities/add/", priorities.AddPriority.as_view(), name="add_priority"),
    path("priorities/<slug:slug>/", login_not_required(priorities.PriorityPage.as_view()), name="priority"),
    path("priorities/<slug:slug>/edit/", priorities.EditPriority.as_view(), name="edit_priority"),
    path("priorities/<slug:slug>/end/", priorities.EndPriority.as_view(), name="end_priority"),
]
