"""temporary"""

import sys

from rxvigil.knowledge.lint import lint

problems = lint()
want = sys.argv[1] if len(sys.argv) > 1 else ""
shown = [p for p in problems if want in p.place]
for p in shown:
    print(p)
print(len(shown), "problems")
