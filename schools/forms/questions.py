"""Forms of question sets: files, versions, and the parts of a draft."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from crispy_forms_gds.choices import Choice
from crispy_forms_gds.layout import Field, Fieldset, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify

from hscp.lib.forms import GovukForm, LongTextField, Reveal
from hscp.lib.lined_yaml import MAX_SIZE
from schools import question_words as words
from schools.choices import AnswerType, Flag, QuestionSetKind, SectionKind
from schools.models import Question, QuestionSet, Scale, Section
from schools.question_checks import SAID_BY_THE_SCHOOL
from schools.question_file import Problem, QuestionFileError, QuestionSetFile, read_question_file
from schools.question_file.checks import MAX_AGE_DAYS, MAX_ANSWER, SECTION_KINDS
from schools.question_file.records import FIXED_SCALES
from schools.school_kinds import SCHOOL_KINDS
from schools.services.question_edits import fingerprint

CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.]{0,9}")
ROW_CODE: Final = re.compile(r"[a-z0-9][a-z0-9_]{0,59}")
PERSONAL_TYPES: Final = (AnswerType.PERSON, AnswerType.PERSON_WITH_DATES, AnswerType.REPEAT)

RETURN_TYPES: Final = (
    AnswerType.RATING4,
    AnswerType.YES_NO,
    AnswerType.YES_NO_NA,
    AnswerType.CHOICE,
    AnswerType.MULTI,
    AnswerType.PERCENT,
    AnswerType.COUNT,
    AnswerType.DATE,
    AnswerType.TEXT,
    *PERSONAL_TYPES,
)
SURVEY_TYPES: Final = (
    AnswerType.LIKERT5,
    AnswerType.LIKERT5_GRID,
    AnswerType.YES_UNSURE_NO,
    AnswerType.KNOWLEDGE,
    AnswerType.CHOICE,
    AnswerType.MULTI,
    AnswerType.TEXT,
)


class ConfirmForm(GovukForm):
    """Nothing to fill in: a page that says what will happen, and a button."""

    def __init__(self, *args: Any, title: str, submit_text: str, submit_style: str = "", **kwargs: Any) -> None:
        self.title, self.submit_text, self.submit_style = title, submit_text, submit_style
        super().__init__(*args, **kwargs)


# --- Sets -----------------------------------------------------------------------------------------------------------


class UploadForm(GovukForm):
    """A question set as a file. ``problems`` holds what is wrong with it, by line."""

    title = "Upload a question set"
    submit_text = "Upload"

    file = forms.FileField(
        label="Question set file",
        help_text="A YAML file. To see what one looks like, download a question set that is here already.",
        error_messages={"required": "Select the question set file"},
    )
    replace = forms.BooleanField(
        label="Replace the draft of the same version, if there is one",
        help_text="All edits made to that draft here will be lost.",
        required=False,
    )

    problems: tuple[Problem, ...] = ()

    def clean_file(self) -> QuestionSetFile:
        upload = self.cleaned_data["file"]
        if upload.size > 4 * MAX_SIZE:  # bytes; a character has four at most
            raise ValidationError(f"The file is too big: a question set can have {MAX_SIZE:,} characters")
        try:
            return read_question_file(upload.read())
        except QuestionFileError as error:
            self.problems = error.problems
            count = len(error.problems)
            raise ValidationError(f"The file has {count} problem{'s' if count > 1 else ''}. Correct the file") from None


class CopyForm(GovukForm):
    """The name of a new version."""

    submit_text = "Make the draft"

    version = forms.CharField(
        label="What is the new version called?",
        help_text="For example “2027-28”. It is shown with every return that is asked with it.",
        max_length=40,
        widget=forms.TextInput({"class": "govuk-input--width-20"}),
        error_messages={"required": "Enter a name for the new version"},
    )


class EditForm(GovukForm):
    """Base of the forms that edit a row: they carry the fingerprint of what they were filled from."""

    submit_text = "Save"

    loaded = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, row: Any = None, **kwargs: Any) -> None:
        initial = {"loaded": fingerprint(row), **self.initial_of(row)} if row else {}
        super().__init__(*args, initial=initial | kwargs.pop("initial", {}), **kwargs)

    def initial_of(self, row: Any) -> dict[str, Any]:
        """What the fields start with for ``row``; by their names."""
        return {name: getattr(row, name) for name in self.base_fields if hasattr(row, name)}

    def values(self) -> dict[str, Any]:
        """What was entered, by the names of the row's fields."""
        return {name: value for name, value in self.cleaned_data.items() if name != "loaded"}

    def compare(self, current: Any) -> list[tuple[str, str]]:
        """Where ``current`` differs from what was entered: pairs of a label and what is saved now, in words."""
        saved = self.initial_of(current)
        return [
            (str(field.label), self._shown(field, saved[name]))
            for name, field in self.fields.items()
            if name in saved and (saved[name] or "") != (self.cleaned_data.get(name) or "")
        ]

    def _shown(self, field: forms.Field, value: Any) -> str:
        if isinstance(field, forms.BooleanField):
            return "Yes" if value else "No"
        if isinstance(field, forms.ChoiceField):
            return str({str(key): label for key, label in field.choices}.get(str(value), value))
        return str(field.prepare_value(value)) if value not in (None, "", []) else "Nothing"


class SetForm(EditForm):
    """What a question set says of itself."""

    title = forms.CharField(label="Title", max_length=200, error_messages={"required": "Enter the title"})
    version = forms.CharField(
        label="Version",
        max_length=40,
        widget=forms.TextInput({"class": "govuk-input--width-20"}),
        error_messages={"required": "Enter the version"},
    )
    guidance_edition = forms.CharField(label="Edition of the guidance (optional)", max_length=250, required=False)
    introduction = LongTextField(
        label="Introduction (optional)", help_text="The first thing that people read.", max_length=5000, required=False
    )
    no_child_data_notice = LongTextField(
        label="Notice about personal details",
        help_text="Shown beside every box for free text.",
        max_length=1000,
        error_messages={"required": "Enter the notice that asks people not to name anyone"},
    )


# --- Sections -------------------------------------------------------------------------------------------------------


class EditSectionForm(EditForm):
    """A section: what kind it is, its title and introduction."""

    kind = forms.ChoiceField(
        label="What kind of section is it?",
        widget=forms.RadioSelect,
        error_messages={"required": "Select what kind of section it is"},
    )
    title = forms.CharField(
        label="Title", max_length=200, error_messages={"required": "Enter the title of the section"}
    )
    introduction = LongTextField(label="Introduction (optional)", max_length=5000, required=False)

    def __init__(self, *args: Any, question_set: QuestionSet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = SECTION_KINDS[question_set.kind]
        self.fields["kind"].choices = [(kind, SectionKind(kind).label) for kind in kinds]  # type: ignore[attr-defined]


# --- Questions ------------------------------------------------------------------------------------------------------


class CodesField(forms.CharField):
    """Codes of questions, separated by commas: "Q1, Q9". Cleans to a list."""

    widget = forms.TextInput({"class": "govuk-input--width-20"})

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:  # type: ignore[override]
        codes = [code for code in re.split(r"[,\s]+", super().clean(value)) if code]
        wrong = next((code for code in codes if not CODE.fullmatch(code)), None)
        if wrong:
            raise ValidationError(f"“{wrong}” is not the number of a question. Enter numbers like Q1 or 1.3")
        return list(dict.fromkeys(codes))


class RowsField(LongTextField):
    """The rows of a grid, one to a line, as "code: label" or a label alone. Cleans to pairs of code and label."""

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(f"{code}: {label}" for code, label in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[list[str]]:  # type: ignore[override]
        rows = [self._row(line.strip()) for line in super().clean(value).splitlines() if line.strip()]
        codes = [code for code, _ in rows]
        twice = next((code for code in codes if codes.count(code) > 1), None)
        if twice:
            raise ValidationError(f"Two rows have the code “{twice}”. Give each its own")
        return rows

    def _row(self, line: str) -> list[str]:
        code, colon, label = (part.strip() for part in line.partition(":"))
        if not colon:
            code, label = slugify(line).replace("-", "_")[:60], line
        if not label or not ROW_CODE.fullmatch(code):
            raise ValidationError(
                f"“{line}” must be a code of small letters, a colon and a label, like “online: Online harm”"
            )
        return [code, label]


class NumberField(forms.IntegerField):
    """A whole number that may be left out, with its bounds said in words."""

    def __init__(self, *, lowest: int, highest: int, **kwargs: Any) -> None:
        message = f"{kwargs['label']} must be from {lowest:,} to {highest:,}"
        messages = {"min_value": message, "max_value": message, "invalid": f"{kwargs['label']} must be a whole number"}
        super().__init__(min_value=lowest, max_value=highest, required=False, error_messages=messages, **kwargs)


# Which fields an answer type has of its own: shown under it, and kept for it alone.
TYPE_FIELDS: Final[dict[str, list[str]]] = {
    AnswerType.PERCENT: ["amber_below", "red_below"],
    AnswerType.DATE: ["max_age_days"],
    AnswerType.TEXT: ["max_length"],
    AnswerType.YES_NO: ["sets_flag"],
    AnswerType.MULTI: ["options_from"],
    AnswerType.LIKERT5_GRID: ["rows"],
}
EMPTY_VALUES: Final[dict[str, Any]] = {"sets_flag": "", "options_from": "", "rows": []}  # None for the numbers
SURVEY_ONLY: Final = ("links", "rows")
RETURN_ONLY: Final = (
    "amber_below",
    "red_below",
    "max_age_days",
    "sets_flag",
    "options_from",
    "applies_when",
    "scored",
    "critical",
    "reference",
    "reference_check",
    "evidence_prompt",
    "prefill",
    "staff_twins",
)


class EditQuestionForm(EditForm):
    """One question with everything about it. A staff survey's has fewer fields than a return's."""

    text = LongTextField(label="Question", max_length=1000, error_messages={"required": "Enter the question"})
    guidance = LongTextField(
        label="Guidance (optional)", help_text="Shown under the question.", max_length=3000, required=False
    )
    section_id = forms.TypedChoiceField(label="Section", coerce=int, error_messages={"required": "Select the section"})
    code = forms.CharField(
        label="Number",
        max_length=10,
        widget=forms.TextInput({"class": "govuk-input--width-5"}),
        error_messages={"required": "Enter the number of the question"},
    )
    answer_type = forms.ChoiceField(
        label="How is it answered?",
        widget=forms.RadioSelect,
        error_messages={"required": "Select how the question is answered"},
    )
    amber_below = NumberField(
        label="Amber below, in per cent", lowest=1, highest=100, help_text="A lower percentage turns amber."
    )
    red_below = NumberField(
        label="Red below, in per cent", lowest=1, highest=100, help_text="A lower percentage turns red."
    )
    max_age_days = NumberField(
        label="Oldest date, in days",
        lowest=1,
        highest=MAX_AGE_DAYS,
        help_text="An older date turns amber. A year has 365 days.",
    )
    max_length = NumberField(label="Longest text, in characters", lowest=1, highest=MAX_ANSWER)
    sets_flag = forms.ChoiceField(
        label="What does the answer “yes” decide? (optional)",
        help_text="Questions further on can be asked only of schools that answer “yes” here.",
        choices=[("", "Nothing"), *((flag.value, flag.label) for flag in SAID_BY_THE_SCHOOL)],
        required=False,
    )
    options_from = forms.ChoiceField(
        label="More answers (optional)",
        help_text="Offered beside those that you write.",
        choices=[("", "None"), *words.OPTION_SOURCES.items()],
        required=False,
    )
    rows = RowsField(
        label="Rows",
        help_text="One to a line, as a code, a colon and a label. The code stays the same from year to year.",
        required=False,
    )
    applies_when = forms.ChoiceField(
        label="Who is asked?", choices=[("", "Every school"), *Flag.choices], required=False
    )
    scored = forms.BooleanField(
        label="The answer counts towards the result of the standard", required=False, initial=True
    )
    critical = forms.BooleanField(
        label="It is critical",
        help_text="A red answer makes the whole standard red.",
        required=False,
    )
    theme_linked = forms.BooleanField(label="It is about this year’s themes", required=False)
    evidence_prompt = forms.CharField(label="What evidence is asked for? (optional)", max_length=250, required=False)
    reference = forms.CharField(label="Reference (optional)", max_length=250, required=False)
    reference_check = forms.ChoiceField(
        label="Has the reference been checked?",
        choices=[("", "Not said"), *words.REFERENCE_CHECKS.items()],
        widget=forms.RadioSelect,
        required=False,
    )
    staff_twins = CodesField(
        label="Questions of the staff survey on the same thing (optional)",
        help_text="Their numbers, separated by commas, for example Q1, Q9.",
        required=False,
    )
    links = CodesField(
        label="Questions of the return on the same thing (optional)",
        help_text="Their numbers, separated by commas, for example 1.4, 6.5.",
        required=False,
    )
    prefill = forms.ChoiceField(label="Filled in from (optional)", required=False)
    feeds = forms.ChoiceField(
        label="Where does the answer go? (optional)",
        choices=[("", "Nowhere else"), *words.FEEDS.items()],
        required=False,
    )

    def __init__(self, *args: Any, question_set: QuestionSet, section: Section | None = None, **kwargs: Any) -> None:
        if section and kwargs.get("row") is None:
            start = {"section_id": section.pk, "scored": section.kind == SectionKind.STANDARD}
            kwargs["initial"] = start | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.question_set = question_set
        self.sections = {each.pk: each for each in question_set.sections.all()}
        self._leave_out()
        self._offer()

    @property
    def is_survey(self) -> bool:
        return self.question_set.kind == QuestionSetKind.STAFF_SURVEY

    def _leave_out(self) -> None:
        for name in RETURN_ONLY if self.is_survey else SURVEY_ONLY:
            del self.fields[name]

    def _offer(self) -> None:
        self._choices("section_id", [(pk, f"{each.code} {each.title}") for pk, each in self.sections.items()])
        self._choices("answer_type", [self._type_choice(kind) for kind in self._types()])
        if not self.is_survey:
            context = Question.objects.filter(
                question_set=self.question_set, section__kind=SectionKind.CONTEXT
            ).values_list("code", "text")
            from_context = [(f"{words.FROM_CONTEXT}{code}", f"{code} {text}"[:90]) for code, text in context]
            self._choices("prefill", [("", "Nothing"), *words.PREFILLS.items(), *from_context])

    def _choices(self, name: str, choices: list[Any]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def _types(self) -> Iterable[AnswerType]:
        """The answer types of this kind of set; those with a fixed scale where the set has it."""
        scales = set(self.question_set.scales.values_list("code", flat=True))
        types = SURVEY_TYPES if self.is_survey else RETURN_TYPES
        return [kind for kind in types if FIXED_SCALES.get(kind, "") in scales | {""}]

    def _type_choice(self, kind: AnswerType) -> Choice:
        return Choice(kind.value, kind.label, hint=words.TYPE_HINTS[kind] or None)

    def layout(self) -> Layout:
        """Grouped as one thinks of a question; what belongs to one type of answer opens under it."""
        return Layout(
            "loaded",
            self._group("The question", "text", "guidance", "section_id", "code"),
            self._group("The answer", "answer_type", "prefill"),
            self._group("Who is asked, and how it counts", "applies_when", "scored", "critical", "theme_linked"),
            self._group(
                "Evidence and references",
                "evidence_prompt",
                "reference",
                "reference_check",
                "staff_twins",
                "links",
                "feeds",
            ),
        )

    def _group(self, legend: str, *names: str) -> Fieldset:
        return Fieldset(*[self._part(name) for name in names if name in self.fields], legend=legend, legend_size="m")

    def _part(self, name: str) -> Field:
        if name != "answer_type":
            return Field(name)
        reveals = {kind: [n for n in names if n in self.fields] for kind, names in TYPE_FIELDS.items()}
        offered = {kind for kind, _ in self.fields["answer_type"].choices}  # type: ignore[attr-defined]
        return Reveal(name, {kind: names for kind, names in reveals.items() if names and kind in offered})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._drop_what_belongs_to_other_types(cleaned)
        self._check_type(cleaned)
        self._check_scoring(cleaned)
        return cleaned

    def _drop_what_belongs_to_other_types(self, cleaned: dict[str, Any]) -> None:
        """Fields of other answer types are hidden but sent: they do not count, nor do mistakes in them."""
        for kind, names in TYPE_FIELDS.items():
            if kind == cleaned.get("answer_type"):
                continue
            for name in set(names) & set(self.fields):
                self.errors.pop(name, None)
                cleaned[name] = EMPTY_VALUES.get(name)

    def _check_type(self, cleaned: dict[str, Any]) -> None:
        kind = cleaned.get("answer_type")
        amber, red = cleaned.get("amber_below"), cleaned.get("red_below")
        if amber is not None and red is not None and red > amber:
            self.add_error("red_below", "Red below must not be above amber below")
        if kind == AnswerType.TEXT and not cleaned.get("max_length") and "max_length" not in self.errors:
            self.add_error("max_length", "Enter the longest text, in characters")
        if kind == AnswerType.LIKERT5_GRID and not cleaned.get("rows") and "rows" not in self.errors:
            self.add_error("rows", "Enter the rows, one to a line")

    def _check_scoring(self, cleaned: dict[str, Any]) -> None:
        section = self.sections.get(cleaned.get("section_id") or 0)
        if cleaned.get("scored") and section and section.kind != SectionKind.STANDARD:
            self.add_error("scored", "Only the questions of a standard count: clear this box")
        if cleaned.get("critical") and not cleaned.get("scored"):
            self.add_error("critical", "A question that does not count cannot be critical")


# --- Options --------------------------------------------------------------------------------------------------------


class EditOptionForm(EditForm):
    """One answer to choose. What only some types or sets have is left out for the others."""

    label = forms.CharField(
        label="Answer", max_length=150, error_messages={"required": "Enter the answer as people will see it"}
    )
    help = forms.CharField(label="What it means (optional)", max_length=300, required=False)
    rag = forms.ChoiceField(
        label="Colour", choices=list(words.COLOUR_WORDS.items()), widget=forms.RadioSelect, required=False
    )
    action_required = forms.BooleanField(label="The school must say what it will do about it", required=False)
    urgent = forms.BooleanField(label="That is urgent", required=False)
    needs_reason = forms.BooleanField(label="The school must give a reason", required=False)
    scored = forms.BooleanField(label="It counts", required=False, initial=True)
    correct = forms.BooleanField(label="It is the right answer", required=False)
    exclusive = forms.BooleanField(label="It is chosen alone", help_text="Such as “None of these”.", required=False)

    def __init__(self, *args: Any, scale: Scale, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types = set(scale.questions.values_list("answer_type", flat=True))
        is_survey = scale.question_set.kind == QuestionSetKind.STAFF_SURVEY
        unused = ["rag", "action_required", "urgent", "needs_reason", "scored"] if is_survey else []
        unused += [] if AnswerType.KNOWLEDGE in types else ["correct"]
        unused += [] if AnswerType.MULTI in types else ["exclusive"]
        for name in unused:
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("action_required") and cleaned.get("rag") not in ("amber", "red"):
            self.add_error("action_required", "Only an amber or red answer can ask for an action")
        if cleaned.get("urgent") and not cleaned.get("action_required"):
            self.add_error("urgent", "Only what asks for an action can be urgent")
        if cleaned.get("rag") and "scored" in cleaned and not cleaned["scored"]:
            self.add_error("rag", "An answer that does not count has no colour")
        return cleaned


# --- Preview and comparison -----------------------------------------------------------------------------------------

ALL_KINDS: Final = "all"
OTHER_KIND: Final = "other"


class PreviewForm(GovukForm):
    """As which kind of school to look at a question set. Sent by GET; without a choice every question is shown."""

    label_is_heading = False
    method = "get"
    submit_text = "Show what this school sees"

    kind = forms.ChoiceField(
        label="What kind of school?",
        choices=[
            Choice(ALL_KINDS, "Every question, whoever is asked", divider="or"),
            *(Choice(kind.code, kind.label, hint=kind.hint) for kind in SCHOOL_KINDS),
            Choice(OTHER_KIND, "Another kind", hint="Say yourself what is true of it"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Select the kind of school"},
    )
    flags = forms.MultipleChoiceField(
        label="What is true of the school?",
        choices=[(flag.value, flag.label) for flag in Flag if flag not in SAID_BY_THE_SCHOOL],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    says = forms.MultipleChoiceField(
        label="What does the school say of itself?",
        choices=[(flag.value, flag.label) for flag in SAID_BY_THE_SCHOOL],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data if "kind" in data else {"kind": ALL_KINDS})

    def layout(self) -> Layout:
        return Layout(Reveal("kind", {OTHER_KIND: ["flags"]}), "says")

    @property
    def school(self) -> str:
        """Who is asked, in words. Only for a valid form."""
        names = {kind.code: kind.label for kind in SCHOOL_KINDS} | {ALL_KINDS: "Every kind of school"}
        return names.get(self.cleaned_data["kind"], "Another kind of school")

    @property
    def school_flags(self) -> frozenset[str]:
        """What is true of the school. Only for a valid form."""
        chosen = self.cleaned_data["kind"]
        if chosen == ALL_KINDS:
            return frozenset(Flag.values)
        kind = next((kind for kind in SCHOOL_KINDS if kind.code == chosen), None)
        derived: Iterable[str] = kind.flags if kind else self.cleaned_data["flags"]
        return frozenset(derived) | frozenset(self.cleaned_data["says"])


class CompareForm(GovukForm):
    """Which other version to compare with. Sent by GET."""

    label_is_heading = False
    method = "get"
    submit_text = "Compare"

    other = forms.ModelChoiceField(
        queryset=QuestionSet.objects.none(),
        label="Compare with",
        error_messages={"required": "Select the version to compare with"},
    )

    def __init__(self, *args: Any, question_set: QuestionSet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["other"]
        field.queryset = QuestionSet.objects.filter(slug=question_set.slug).exclude(pk=question_set.pk)
        field.label_from_instance = lambda each: f"{each.version} ({each.get_status_display().lower()})"
