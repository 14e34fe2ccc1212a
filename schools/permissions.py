"""Who may do what with schools, question sets and returns. One table; ``docs/permissions.md`` is written from it."""

from enum import StrEnum

from partnership.choices import Role
from partnership.engine.access import Rule, own_organisation, register
from schools.models import Collection, ContactImport, QuestionSet, RegisterImport, Return, School


class Perm(StrEnum):
    VIEW_SCHOOL = "schools.view_school"
    VIEW_REGISTER = "schools.view_register"
    EDIT_LOCAL_FACTS = "schools.edit_local_facts"
    VIEW_CONTACTS = "schools.view_contacts"
    MANAGE_DEPUTIES = "schools.manage_deputies"
    MANAGE_CONTACTS = "schools.manage_contacts"
    MANAGE_HEAD = "schools.manage_head"
    VIEW_CONTACT_IMPORT = "schools.view_contact_import"
    IMPORT_CONTACTS = "schools.import_contacts"
    VIEW_IMPORT = "schools.view_import"
    IMPORT_REGISTER = "schools.import_register"
    VIEW_QUESTION_SET = "schools.view_question_set"
    EDIT_QUESTION_SET = "schools.edit_question_set"
    VIEW_COLLECTION = "schools.view_collection"
    MANAGE_COLLECTION = "schools.manage_collection"
    VIEW_RESULTS = "schools.view_results"
    VIEW_OWN_RETURNS = "schools.view_own_returns"
    VIEW_RETURN = "schools.view_return"
    EDIT_RETURN = "schools.edit_return"
    CONFIRM_RETURN = "schools.confirm_return"
    SIGN_GOVERNANCE = "schools.sign_governance"
    QUERY_RETURN = "schools.query_return"
    ACCEPT_RETURN = "schools.accept_return"
    EXTEND_RETURN = "schools.extend_return"


UNIT = {Role.BUSINESS_UNIT}
READERS = {Role.BUSINESS_UNIT, Role.SCRUTINEER}
LEADS = {Role.DSL, Role.DEPUTY_DSL}
SCHOOL = LEADS | {Role.HEADTEACHER, Role.CHAIR_OF_GOVERNORS}

own_school = own_organisation("organisation")

register(
    School,
    {
        Perm.VIEW_SCHOOL: [Rule(READERS), Rule(SCHOOL, own_school)],
        Perm.VIEW_REGISTER: [Rule(READERS)],
        Perm.EDIT_LOCAL_FACTS: [Rule(UNIT)],
        Perm.VIEW_CONTACTS: [Rule(READERS), Rule(SCHOOL, own_school)],
        Perm.MANAGE_DEPUTIES: [Rule(UNIT), Rule({Role.HEADTEACHER, Role.DSL}, own_school)],
        Perm.MANAGE_CONTACTS: [Rule(UNIT), Rule({Role.HEADTEACHER}, own_school)],
        Perm.MANAGE_HEAD: [Rule(UNIT, note="nobody in a school chooses who confirms its return")],
    },
    view=Perm.VIEW_SCHOOL,
)

register(
    ContactImport,
    {
        Perm.VIEW_CONTACT_IMPORT: [Rule(UNIT)],
        Perm.IMPORT_CONTACTS: [Rule(UNIT)],
    },
    view=Perm.VIEW_CONTACT_IMPORT,
)

register(
    RegisterImport,
    {
        Perm.VIEW_IMPORT: [Rule(UNIT)],
        Perm.IMPORT_REGISTER: [Rule(UNIT)],
    },
    view=Perm.VIEW_IMPORT,
)

register(
    QuestionSet,
    {
        Perm.VIEW_QUESTION_SET: [Rule(READERS)],
        Perm.EDIT_QUESTION_SET: [Rule(UNIT)],
    },
    view=Perm.VIEW_QUESTION_SET,
)

register(
    Collection,
    {
        Perm.VIEW_COLLECTION: [Rule(READERS)],
        Perm.MANAGE_COLLECTION: [Rule(UNIT)],
        Perm.VIEW_RESULTS: [Rule(READERS)],
    },
    view=Perm.VIEW_COLLECTION,
)

register(None, {Perm.VIEW_OWN_RETURNS: [Rule(SCHOOL)]})  # the list of one's own; others come by the collection

register(
    Return,
    {
        Perm.VIEW_RETURN: [
            Rule(READERS),
            Rule(
                SCHOOL,
                own_school,
                note="a school that took over another, as an academy does, finds that school’s last answers beside its "
                "own questions; the other’s returns stay with the business unit",
            ),
        ],
        Perm.EDIT_RETURN: [Rule(LEADS, own_school)],
        Perm.CONFIRM_RETURN: [Rule({Role.HEADTEACHER}, own_school, note="never someone who only drafts")],
        Perm.SIGN_GOVERNANCE: [Rule({Role.CHAIR_OF_GOVERNORS}, own_school)],
        Perm.QUERY_RETURN: [Rule(READERS)],
        Perm.ACCEPT_RETURN: [Rule(UNIT)],
        Perm.EXTEND_RETURN: [Rule(UNIT)],
    },
    view=Perm.VIEW_RETURN,
)
