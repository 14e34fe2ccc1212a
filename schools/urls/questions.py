"""Question sets: the list, a set, its versions, and the edits of a draft."""

from django.urls import path

from schools.views import question_edits as edits
from schools.views import question_preview as preview
from schools.views import questions as sets

urlpatterns = [
    path("", sets.QuestionSetList.as_view(), name="question_sets"),
    path("upload/", sets.UploadQuestionSet.as_view(), name="upload_question_set"),
    path("<int:pk>/", sets.ShowQuestionSet.as_view(), name="question_set"),
    path("<int:pk>/download/", sets.DownloadQuestionSet.as_view(), name="download_question_set"),
    path("<int:pk>/differences/", sets.Differences.as_view(), name="question_set_differences"),
    path("<int:pk>/preview/", preview.PreviewQuestionSet.as_view(), name="preview_question_set"),
    path("<int:pk>/preview/<int:section>/", preview.PreviewSection.as_view(), name="preview_section"),
    path("<int:pk>/copy/", sets.CopyQuestionSet.as_view(), name="copy_question_set"),
    path("<int:pk>/publish/", sets.PublishQuestionSet.as_view(), name="publish_question_set"),
    path("<int:pk>/retire/", sets.RetireQuestionSet.as_view(), name="retire_question_set"),
    path("<int:pk>/delete/", sets.DiscardQuestionSet.as_view(), name="discard_question_set"),
    path("<int:pk>/details/", edits.EditSet.as_view(), name="edit_question_set"),
    path("<int:pk>/sections/add/", edits.AddSection.as_view(), name="add_section"),
    path("<int:pk>/sections/<int:section>/", edits.EditSection.as_view(), name="edit_section"),
    path("<int:pk>/sections/<int:section>/remove/", edits.RemoveSection.as_view(), name="remove_section"),
    path("<int:pk>/sections/<int:section>/move/", edits.MoveSection.as_view(), name="move_section"),
    path("<int:pk>/sections/<int:section>/number/", edits.NumberQuestions.as_view(), name="number_questions"),
    path("<int:pk>/sections/<int:section>/add-question/", edits.AddQuestion.as_view(), name="add_question"),
    path("<int:pk>/questions/<int:question>/", edits.EditQuestion.as_view(), name="edit_question"),
    path("<int:pk>/questions/<int:question>/remove/", edits.RemoveQuestion.as_view(), name="remove_question"),
    path("<int:pk>/questions/<int:question>/move/", edits.MoveQuestion.as_view(), name="move_question"),
    path("<int:pk>/scales/<int:scale>/", edits.ShowScale.as_view(), name="scale"),
    path("<int:pk>/scales/<int:scale>/add/", edits.AddOption.as_view(), name="add_option"),
    path("<int:pk>/options/<int:option>/", edits.EditOption.as_view(), name="edit_option"),
    path("<int:pk>/options/<int:option>/remove/", edits.RemoveOption.as_view(), name="remove_option"),
    path("<int:pk>/options/<int:option>/move/", edits.MoveOption.as_view(), name="move_option"),
]
