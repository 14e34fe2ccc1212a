"""The lives of returns, collections, question sets and imports. ``docs/lives.md`` is written from these tables."""

from partnership.engine.workflow import Move, life
from schools.choices import CollectionStatus as C
from schools.choices import ContactImportStatus as L
from schools.choices import ImportStatus as I
from schools.choices import QuestionSetStatus as Q
from schools.choices import ReturnStatus as R
from schools.models import Collection, ContactImport, QuestionSet, RegisterImport, Return
from schools.permissions import Perm

START = Move("start the return", {R.NOT_STARTED}, R.IN_PROGRESS, Perm.EDIT_RETURN)
SEND_TO_HEAD = Move("send the return to the head", {R.IN_PROGRESS}, R.WITH_HEAD, Perm.EDIT_RETURN)
SEND_BACK = Move("send the return back", {R.WITH_HEAD}, R.IN_PROGRESS, Perm.CONFIRM_RETURN, note_required=True)
SUBMIT = Move("submit the return", {R.WITH_HEAD}, R.SUBMITTED, Perm.CONFIRM_RETURN)
QUERY = Move("query the return", {R.SUBMITTED, R.ACCEPTED}, R.IN_PROGRESS, Perm.QUERY_RETURN, note_required=True)
ACCEPT = Move("accept the return", {R.SUBMITTED}, R.ACCEPTED, Perm.ACCEPT_RETURN)

life(Return, START, SEND_TO_HEAD, SEND_BACK, SUBMIT, QUERY, ACCEPT)

OPEN_COLLECTION = Move("open the collection", {C.DRAFT}, C.OPEN, Perm.MANAGE_COLLECTION)
CLOSE_COLLECTION = Move("close the collection", {C.OPEN}, C.CLOSED, Perm.MANAGE_COLLECTION)
REOPEN_COLLECTION = Move("reopen the collection", {C.CLOSED}, C.OPEN, Perm.MANAGE_COLLECTION, note_required=True)

life(Collection, OPEN_COLLECTION, CLOSE_COLLECTION, REOPEN_COLLECTION)

PUBLISH = Move("publish the question set", {Q.DRAFT}, Q.PUBLISHED, Perm.EDIT_QUESTION_SET)
RETIRE = Move("retire the question set", {Q.PUBLISHED}, Q.RETIRED, Perm.EDIT_QUESTION_SET)

life(QuestionSet, PUBLISH, RETIRE)

COMPARE = Move("compare the file", {I.UPLOADED}, I.COMPARED, None)
FAIL = Move("give up on the file", {I.UPLOADED, I.APPLYING}, I.FAILED, None)
START_APPLYING = Move("apply the import", {I.COMPARED}, I.APPLYING, Perm.IMPORT_REGISTER)
FINISH_APPLYING = Move("finish applying the import", {I.APPLYING}, I.APPLIED, None)
DISCARD = Move("discard the import", {I.UPLOADED, I.COMPARED, I.FAILED}, I.DISCARDED, Perm.IMPORT_REGISTER)

life(RegisterImport, COMPARE, FAIL, START_APPLYING, FINISH_APPLYING, DISCARD)

START_APPLYING_CONTACTS = Move("apply the list of contacts", {L.CHECKED}, L.APPLYING, Perm.IMPORT_CONTACTS)
FINISH_APPLYING_CONTACTS = Move("finish applying the list of contacts", {L.APPLYING}, L.APPLIED, None)
DISCARD_CONTACTS = Move("discard the list of contacts", {L.CHECKED}, L.DISCARDED, Perm.IMPORT_CONTACTS)

life(ContactImport, START_APPLYING_CONTACTS, FINISH_APPLYING_CONTACTS, DISCARD_CONTACTS)
