"""Question sets as files: what a set is, reading one, what is wrong with it, and writing it back.

The format is described in ``docs/question-sets.md``; the sets that the portal comes with lie in ``schools/data``.
Nothing here knows the database.
"""

from hscp.lib.lined_yaml import Problem
from schools.question_file.checks import check_question_set
from schools.question_file.reading import QuestionFileError, read_question_file
from schools.question_file.records import GridRow, Option, Question, QuestionSetFile, Scale, Section
from schools.question_file.twins import check_twins
from schools.question_file.writing import write_question_file

__all__ = [
    "GridRow",
    "Option",
    "Problem",
    "Question",
    "QuestionFileError",
    "QuestionSetFile",
    "Scale",
    "Section",
    "check_question_set",
    "check_twins",
    "read_question_file",
    "write_question_file",
]
