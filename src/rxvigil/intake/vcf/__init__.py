"""Variant Call Format -> what is seen of each sample at the sites of TPMT and NUDT15."""

from rxvigil.intake.vcf.assembly import Build
from rxvigil.intake.vcf.calls import GeneCells, VcfCalls
from rxvigil.intake.vcf.facts import genotypes_from_vcf
from rxvigil.intake.vcf.read import read_vcf

__all__ = ["Build", "GeneCells", "VcfCalls", "genotypes_from_vcf", "read_vcf"]
