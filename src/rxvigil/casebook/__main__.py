"""`python -m rxvigil.casebook [part of a rule id]`: run the worked patients and show those that do not hold."""

import sys

from rxvigil.casebook.run import Runner, missing_cases, read_cases
from rxvigil.knowledge.loader import build, read_knowledge


def main() -> int:
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    book = build(read_knowledge())
    cases = list(read_cases(book))
    runner = Runner(book)
    verdicts = [runner.judge(worked) for worked in cases if wanted in worked.rule]
    wrong = [verdict for verdict in verdicts if not verdict.holds]
    for verdict in wrong:
        place = verdict.worked.place
        print(f"{place}: {verdict.worked.rule} [{verdict.worked.name}] answered '{verdict.answered}': {verdict.why}")
    lacking = [line for line in missing_cases(book, cases) if wanted in line]
    for line in lacking:
        print(f"missing: {line}")
    print(f"{len(verdicts)} cases, {len(wrong)} do not hold, {len(lacking)} rules lack a case")
    return 1 if wrong or lacking else 0


sys.exit(main())
