"""What people and other systems get to see: an assessment as text, page, JSON or FHIR, and the rule book for readers.

Each report takes frozen records in and gives text, bytes or a document out; none reads a clock or a file of the user.
"""

from rxvigil.reports.as_json import as_bytes, assessment_schema, to_json
from rxvigil.reports.brief import start_to_brief, to_brief
from rxvigil.reports.comparison import comparison
from rxvigil.reports.dose_json import dose_json, dose_schema
from rxvigil.reports.dose_text import plan_text
from rxvigil.reports.fhir import to_fhir
from rxvigil.reports.measure_fhir import measures_to_fhir
from rxvigil.reports.measure_page import measures_to_html
from rxvigil.reports.measure_text import measures_to_text
from rxvigil.reports.page import to_html
from rxvigil.reports.rehearsal_page import rehearsal_to_html
from rxvigil.reports.rehearsal_text import rehearsal_to_csv, rehearsal_to_text
from rxvigil.reports.rulebook import book_differences, rule_lines, rule_page
from rxvigil.reports.start_calendar import start_to_calendar
from rxvigil.reports.start_fhir import start_to_fhir
from rxvigil.reports.start_json import start_schema, start_to_json
from rxvigil.reports.start_page import start_to_html
from rxvigil.reports.start_questions import open_questions
from rxvigil.reports.start_short import start_in_short
from rxvigil.reports.start_text import start_to_text
from rxvigil.reports.text import to_text
from rxvigil.reports.wordlist import word_lines
from rxvigil.reports.worklist_page import worklist_to_html
from rxvigil.reports.worklist_table import worklist_to_csv, worklist_to_xlsx
from rxvigil.reports.worklist_text import worklist_to_text

__all__ = [
    "as_bytes",
    "assessment_schema",
    "book_differences",
    "comparison",
    "dose_json",
    "dose_schema",
    "measures_to_fhir",
    "measures_to_html",
    "measures_to_text",
    "open_questions",
    "plan_text",
    "rehearsal_to_csv",
    "rehearsal_to_html",
    "rehearsal_to_text",
    "rule_lines",
    "rule_page",
    "start_in_short",
    "start_schema",
    "start_to_brief",
    "start_to_calendar",
    "start_to_fhir",
    "start_to_html",
    "start_to_json",
    "start_to_text",
    "to_brief",
    "to_fhir",
    "to_html",
    "to_json",
    "to_text",
    "word_lines",
    "worklist_to_csv",
    "worklist_to_html",
    "worklist_to_text",
    "worklist_to_xlsx",
]
