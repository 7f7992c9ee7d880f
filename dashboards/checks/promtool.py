"""Whether an expression is PromQL: promtool says it, of many at once."""

import json
import re
import subprocess
import tempfile

from checks.promql import fill_in

PROBLEM = re.compile(r'rule (\d+), "[^"]*": (.*)')


def problems(expressions, promtool="promtool"):
    """{expression: what promtool objects to} of those that are not PromQL."""
    order = sorted(set(expressions))
    rules = [
        {"record": f"checked:expression{i}:x", "expr": fill_in(text)} for i, text in enumerate(order)
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".yml", encoding="utf-8") as file:
        json.dump({"groups": [{"name": "all", "rules": rules}]}, file)  # JSON is YAML
        file.flush()
        ran = subprocess.run(
            [promtool, "check", "rules", file.name], capture_output=True, text=True, timeout=60, check=False
        )
    said = ran.stdout + ran.stderr
    found = {order[int(number) - 1]: text for number, text in PROBLEM.findall(said)}
    if (ran.returncode != 0) != bool(found):
        raise RuntimeError(f"promtool check rules, exit code {ran.returncode}: {said[-2000:]}")
    return found
