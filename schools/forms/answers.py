"""The form of one section of a return: made from question rows, so that next year's questions need no code.

Each question has its answer and, where they may be wanted, a reason, evidence and the action that a weak answer forces.
Nothing is required while somebody is still working; all that is wanted is required once they say that the section is
complete. The same form draws the preview of a question set (``templates/schools/returns/question.html``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.formats import date_format
from django.utils.safestring import SafeString

from hscp.lib.forms import GovukDateField, GovukForm, LongTextField
from partnership.models import HeldText
from partnership.texts import explain, find
from schools.answers import ACTION, WEAK, display, missing, needs_action, needs_reason
from schools.choices import AnswerType
from schools.forms.answer_fields import (
    LONGEST_TEXT,
    MOST_PEOPLE,
    ONE_PERSON,
    answer_fields,
    answer_names,
    heading,
    read_answer,
    with_notice,
)
from schools.models import Answer, Question
from schools.prefill import Prefill
from schools.services.sections import NOTHING, Conflict, Content, Entry, content_of
from schools.sheets import FIELDS, Line
from schools.steps import clock

YES, NO = "yes", "no"
THEIRS, MINE = "theirs", "mine"


@dataclass(frozen=True, slots=True)
class Choice:
    """Two texts to choose between: what somebody else has saved, and what this person sent."""

    field: BoundField
    theirs_name: str
    theirs: Answer | None
    fingerprint: str
    rows: list[tuple[str, list[str], list[str]]]  # what differs: its name, theirs, mine


@dataclass(frozen=True, slots=True)
class Block:
    """One question as the page shows it: its line on the sheet and the fields that belong to it."""

    line: Line
    answer: list[BoundField]
    people: list[list[BoundField]]
    reason: BoundField | None
    evidence: BoundField | None
    action: list[BoundField]
    insists: BoundField | None
    takes_back: BoundField | None
    hidden: list[SafeString]
    choice: Choice | None
    note: str
    action_is_open: bool
    reason_is_open: bool

    @property
    def question(self) -> Question:
        return self.line.question

    @property
    def anchor(self) -> str:
        """The id of the question on the page."""
        return f"question-{self.question.code}"

    @property
    def heading(self) -> SafeString:
        """The question with its number, where it is the legend of several fields."""
        return heading(self.question)

    @property
    def has_several_fields(self) -> bool:
        """Whether the answer is about people, each with fields of their own."""
        return self.question.answer_type in {*ONE_PERSON, AnswerType.REPEAT}

    @property
    def weak_codes(self) -> str:
        """The options after which an action is wanted, for the page's script."""
        return " ".join(option.code for option in self.question.options if option.rag in WEAK)

    @property
    def weak_below(self) -> int | None:
        """The percentage below which an action is wanted, for the page's script."""
        limits = [limit for limit in (self.question.amber_below, self.question.red_below) if limit is not None]
        return max(limits, default=None)

    @property
    def weak_before(self) -> date | None:
        """The day before which a date wants an action, for the page's script."""
        days = self.question.max_age_days
        return None if days is None else timezone.localdate() - timedelta(days=days)

    @property
    def reason_codes(self) -> str:
        """The options that must be explained, for the page's script."""
        return " ".join(option.code for option in self.question.options if option.needs_reason)


class SectionForm(GovukForm):
    """The questions of one section that apply. ``entries()`` gives what was sent, for ``services.sections``."""

    submit_text = "Save and continue"
    label_is_heading = False

    def __init__(
        self,
        data: Any = None,
        *,
        lines: Sequence[Line],
        prefilled: Mapping[str, Prefill] | None = None,
        typed: Mapping[str, Sequence[str]] | None = None,
        is_complete: bool | None = None,
        allowed: Sequence[str] = (),
        writer: Any = None,
        add_person_to: int | None = None,
    ) -> None:
        """``prefilled`` maps question keys to what is offered where there is no answer; ``typed`` is what was kept of a
        form that was not saved; ``allowed`` are words that the screening lets through; ``writer`` sees their own held
        texts; ``add_person_to`` is the id of a question about several people that gets another row."""
        super().__init__(data)
        self.lines = lines
        self.prefilled = prefilled or {}
        self.allowed = allowed
        self.writer = writer
        self.add_person_to = add_person_to
        self.sent = data if data is not None else MultiValueDict({name: list(v) for name, v in (typed or {}).items()})
        self.rows: dict[int, int] = {}
        self.names: dict[int, list[str]] = {}  # the short names of each question's fields
        self.codes: dict[str, str] = {}  # the number of the question that a field belongs to
        self.conflicts: dict[int, Conflict] = {}
        self.found: set[int] = set()  # ids of questions in whose texts the screening found something
        for line in lines:
            self._add(line)
        self.fields["complete"] = _complete(is_complete)
        if typed is not None:
            self._show_again()
        self._dress()

    # --- Building -----------------------------------------------------------------------------------------------------

    def _add(self, line: Line) -> None:
        question, content = line.question, content_of(line.answer)
        value = self._start(line, content)
        rows = self._count_rows(question, value)
        for name, field in answer_fields(question, value, rows=rows).items():
            self._put(question, name, field)
        if any(option.needs_reason for option in question.options):
            self._put(question, "reason", _long_text("Why does it not apply?", content.reason))
        if question.scored or question.evidence_prompt:
            self._put(
                question, "evidence", _long_text("Evidence (optional)", content.evidence, question.evidence_prompt)
            )
        if question.scored:
            self._add_action(question, content)
        self._put(question, "insists", _insists())
        if self._own_held(line):
            self._put(question, "takes_back", _takes_back())
        self._put(question, "loaded", _hidden(content.fingerprint))
        self._put(question, "choose", _choose(question))
        self._put(question, "theirs", _hidden(""))

    def _start(self, line: Line, content: Content) -> Any:
        """The value to start from: the answer, or what is known already."""
        if line.answer is not None:
            return content.value
        prefill = self.prefilled.get(line.question.key)
        return prefill.value if prefill else None

    def _count_rows(self, question: Question, value: Any) -> int:
        """How many people to show: those there are and one more, or as many as the page that was sent showed."""
        if question.answer_type != AnswerType.REPEAT:
            return 0
        sent = str(self.sent.get(_name(question, "rows"), ""))
        shown = int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 3 else 0
        more = int(question.pk == self.add_person_to)
        self.rows[question.pk] = min(MOST_PEOPLE, max(len(value or []) + 1, shown + more))
        return self.rows[question.pk]

    def _add_action(self, question: Question, content: Content) -> None:
        self._put(question, "action_what", _long_text("What will you do?", content.action_what, longest=500))
        self._put(question, "action_who", _who(content.action_who))
        self._put(
            question,
            "action_due",
            GovukDateField(label="By when?", describe="day", required=False, initial=content.action_due),
        )

    def _put(self, question: Question, name: str, field: forms.Field) -> None:
        self.names.setdefault(question.pk, []).append(name)
        self.codes[_name(question, name)] = question.code
        self.fields[_name(question, name)] = field

    def _own_held(self, line: Line) -> list[HeldText]:
        return [text for text in line.held if text.written_by == self.writer]

    def _show_again(self) -> None:
        """Start from what somebody had typed and not saved, as if they had never left."""
        for name, field in self.fields.items():
            widget = field.widget
            is_box = isinstance(widget, (forms.CheckboxInput, forms.CheckboxSelectMultiple))
            if is_box or not widget.value_omitted_from_data(self.sent, MultiValueDict(), name):
                field.initial = widget.value_from_datadict(self.sent, MultiValueDict(), name)

    def show_conflicts(self, conflicts: Iterable[Conflict]) -> None:
        """Put both texts of each question on the page, and ask which to keep."""
        for conflict in conflicts:
            question = conflict.question
            self.conflicts[question.pk] = conflict
            field: Any = self.fields[_name(question, "choose")]
            field.choices = _keep(conflict)
            self.add_error(_name(question, "choose"), "Select which answer to keep")

    # --- Showing ------------------------------------------------------------------------------------------------------

    @property
    def blocks(self) -> list[Block]:
        """The questions in order, each with its fields."""
        return [self._block(line) for line in self.lines]

    def _block(self, line: Line) -> Block:
        question, own = line.question, self._fields_of(line.question)
        rows = self.rows.get(question.pk, 0)
        answer = [own[name] for name in answer_names(question, rows=rows)]
        action = [own[name] for name in ACTION if name in own]
        content = self._content(question) if self.is_cleaned else content_of(line.answer)
        prefill = self.prefilled.get(question.key) if line.answer is None else None
        return Block(
            line=line,
            answer=answer if not rows else [],
            people=[answer[2 * row : 2 * row + 2] for row in range(rows)],
            reason=own.get("reason"),
            evidence=own.get("evidence"),
            action=action,
            insists=own["insists"] if question.pk in self.found else None,
            takes_back=own.get("takes_back"),
            hidden=self._hidden_inputs(question, own),
            choice=self._choice(question, own["choose"]),
            note=prefill.note if prefill else "",
            action_is_open=any(_filled(field) or field.errors for field in action)
            or needs_action(question, content.value, on=timezone.localdate()),
            reason_is_open=needs_reason(question, content.value) or bool("reason" in own and own["reason"].errors),
        )

    def _choice(self, question: Question, field: BoundField) -> Choice | None:
        conflict = self.conflicts.get(question.pk)
        if conflict is None:
            return None
        theirs, mine = content_of(conflict.theirs), self._content(question)
        return Choice(
            field=field,
            theirs_name=_name(question, "theirs"),
            theirs=conflict.theirs,
            fingerprint=theirs.fingerprint,
            rows=list(_differences(question, theirs, mine)),
        )

    def _hidden_inputs(self, question: Question, own: Mapping[str, BoundField]) -> list[SafeString]:
        """What the page sends back unseen: what it was loaded with and, if a choice was made, what it was between."""
        names = [name for name in ("loaded", "rows") if name in own]
        if question.pk not in self.conflicts and self.is_cleaned and self._chosen(question) == MINE:
            names += ["choose", "theirs"]
        return [own[name].as_hidden() for name in names]

    def _fields_of(self, question: Question) -> dict[str, BoundField]:
        return {name: self[_name(question, name)] for name in self.names[question.pk]}

    @property
    def is_typed(self) -> bool:
        """Whether the page shows what somebody typed and has not saved."""
        return bool(self.sent)

    @property
    def is_cleaned(self) -> bool:
        """Whether the sent data has been read, so that its values can be used."""
        return hasattr(self, "cleaned_data")

    # --- Checking -----------------------------------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for line in self.lines:
            if self._chosen(line.question) == THEIRS:
                self._forget_errors(line.question)
                continue
            self._refuse_mixed_choices(line.question)
            self._refuse_a_day_and_never(line.question)
            self._refuse_past_action(line)
            self._screen(line)
            if cleaned.get("complete") == YES:
                self._want_all(line)
        return cleaned

    def add_error(self, field: str | None, error: Any) -> None:
        """As any form does it, with the number of the question before each sentence: the summary has many of them."""
        code = self.codes.get(field or "")
        if code:
            found = error if isinstance(error, ValidationError) else ValidationError(error)
            error = [ValidationError(f"{code}: {one.message}", one.code, one.params) for one in found.error_list]
        super().add_error(field, error)

    def _chosen(self, question: Question) -> str:
        return str(self.cleaned_data.get(_name(question, "choose")) or "")

    def _forget_errors(self, question: Question) -> None:
        """What is wrong with a text that is not kept is no matter."""
        for name in self.names[question.pk]:
            self.errors.pop(_name(question, name), None)

    def _refuse_mixed_choices(self, question: Question) -> None:
        if question.answer_type != AnswerType.MULTI:
            return
        chosen = set(self.cleaned_data.get(_name(question, "value")) or [])
        alone = [option for option in question.options if option.exclusive and option.code in chosen]
        if alone and len(chosen) > 1:
            self.add_error(_name(question, "value"), f"Select “{alone[0].label}” or other options, not both")

    def _refuse_a_day_and_never(self, question: Question) -> None:
        day, never = (self.cleaned_data.get(_name(question, name)) for name in ("value", "never"))
        if day and never:
            self.add_error(_name(question, "value"), "Enter a date or tick that it has not been done yet, not both")

    def _refuse_past_action(self, line: Line) -> None:
        """An action cannot be promised for yesterday; one that was promised before and is overdue by now stays."""
        name, today = _name(line.question, "action_due"), timezone.localdate()
        due = self.cleaned_data.get(name)
        is_new = due != (line.answer.action_due if line.answer else None)
        if due and due < today and is_new:
            self.add_error(name, "The day must be today or in the future")

    def _screen(self, line: Line) -> None:
        """Texts that stand there already have been looked at; any other that may identify a child wants a tick."""
        question, before = line.question, content_of(line.answer)
        for name in _text_names(question):
            text = self._text(question, name)
            hits = find(text, allowed=self.allowed) if text != (getattr(before, name) or "") else ()
            if hits:
                self.found.add(question.pk)
            if not self.cleaned_data.get(_name(question, "insists")):
                for hit in hits:
                    self.add_error(_name(question, name), explain(hit))

    def _want_all(self, line: Line) -> None:
        """Everything that is wanted of a complete section, each where it is to be entered."""
        question = line.question
        if any(_name(question, name) in self.errors for name in self.names[question.pk]):
            return
        content = self._content(question)
        answer = Answer(question=question, **{name: getattr(content, name) for name in ("value", "reason", *ACTION)})
        held = {text.field for text in line.held} if not self._takes_back(question) else set()
        for wanted in missing(question, answer, on=timezone.localdate(), held=held):
            self.add_error(self.place_of(question, wanted), f"Enter {wanted}")

    def _takes_back(self, question: Question) -> bool:
        return bool(self.cleaned_data.get(_name(question, "takes_back")))

    def place_of(self, question: Question, wanted: str) -> str:
        """The name of the field in which something that is wanted (see ``schools.answers``) is to be entered."""
        names = self.names[question.pk]
        return _name(question, FIELDS[wanted] if FIELDS[wanted] in names else names[0])

    # --- Reading ------------------------------------------------------------------------------------------------------

    @property
    def says_complete(self) -> bool:
        """Whether the person says that the section is complete."""
        return bool(self.cleaned_data.get("complete") == YES)

    def entries(self) -> list[Entry]:
        """What was sent, question by question."""
        return [self._entry(line.question) for line in self.lines]

    def _entry(self, question: Question) -> Entry:
        """Who has chosen between two texts has seen the other’s: that is what they were shown last."""
        chosen = self._chosen(question)
        shown = self.cleaned_data.get(_name(question, "theirs" if chosen else "loaded"))
        return Entry(
            question=question,
            content=None if chosen == THEIRS else self._content(question),
            loaded=shown or NOTHING.fingerprint,
            insists=bool(self.cleaned_data.get(_name(question, "insists"))),
            takes_back=self._takes_back(question),
        )

    def differs(self) -> bool:
        """Whether what was sent is not what is saved; also where it cannot be read."""
        if self.errors.keys() - {"complete"}:
            return True
        saved = (content_of(line.answer).fingerprint for line in self.lines)
        sent = (self._content(line.question).fingerprint for line in self.lines)
        return any(one != other for one, other in zip(sent, saved, strict=True))

    def _content(self, question: Question) -> Content:
        rows = self.rows.get(question.pk, 0)
        names = answer_names(question, rows=rows)
        value = read_answer(question, {name: self.cleaned_data.get(_name(question, name)) for name in names}, rows=rows)
        weak = needs_action(question, value, on=timezone.localdate())
        return Content(
            value=value,
            reason=self._text(question, "reason") if needs_reason(question, value) else "",
            evidence=self._text(question, "evidence"),
            action_what=self._text(question, "action_what") if weak else "",
            action_who=self._text(question, "action_who") if weak else "",
            action_due=self.cleaned_data.get(_name(question, "action_due")) if weak else None,
        )

    def _text(self, question: Question, name: str) -> str:
        return str(self.cleaned_data.get(_name(question, name)) or "").strip()


def field_id(question: Question, wanted: str) -> str:
    """The id, on the page of its section, of the input in which something that is wanted of ``question`` is entered."""
    is_date = wanted == "action_due" or (wanted == "value" and question.answer_type == AnswerType.DATE)
    row = "0_" if wanted == "name" and question.answer_type == AnswerType.REPEAT else ""
    first = "name" if wanted == "value" and AnswerType(question.answer_type) in ONE_PERSON else wanted
    return f"id_{_name(question, row + first)}{'_day' if is_date else ''}"


def _name(question: Question, name: str) -> str:
    return f"q{question.pk}_{name}"


def _text_names(question: Question) -> tuple[str, ...]:
    names = ("reason", "evidence", "action_what", "action_who")
    return ("value", *names) if question.answer_type == AnswerType.TEXT else names


def _filled(field: BoundField) -> list[Any]:
    """The parts of a field's value that are not empty: a date has three."""
    value = field.value()
    return [part for part in (value if isinstance(value, (list, tuple)) else [value]) if part]


def _differences(question: Question, theirs: Content, mine: Content) -> Iterable[tuple[str, list[str], list[str]]]:
    """What the two say differently: its name, their lines, my lines."""
    if theirs.value != mine.value:
        yield "Answer", display(question, theirs.value), display(question, mine.value)
    for name, label in CONTENT_LABELS.items():
        one, other = getattr(theirs, name), getattr(mine, name)
        if one != other:
            yield label, _lines(one), _lines(other)


CONTENT_LABELS = {
    "reason": "Why it does not apply",
    "evidence": "Evidence",
    "action_what": "Action",
    "action_who": "Who will do it",
    "action_due": "By when",
}


def _lines(value: Any) -> list[str]:
    return [date_format(value, "j F Y") if isinstance(value, date) else value or "Not provided"]


# --- Fields that every question may have -----------------------------------------------------------------------------


def _complete(is_complete: bool | None) -> forms.ChoiceField:
    return forms.ChoiceField(
        label="Have you completed this section?",
        choices=[(YES, "Yes, I have completed this section"), (NO, "No, I will come back to it later")],
        widget=forms.RadioSelect,
        initial={True: YES, False: NO, None: ""}[is_complete],
        error_messages={"required": "Select whether you have completed this section"},
    )


def _long_text(label: str, value: str, hint: str = "", *, longest: int = LONGEST_TEXT) -> LongTextField:
    return LongTextField(
        label=label,
        help_text=with_notice(hint),
        required=False,
        max_length=longest,
        initial=value,
        widget=forms.Textarea({"rows": "3"}),
    )


def _who(value: str) -> forms.CharField:
    return forms.CharField(
        label="Who will do it?",
        help_text="A role, such as “headteacher”, not a name",
        required=False,
        max_length=150,
        initial=value,
    )


def _insists() -> forms.BooleanField:
    return forms.BooleanField(
        label="This is not about a child, a family or a member of staff",
        help_text="The business unit will look at the text before anyone else sees it.",
        required=False,
    )


def _takes_back() -> forms.BooleanField:
    return forms.BooleanField(label="Take this text back: I do not want it looked at", required=False)


def _hidden(value: str) -> forms.CharField:
    return forms.CharField(required=False, widget=forms.HiddenInput, initial=value, max_length=16)


def _choose(question: Question) -> forms.ChoiceField:
    return forms.ChoiceField(
        label="Which answer do you want to keep?",
        choices=[(THEIRS, "Theirs"), (MINE, "Mine")],
        widget=forms.RadioSelect,
        required=False,
    )


def _keep(conflict: Conflict) -> list[tuple[str, str]]:
    """The two answers to choose from, theirs with who saved it and when."""
    theirs = conflict.theirs
    if theirs is None:
        return [(THEIRS, "No answer: it has been taken away"), (MINE, "Mine, as it stands below")]
    by = f"{theirs.updated_by}’s" if theirs.updated_by else "The other"
    return [(THEIRS, f"{by} answer, saved at {clock(theirs.updated_at)}"), (MINE, "Mine, as it stands below")]
