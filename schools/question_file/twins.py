"""Whether a return and its staff survey agree on which of their questions belong together."""

from collections.abc import Collection, Iterator, Mapping

from hscp.lib.lined_yaml import Problem
from schools.question_file.records import QuestionSetFile


def check_twins(return_set: QuestionSetFile, survey_set: QuestionSetFile) -> list[Problem]:
    """Where the return and its staff survey do not name each other: each twin must exist and must link back.

    The lines are those of the file that the message names first.
    """
    return [
        *_one_sided(return_set, "staff_twin", _twins(return_set), survey_set, _links(survey_set)),
        *_one_sided(survey_set, "links", _links(survey_set), return_set, _twins(return_set)),
    ]


def _twins(question_set: QuestionSetFile) -> dict[str, tuple[str, ...]]:
    return {question.code: question.staff_twins for question in question_set.questions}


def _links(question_set: QuestionSetFile) -> dict[str, tuple[str, ...]]:
    return {question.code: question.links for question in question_set.questions}


def _one_sided(
    here: QuestionSetFile,
    field: str,
    named: Mapping[str, Collection[str]],
    there: QuestionSetFile,
    naming_back: Mapping[str, Collection[str]],
) -> Iterator[Problem]:
    lines = {question.code: question.line(field) for question in here.questions}
    for code, others in named.items():
        for other in others:
            if other not in naming_back:
                yield Problem(lines[code], f"{here.slug} {code}: {there.slug} has no question {other}.")
            elif code not in naming_back[other]:
                yield Problem(
                    lines[code], f"{here.slug} {code}: question {other} of {there.slug} does not name it back."
                )
