"""Groups, the structure and the rolling chair."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path, re_path

from partnership.views import chairs, group_changes, groups, structure

urlpatterns = [
    path("structure/", login_not_required(structure.StructurePage.as_view()), name="structure"),
    path("structure/pdf/", login_not_required(structure.StructurePdf.as_view()), name="structure_pdf"),
    path("groups/", groups.GroupList.as_view(), name="groups"),
    path("groups/new/", group_changes.AddGroup.as_view(), name="add_group"),
    path("groups/<slug:slug>/", login_not_required(groups.GroupPage.as_view()), name="group"),
    path("groups/<slug:slug>/edit/", group_changes.EditGroup.as_view(), name="edit_group"),
    path("groups/<slug:slug>/rename/", group_changes.RenameGroup.as_view(), name="rename_group"),
    path("groups/<slug:slug>/move/", group_changes.MoveGroup.as_view(), name="move_group"),
    path("groups/<slug:slug>/end/", group_changes.EndGroup.as_view(), name="end_group"),
    path("groups/<slug:slug>/go-on/", group_changes.LetGoOn.as_view(), name="let_group_go_on"),
    path("groups/<slug:slug>/merge/", group_changes.MergeGroup.as_view(), name="merge_group"),
    path("groups/<slug:slug>/terms/new/", group_changes.WriteTerms.as_view(), name="write_terms"),
    path("groups/<slug:slug>/terms/<int:version>/", login_not_required(groups.TermsPage.as_view()), name="group_terms"),
    path("groups/<slug:slug>/emails/", groups.GroupEmails.as_view(), name="group_emails"),
    path("groups/<slug:slug>/members/add/", group_changes.AddMember.as_view(), name="add_member"),
    path("groups/<slug:slug>/members/<int:member>/", group_changes.ChangeMember.as_view(), name="change_member"),
    path("groups/<slug:slug>/members/<int:member>/end/", group_changes.EndMember.as_view(), name="end_member"),
    path("groups/<slug:slug>/chair/", chairs.GroupChair.as_view(), name="group_chair"),
    path("groups/<slug:slug>/chair/add/", chairs.AddTerm.as_view(), name="add_chair_term"),
    path("groups/<slug:slug>/chair/<int:term>/", chairs.ChangeTerm.as_view(), name="change_chair_term"),
    path("groups/<slug:slug>/chair/<int:term>/end/", chairs.EndTerm.as_view(), name="end_chair_term"),
    path("groups/<slug:slug>/chair/<int:term>/remove/", chairs.RemoveTerm.as_view(), name="remove_chair_term"),
    path("groups/<slug:slug>/rota/add/", chairs.AddToRota.as_view(), name="add_to_rota"),
    re_path(
        r"^groups/(?P<slug>[-\w]+)/rota/(?P<place>[0-9]{1,18})/(?P<change>up|down|remove)/$",
        chairs.RotaPlace.as_view(),
        name="change_rota",
    ),
    path("chairs/", chairs.ChairsPage.as_view(), name="chairs"),
    path("chairs/hand-over-list/", chairs.HandoverList.as_view(), name="handover_list"),
    path("chairs/hand-over-list/add/", chairs.ItemForm.as_view(), name="add_handover_item"),
    path("chairs/hand-over-list/<int:item>/", chairs.ItemForm.as_view(), name="change_handover_item"),
    re_path(
        r"^chairs/hand-over-list/(?P<item>[0-9]{1,18})/(?P<change>up|down|remove)/$",
        chairs.ItemPlace.as_view(),
        name="place_handover_item",
    ),
    path("chairs/<int:pk>/", chairs.HandoverPage.as_view(), name="chair_term"),
    path("chairs/<int:pk>/steps/<int:step>/", chairs.TickStep.as_view(), name="tick_handover_step"),
]
