"""How the vocabulary writes what a simulated record holds: codes, names, instructions."""

from dataclasses import dataclass

from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.simulation.facts import Medicine


@dataclass(frozen=True)
class Words:
    """Codes and names from the vocabulary."""

    vocabulary: Vocabulary

    def drug(self, key: str) -> tuple[str, str, str]:
        """RxNorm code, name and OMOP concept of the smallest unbranded tablet, else of the ingredient; '' unknown."""
        entry = self.vocabulary.drugs[key]
        for product in entry.products:
            if product.brand is None and product.strength and "Tablet" in product.name and "rxnorm" in product.codes:
                return product.codes["rxnorm"][0], product.name, next(iter(product.codes.get("omop", ())), "")
        code = next(iter(entry.codes.get("rxnorm", ())), "")
        return code, entry.name, next(iter(entry.codes.get("omop", ())), "")

    def concept(self, kind: str, key: str) -> tuple[str, str, str]:
        """SNOMED CT code, name and OMOP concept of a condition, event, gene or vaccine; '' where there is none."""
        entry = self.vocabulary.concepts[kind][key]
        return (
            next(iter(entry.codes.get("snomed", ())), ""),
            entry.name,
            next(iter(entry.codes.get("omop", ())), ""),
        )

    def loinc(self, gene: str) -> str:
        """LOINC code of a genotype."""
        return self.vocabulary.concepts["gene"][gene].codes["loinc"][0]

    def omop_test(self, analyte: str) -> str:
        """OMOP concept of an analyte; '0' where our vocabulary holds none."""
        return next(iter(self.vocabulary.analytes[analyte].codes.get("omop", ())), "0")

    def is_ucum(self, analyte: str, unit: str) -> bool:
        """Whether a unit is written as UCUM writes it."""
        entry = self.vocabulary.analytes[analyte]
        family = self.vocabulary.dimensions[entry.dimension].units if entry.dimension else {}
        return unit in family or unit in entry.units

    @staticmethod
    def instruction(one: Medicine) -> str:
        """The dose in words."""
        return f"{one.mg_per_day:g} mg once a day" if one.mg_per_day else "as directed"
