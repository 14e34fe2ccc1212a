"""The national register of schools, Get Information About Schools (GIAS), as the Department for Education publishes it.

``read`` takes the daily file of establishments ("edubasealldata"), ``read_links`` the companion file of predecessors
and successors, ``write`` makes a file of the real layout. A file that cannot be used raises ``RegisterFileError``,
whose text can be shown to whoever chose the file. Nothing here knows the database.
"""

from schools.gias.lines import MAX_BYTES, RegisterFileError
from schools.gias.links import Direction, Link, read_links
from schools.gias.register import MAX_SCHOOLS, Register, Row, read
from schools.gias.table import MAX_WHOLE_NUMBER
from schools.gias.writer import Layout, write

__all__ = [
    "MAX_BYTES",
    "MAX_SCHOOLS",
    "MAX_WHOLE_NUMBER",
    "Direction",
    "Layout",
    "Link",
    "Register",
    "RegisterFileError",
    "Row",
    "read",
    "read_links",
    "write",
]
