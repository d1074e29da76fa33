"""From what a file or a laboratory says of TPMT and NUDT15 to possible diplotypes and phenotypes. Pure."""
