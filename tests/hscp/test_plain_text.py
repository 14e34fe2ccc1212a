"""Plain text as paragraphs and lists: what people mean, and never markup."""

import pytest

from hscp.lib.plain_text import as_html

P, UL = '<p class="govuk-body">', '<ul class="govuk-list govuk-list--bullet">'
OL = '<ol class="govuk-list govuk-list--number"'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        (" \n\n ", ""),
        ("One.\n\nTwo.", f"{P}One.</p>{P}Two.</p>"),
        ("One\r\nline", f"{P}One<br>line</p>"),
        ("Who:\n- schools\n* police\n• health", f"{P}Who:</p>{UL}<li>schools</li><li>police</li><li>health</li></ul>"),
        ("1. See\n2) Do", f"{OL}><li>See</li><li>Do</li></ol>"),
        ("1. See\n\n2. Do", f'{OL}><li>See</li></ol>{OL} start="2"><li>Do</li></ol>'),
        ("-5 degrees\n2019 was the year", f"{P}-5 degrees<br>2019 was the year</p>"),
        ("- ", f"{P}-</p>"),
        ("<b>\n- <script>&", f"{P}&lt;b&gt;</p>{UL}<li>&lt;script&gt;&amp;</li></ul>"),
    ],
)
def test_text_reads_as_it_was_typed(text, html):
    assert as_html(text) == html
