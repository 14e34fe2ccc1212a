"""Who may do what with schools, question sets and returns, written out. ``docs/permissions.md`` says it in words."""

import pytest

from partnership.engine import access
from schools.models import Collection, ContactImport, QuestionSet, RegisterImport, Return, School
from tests.factories import CollectionFactory, QuestionSetFactory, UserFactory
from tests.tables import check_permission, check_visible, declared_permissions, read_permissions

TABLE = read_permissions(
    """
    schools.view_school: business_unit all, scrutineer all,
        dsl own, deputy_dsl own, headteacher own, chair_of_governors own
    schools.view_register: business_unit all, scrutineer all
    schools.edit_local_facts: business_unit all
    schools.view_contacts: business_unit all, scrutineer all,
        dsl own, deputy_dsl own, headteacher own, chair_of_governors own
    schools.manage_deputies: business_unit all, dsl own, headteacher own
    schools.manage_contacts: business_unit all, headteacher own
    schools.manage_head: business_unit all

    schools.view_contact_import: business_unit all
    schools.import_contacts: business_unit all

    schools.view_import: business_unit all
    schools.import_register: business_unit all

    schools.view_question_set: business_unit all, scrutineer all
    schools.edit_question_set: business_unit all

    schools.view_collection: business_unit all, scrutineer all
    schools.manage_collection: business_unit all
    schools.view_results: business_unit all, scrutineer all

    schools.view_own_returns: dsl all, deputy_dsl all, headteacher all, chair_of_governors all

    schools.view_return: business_unit all, scrutineer all,
        dsl own, deputy_dsl own, headteacher own, chair_of_governors own
    schools.edit_return: dsl own, deputy_dsl own
    schools.confirm_return: headteacher own
    schools.sign_governance: chair_of_governors own
    schools.query_return: business_unit all, scrutineer all
    schools.accept_return: business_unit all
    schools.extend_return: business_unit all
    """
)
MODELS = [School, ContactImport, RegisterImport, QuestionSet, Collection, Return]


@pytest.fixture
def records(oak_lane, elm_park):
    """By model: a record of a person's own school (Oak Lane), and another's. Some models belong to no school."""
    collection = CollectionFactory()
    made = {
        School: (oak_lane, elm_park),
        ContactImport: (_contact_import("a.csv"), _contact_import("b.csv")),
        RegisterImport: (_register_import("a.csv"), _register_import("b.csv")),
        QuestionSet: (collection.question_set, QuestionSetFactory()),
        Collection: (collection, CollectionFactory(academic_year=2025)),
        Return: (_return(collection, oak_lane), _return(collection, elm_park)),
    }
    return {model: _givers(*pair) for model, pair in made.items()}


def _givers(own, other):
    return (lambda person: own), (lambda person: other)


def _contact_import(filename):
    return ContactImport.objects.create(filename=filename, uploaded_by=UserFactory())


def _register_import(filename):
    return RegisterImport.objects.create(filename=filename, sha256="0" * 64, size=1, local_authority="Hertfordshire")


def _return(collection, school):
    return Return.objects.create(collection=collection, organisation=school.organisation, reference=f"R{school.urn}")


def test_the_table_has_every_permission_and_no_other():
    assert set(TABLE) == declared_permissions("schools")


@pytest.mark.parametrize("perm", TABLE)
def test_each_role_has_what_the_table_says_and_no_more(perm, records, oak_lane):
    check_permission(perm, TABLE[perm], oak_lane.organisation, *records.get(access.model_of(perm), ()))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_what_a_role_sees_in_a_list_is_what_it_may_view(model, records, oak_lane):
    check_visible(model, oak_lane.organisation, *records[model])
