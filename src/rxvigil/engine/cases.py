"""temporary, tolerant case runner: python -m rxvigil.engine.cases [part of rule id]"""

import sys

from rxvigil.casebook import run as R
from rxvigil.casebook.run import *
from rxvigil.knowledge.loader import *

docs = []
for p, n in knowledge_files():
    try:
        d = read_document(p, n)
        parse_file(d)
        docs.append(d)
    except Exception as e:
        print("SKIP FILE", str(e)[:200])
book = build(docs)
want = sys.argv[1] if len(sys.argv) > 1 else ""
runner = Runner(book)
cases = []
n = bad = 0
from rxvigil.knowledge.yamlfile import read_document

root = shipped_cases()
for path in sorted(root.rglob("*.yaml")):
    if want and want.split("#")[0] not in str(path.relative_to(root)):
        continue
    try:
        new = list(R._cases_of(read_document(path, path.relative_to(root).as_posix()), book))
    except Exception as e:
        print("SKIP CASES", str(e)[:300])
        continue
    cases += new
    for w in new:
        try:
            v = runner.judge(w)
        except Exception as e:
            print("ENGINE ERROR", w.place, type(e).__name__, str(e)[:200])
            bad += 1
            continue
        n += 1
        if not v.holds:
            bad += 1
            print(f"{w.place}: {w.rule} [{w.name}] answered '{v.answered}': {v.why[:160]}")
for line in missing_cases(book, cases):
    if want in line and want:
        print("missing:", line)
print(n, "cases", bad, "wrong")
