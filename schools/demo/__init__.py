"""The demo's schools, people, collections and returns: of the real size, wholly invented.

535 schools, 60 of them independent; three years of returns behind and one under way. Invented answers never stand
under a real school's name: the names are made of invented places.
"""

from datetime import date
from random import Random

from schools.demo import people, register, returns

SEED = 175


def load(on: date) -> None:
    """Schools, their people, the question sets, and four collections, the newest open on ``on``."""
    chance = Random(SEED)
    schools = register.load(chance, on)
    people.load(chance, schools, on)
    returns.load(chance, schools, on)
