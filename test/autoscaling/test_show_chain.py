"""scripts/show-chain prints what an HPA would read, and it is what LLEN says."""

import os
import subprocess
import sys
from pathlib import Path

SHOW = Path(__file__).resolve().parents[2] / "scripts" / "demo" / "chain.py"


def test_it_prints_the_hpa_s_values_next_to_llen(program):
    done = subprocess.run(
        [sys.executable, "-B", SHOW, program],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=400,
        env=os.environ,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    of_table = (row for row in rows if row[1:2] == ["messages"] or "stopped" in row)
    shown = [row[:-1] for row in of_table]
    assert shown == [
        ["17", "messages", "17", "17", "17", "17", "2"],
        ["120", "messages", "120", "120", "120", "120", "2"],
        ["15000", "messages", "15000", "15000", "15000", "200", "2"],
        ["3", "messages", "3", "3", "3", "3", "2"],
        ["0", "messages", "0", "0", "0", "2", "2"],
        ["Redis", "is", "stopped", "-", "nothing", "nothing", "nothing", "2"],
    ]
