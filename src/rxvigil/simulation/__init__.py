"""A simulated azathioprine clinic of any size with known truth. Its patients do not exist.

from rxvigil.simulation import ready, simulate, write_clinic
"""

from rxvigil.simulation.facts import Simulated, Truth
from rxvigil.simulation.own import read_scenario
from rxvigil.simulation.patient import simulate
from rxvigil.simulation.plan import SCENARIO, Ready, ready
from rxvigil.simulation.writers import Form, write_clinic

__all__ = ["SCENARIO", "Form", "Ready", "Simulated", "Truth", "read_scenario", "ready", "simulate", "write_clinic"]
