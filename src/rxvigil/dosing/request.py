"""What may be asked: names that the rule book knows, and mistakes said plainly."""

from typing import Final, get_args

from rxvigil.dosing.plan import DoseRequest
from rxvigil.errors import RxvigilError
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.rules import Jurisdiction

GENES: Final = ("tpmt", "nudt15")
JURISDICTIONS: Final[tuple[str, ...]] = get_args(Jurisdiction)
_PLACES: Final = ", ".join(JURISDICTIONS)


class BadRequest(RxvigilError):
    """A drug, indication, body or gene was named that the rule book does not hold."""

    exit_code = 2


def check(request: DoseRequest, book: RuleBook) -> DoseRequest:
    """The request, if every name in it is known. Raises `BadRequest`."""
    words = book.vocabulary
    check_drug(request.drug, book)
    if request.jurisdiction is not None and request.jurisdiction not in JURISDICTIONS:
        raise BadRequest("it is not a jurisdiction of the rule book", "jurisdiction", f"use one of {_PLACES}")
    if request.indication and request.indication not in words.concepts.get("condition", {}):
        raise BadRequest(
            "the indication is not a condition of the vocabulary",
            "indication",
            "write a key such as crohns-disease; `rxvigil rules words` lists them",
        )
    if request.body and request.body not in book.dosing:
        near = ", ".join(sorted(key for key, one in book.dosing.items() if one.drug == request.drug))
        raise BadRequest("there is no dosing protocol of that id", "body", f"choose one of: {near or 'none'}")
    if not set(request.start_untested) <= set(GENES):
        raise BadRequest("a gene to start without is not one that is tested", "start_untested", "tpmt or nudt15")
    return request


def check_drug(drug: str, book: RuleBook) -> None:
    """Raises `BadRequest` for a drug of which no dose is held."""
    if drug not in book.vocabulary.drugs:
        raise BadRequest("the drug is not in the vocabulary", "drug", "write for example azathioprine")
