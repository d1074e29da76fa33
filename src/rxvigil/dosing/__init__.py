"""The individual dose: start, titration, change, taper, conversion; every step of arithmetic shown. Pure."""
