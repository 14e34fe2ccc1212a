"""Suggestions before the Board, its answers, and what became of them."""

from django.urls import path

from learninghubs.views import answers

urlpatterns = [
    path("board/", answers.BoardSuggestions.as_view(), name="board_suggestions"),
    path("board/meetings/<int:pk>/", answers.PutOnAgenda.as_view(), name="put_on_agenda"),
    path("<int:pk>/answer/", answers.AnswerSuggestion.as_view(), name="answer_suggestion"),
    path("<int:pk>/answer/take-back/", answers.CorrectAnswer.as_view(), name="correct_answer"),
    path("<int:pk>/impact/<int:months>/", answers.CheckImpact.as_view(), name="check_impact"),
]
