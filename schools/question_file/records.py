"""What a question set is made of. The values may be wrong: ``schools.question_file.checks`` says whether they are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hscp.lib.lined_yaml import OWN_LINE, Lines
from schools.choices import AnswerType, SectionKind

FIXED_SCALES: Mapping[str, str] = {
    AnswerType.RATING4: "rating4",
    AnswerType.YES_NO: "yes_no",
    AnswerType.YES_NO_NA: "yes_no_na",
    AnswerType.LIKERT5: "likert5",
    AnswerType.LIKERT5_GRID: "likert5",
    AnswerType.YES_UNSURE_NO: "yes_unsure_no",
}
"""The answer types that always use the same scale of the set, and its code."""


@dataclass(frozen=True, kw_only=True)
class _Record:
    """Remembers where in the file it stood, which is no part of what it is."""

    lines: Lines = field(default_factory=dict, compare=False, repr=False)

    def line(self, name: str = OWN_LINE) -> int:
        """The line of the field with this name in the file, or else of the record; 0 if it came from no file."""
        return self.lines.get(name, self.lines.get(OWN_LINE, 0))


@dataclass(frozen=True, kw_only=True)
class Option(_Record):
    """One answer to choose. Answers keep the code: the label may be reworded, the code means the same every year."""

    code: str
    label: str
    help: str = ""
    rag: str = ""  # "green", "amber", "red", or "" where the answer is neither good nor bad
    action_required: bool = False
    urgent: bool = False
    needs_reason: bool = False
    scored: bool = True
    correct: bool = False
    exclusive: bool = False


@dataclass(frozen=True, kw_only=True)
class Scale(_Record):
    """Options that many questions share."""

    code: str
    options: tuple[Option, ...]


@dataclass(frozen=True, kw_only=True)
class GridRow(_Record):
    """One of the things that a grid asks about."""

    code: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Question(_Record):
    """One question. ``code`` is its number in this version; ``key`` stays the same from year to year."""

    code: str
    key: str
    text: str
    answer_type: str
    guidance: str = ""
    scale_code: str = ""  # the scale it uses; "" where it has options of its own or nothing to choose
    options: tuple[Option, ...] = ()
    options_from: str = ""
    rows: tuple[GridRow, ...] = ()
    applies_when: str = ""  # a flag of the school; "" for everyone
    critical: bool = False
    scored: bool = False
    amber_below: int | None = None  # per cent
    red_below: int | None = None  # per cent
    max_age_days: int | None = None
    max_length: int | None = None  # characters
    reference: str = ""
    reference_check: str = ""  # "shown", or "recall": still to be checked against the current text
    evidence_prompt: str = ""
    prefill: str = ""
    sets_flag: str = ""
    staff_twins: tuple[str, ...] = ()  # codes of questions of the staff survey
    links: tuple[str, ...] = ()  # in a staff survey: codes of questions of the return
    theme_linked: bool = False
    feeds: str = ""


@dataclass(frozen=True, kw_only=True)
class Section(_Record):
    """A part of the set: a standard, the school's details, the closing questions, or a part of the survey."""

    code: str
    title: str
    kind: str
    introduction: str = ""
    questions: tuple[Question, ...]

    @property
    def is_scored(self) -> bool:
        """Whether its questions are scored unless they say otherwise: only those of a standard are."""
        return self.kind == SectionKind.STANDARD


@dataclass(frozen=True, kw_only=True)
class QuestionSetFile(_Record):
    """A whole set of questions, as it stands in a file."""

    slug: str
    kind: str
    title: str
    version: str
    guidance_edition: str = ""
    introduction: str = ""
    no_child_data_notice: str = ""
    scales: tuple[Scale, ...] = ()
    sections: tuple[Section, ...] = ()

    @property
    def questions(self) -> Iterator[Question]:
        """All questions, in order."""
        return (question for section in self.sections for question in section.questions)

    def options_of(self, question: Question) -> tuple[Option, ...]:
        """What can be answered: the question's own options or those of its scale; empty where nothing is chosen."""
        shared = (scale.options for scale in self.scales if scale.code == question.scale_code)
        return question.options or next(shared, ())
