"""Invented answers with a realistic spread: most schools rate themselves well, and the weak points are the usual ones.

The weak points follow what one firm found in over 100 school audits (risk assessment, record keeping, staff and student
voice, governance, safer recruitment); figures of that kind are provisional and serve the demo only.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from partnership.choices import ActionStatus
from schools.answers import CHOOSE_ONE, NEVER, judge, needs_action, needs_reason
from schools.choices import AnswerType, Rag
from schools.models import Answer, Option, Question, Return, School

# How much harder than average a question is, by its key: added to what a school needs to answer it well.
HARDER = {
    "1.2": 0.5,
    "1.5": 0.8,
    "1.6": 0.9,
    "3.4": 0.8,
    "4.5": 0.7,
    "5.2": 0.8,
    "5.3": 0.3,
    "6.2": 0.5,
    "7.1": 0.5,
    "7.2": 1.0,
    "7.4": 0.7,
    "7.5": 0.6,
    "7.7": 0.6,
    "8.4": 0.6,
    "8.5": 1.1,
    "9.5": 0.3,
    "9.6": 1.0,
    "10.1": 0.7,
    "10.4": 0.2,
}
SPREAD = {"embedded": 0.75, "in_place": -1.0, "developing": -2.2}  # the least a school needs for each level

EVIDENCE = (
    "Reviewed by the safeguarding governor in the autumn term; see the minutes.",
    "Spot check of a sample in October; two gaps found and closed.",
    "Covered in the September training day, with a catch-up session for those who were away.",
    "Displayed in the staff room and at reception; new starters sign for it.",
    "The termly report to governors has a section on this.",
    "Asked about in this year’s pupil survey; results shared with the school council.",
    "Held in the electronic recording system; access is limited to the safeguarding team.",
    "External review in the summer term found this a strength.",
    "Policy updated in September and published on the website.",
    "Discussed at each weekly safeguarding meeting; actions are tracked.",
)
ACTIONS = (
    "Write the missing procedure and brief all staff",
    "Audit a sample of records and report to the safeguarding governor",
    "Book refresher training and record who attends",
    "Survey pupils and staff, and report what changes",
    "Agree a yearly review date with governors and put it in the calendar",
    "Review the risk assessment with the site team",
    "Ask the data manager for a termly report and follow up the gaps",
)
WHO = ("Designated safeguarding lead", "Headteacher", "Deputy headteacher", "Business manager", "Safeguarding governor")
REASONS = ("Nobody here is in a role to which this applies.", "The school has no such provision.")
GOOD_PRACTICE = (
    "A ten-minute scenario at every staff meeting: staff say it has changed how soon they speak up.",
    "Pupil safeguarding ambassadors who meet the lead each half term.",
    "A one-page summary for supply staff with photographs of the safeguarding team.",
    "Weekly case supervision in pairs across two neighbouring schools.",
)
WISHES = (
    "More twilight sessions on online harm, recorded for those who cannot come.",
    "A template for the annual report to governors.",
    "Feedback after a referral, even one line.",
    "A directory of early help services by district.",
)
SYSTEMS = ("electronic", "both", "paper")


class Author:
    """Writes the demo's answers. Each school has a quality and a diligence of its own, kept over the years."""

    def __init__(self, chance: Random, schools: list[School]) -> None:
        self.chance = chance
        self.quality = {school.pk: chance.gauss(0.4, 0.8) for school in schools}
        self.diligence = {school.pk: chance.gauss(0, 1) for school in schools}

    def most_diligent(self, schools: list[School], number: int) -> list[School]:
        """The ``number`` schools that return this year: mostly the same ones, with some luck in it."""
        ranked = sorted(schools, key=lambda school: self.diligence[school.pk] + self.chance.gauss(0, 0.5), reverse=True)
        return ranked[:number]

    def answer(self, school: School, record: Return, question: Question, *, on: date) -> Answer | None:
        """An answer as on ``on``, with evidence, reason and action as it wants them; None where it is left out."""
        value = self.value(school, question, on)
        if value is None:
            return None
        judgement = judge(question, value, on=on)
        answer = Answer(return_record=record, question=question, value=value, rag=judgement.rag or "")
        if needs_reason(question, value):
            answer.reason = self.chance.choice(REASONS)
        if question.evidence_prompt and self.chance.random() < 0.6:
            answer.evidence = self.chance.choice(EVIDENCE)
        if needs_action(question, value, on=on):
            weeks = self.chance.randint(3, 8) if judgement.rag == Rag.RED else self.chance.randint(8, 30)
            answer.action_what, answer.action_who = self.chance.choice(ACTIONS), self.chance.choice(WHO)
            answer.action_due = on + timedelta(weeks=weeks)
        return answer

    def value(self, school: School, question: Question, on: date) -> Any:
        """A value of the question's type; None where the question is left out."""
        strength = self.quality[school.pk] + self.chance.gauss(0, 1) - HARDER.get(question.key, 0.0)
        kind = question.answer_type
        if kind in CHOOSE_ONE:
            return self._choose(question, strength)
        if kind == AnswerType.MULTI:
            return self._choose_several(question, strength)
        if kind == AnswerType.PERCENT:
            return self._percent(question, strength)
        if kind == AnswerType.DATE:
            return NEVER if question.scored and strength < -2.5 else self._day(question, strength, on).isoformat()
        if kind == AnswerType.COUNT:
            return self.chance.randint(10, 160) if question.key.startswith("C") else self.chance.randint(0, 14)
        if kind == AnswerType.TEXT:
            return self.chance.choice(GOOD_PRACTICE if "Z2" in question.key else WISHES)
        return self._people(kind, on)

    def _choose(self, question: Question, strength: float) -> str:
        options = question.options
        codes = [option.code for option in options]
        if question.answer_type == AnswerType.RATING4:
            return next((code for code, least in SPREAD.items() if strength > least), "not_in_place")
        if "na" in codes and self.chance.random() < 0.12:
            return "na"
        if {"yes", "no"} <= set(codes):
            likely = -2.0 if question.scored else 0.3
            return "yes" if strength > likely else "no"
        return self._good_or_weak(options, strength).code

    def _good_or_weak(self, options: list[Option], strength: float) -> Option:
        weak = [option for option in options if option.rag in (Rag.AMBER, Rag.RED)]
        good = [option for option in options if option not in weak]
        return self.chance.choice(weak if weak and strength < -1.8 else good)

    def _choose_several(self, question: Question, strength: float) -> list[str]:
        alone = [option.code for option in question.options if option.exclusive]
        others = [option.code for option in question.options if not option.exclusive]
        if alone and (strength < -1.9 or not others):
            return alone[:1]
        return self.chance.sample(others, k=min(len(others), self.chance.randint(1, 3)))

    def _percent(self, question: Question, strength: float) -> int:
        good = question.amber_below or 95
        return self.chance.randint(good, 100) if strength > -0.9 else self.chance.randint(max(0, good - 25), good - 1)

    def _day(self, question: Question, strength: float, on: date) -> date:
        oldest = question.max_age_days or 365
        days = self.chance.randint(5, oldest - 1) if strength > -1.3 else self.chance.randint(oldest + 5, oldest + 200)
        return on - timedelta(days=days)

    def _people(self, kind: str, on: date) -> Any:
        trained = (on - timedelta(days=self.chance.randint(30, 700))).isoformat()
        if kind == AnswerType.REPEAT:
            return [{"name": f"Deputy {number}", "trained": trained} for number in range(1, self.chance.randint(2, 4))]
        if kind == AnswerType.PERSON:
            return {"name": "The headteacher"}
        return {"name": "The postholder", "appointed": (on - timedelta(days=900)).isoformat(), "trained": trained}

    def action_status(self, due: date, *, on: date) -> ActionStatus:
        """How an action due on ``due`` stands: long past ones are mostly done, some are overdue."""
        if due < on - timedelta(days=120):
            return ActionStatus.DONE if self.chance.random() < 0.9 else ActionStatus.IN_PROGRESS
        if due < on:
            return ActionStatus.DONE if self.chance.random() < 0.6 else ActionStatus.OPEN
        return ActionStatus.DONE if self.chance.random() < 0.15 else ActionStatus.OPEN
