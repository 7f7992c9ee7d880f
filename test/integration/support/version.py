"""The version of this source tree, from the one place that everything else follows."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
VERSION = re.search(r"^project\(headroom VERSION (\S+) ", (ROOT / "CMakeLists.txt").read_text(encoding="utf-8"), re.MULTILINE).group(1)
