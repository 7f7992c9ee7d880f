"""The documents name every flag, variable and key that the program takes, and no other; their examples are right.

The program is asked, not its sources: --help for flags and variables, and for the keys of a table --config.check (or
--simulate) with every word in it that could be one. It reports all that it does not know. The words come from the
sources and the documents. Run by ctest; HEADROOM_BINARY is the program.
"""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
BINARY = os.environ.get("HEADROOM_BINARY", "")

WORD = re.compile(r"[a-z][a-z0-9_]*")
NOT_TAKEN = re.compile(r':\d+:\d+: (\S+): (?:unknown key|belongs to|has no meaning here)')


def run(*flags):
    done = subprocess.run([BINARY, *flags], capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


def lines_after(document, start):
    """The lines of `document` behind the only one that begins with `start`, that one first."""
    lines = (DOCS / document).read_text(encoding="utf-8").splitlines()
    (at,) = [i for i, line in enumerate(lines) if line.startswith(start)]
    return lines[at:]


def rows_after(document, start):
    """The cells of the first table there, without its head."""
    lines = lines_after(document, start)
    first = next(i for i, line in enumerate(lines) if line.startswith("|"))
    end = next((i for i in range(first, len(lines)) if not lines[i].startswith("|")), len(lines))
    return [line.replace("\\|", "/").split("|")[1:-1] for line in lines[first + 2 : end]]


def quoted(text):
    return re.findall(r"`([^`]+)`", text)


def words(text):
    return {word for word in quoted(text) if WORD.fullmatch(word)}


def column(document, start):
    """The keys of a table: what its first cells name."""
    return {word for row in rows_after(document, start) for word in words(row[0])}


def row(document, start, name):
    """The keys that a row of a table tells of a table below it."""
    (cells,) = [cells for cells in rows_after(document, start) if f"`{name}`" in cells[0]]
    return words(cells[-1].split(";")[0])


def sentence(document, start):
    return words(lines_after(document, start)[0].split(". ")[0])


def inline(document, start, name):
    """The same of `{ a = 1, b }`."""
    (cells,) = [cells for cells in rows_after(document, start) if f"`{name}`" in cells[0]]
    (table,) = {text for text in quoted(cells[-1]) if text.startswith("{")}
    return {WORD.search(entry)[0] for entry in table.strip("{ }").split(",")}


def below(document, system):
    """Tables of a target that its page names: [redis.tls], [[redis.queues]]."""
    text = (DOCS / document).read_text(encoding="utf-8")
    return set(re.findall(rf"`\[{{1,2}}{system}\.([a-z_]+)\]{{1,2}}`", text))


FILE = "configuration.md"
COMMON = "`[defaults]` holds"
WORKLOAD = "### `[[workload]]`"
REDIS, RABBITMQ, POSTGRESQL, PGBOUNCER = (f"collectors/{s}.md" for s in ("redis", "rabbitmq", "postgresql", "pgbouncer"))
SCENARIO = "rehearsal.md"


def target(document, system):
    return {"name"} | column(FILE, COMMON) | column(document, "## Keys") | below(document, system)


def top():
    lines = (DOCS / FILE).read_text(encoding="utf-8").splitlines()
    return {"defaults"} | {m[1] for m in (re.match(r"### `\[\[([a-z]+)\]\]`$", line) for line in lines) if m}


REDIS_OF = '[[redis]]\nname = "r"\nurl = "rediss://h"\n'
RABBITMQ_OF = '[[rabbitmq]]\nname = "q"\nurl = "https://h"\n'
POSTGRESQL_OF = '[[postgresql]]\nname = "p"\ndsn = "host=h"\n'
PGBOUNCER_OF = '[[pgbouncer]]\nname = "b"\ndsn = "host=h"\n'
WORKERS_OF = (
    '[[redis.workers]]\ngroup = "g"\nmembers = "k"\n'
    'state_field = "s"\nstates = ["w"]\nheartbeat_field = "t"\n'
)
WORKLOAD_OF = '[[workload]]\nname = "w"\nmax = 9\nmessages_per_worker = 1\n'
QUEUES_OF = 'queues = [{ target = "r", queue = "l" }]\n'
PLAY = 'play = "1m"\n'
WORKLOAD_PLAYED = '[workload]\nmax = 9\nmessages_per_worker = 1\nservice_time = "1s"\n'
ARRIVALS = '[[arrivals]]\nmessages = 1\n'
FIXED = '[workers]\nfixed = 1\n'
HPA = '[workers.hpa]\nsync = "15s"\n'

# Of each table: where it stands in messages; a whole file, in which KEYS takes more of its keys; what the documents say.
CONFIGURED = {
    "": ("KEYS" + REDIS_OF, top),
    "defaults": (f"[defaults]\nKEYS{REDIS_OF}", lambda: column(FILE, COMMON)),
    "redis[0]": (f"{REDIS_OF}KEYS", lambda: target(REDIS, "redis")),
    "redis[0].tls": (f"{REDIS_OF}[redis.tls]\nKEYS", lambda: sentence(REDIS, "`[redis.tls]`")),
    "redis[0].queues[0]": (
        f'{REDIS_OF}[[redis.queues]]\nname = "n"\nkey = "k"\nKEYS',
        lambda: column(REDIS, "`[[redis.queues]]`, the full form"),
    ),
    "redis[0].workers[0]": (f"{REDIS_OF}{WORKERS_OF}KEYS", lambda: column(REDIS, "`[[redis.workers]]`:")),
    "rabbitmq[0]": (f"{RABBITMQ_OF}KEYS", lambda: target(RABBITMQ, "rabbitmq")),
    "rabbitmq[0].tls": (f"{RABBITMQ_OF}[rabbitmq.tls]\nKEYS", lambda: sentence(RABBITMQ, "`[rabbitmq.tls]`")),
    "rabbitmq[0].queues[0]": (
        RABBITMQ_OF + '[[rabbitmq.queues]]\nname = "n"\nKEYS',
        lambda: inline(RABBITMQ, "## Keys", "queues"),
    ),
    "postgresql[0]": (f"{POSTGRESQL_OF}KEYS", lambda: target(POSTGRESQL, "postgresql")),
    "postgresql[0].tls": (
        f'{POSTGRESQL_OF}[postgresql.tls]\nca_file = "/c"\nKEYS',
        lambda: sentence(POSTGRESQL, "`[postgresql.tls]`"),
    ),
    "pgbouncer[0]": (f"{PGBOUNCER_OF}KEYS", lambda: target(PGBOUNCER, "pgbouncer")),
    "pgbouncer[0].tls": (
        f'{PGBOUNCER_OF}[pgbouncer.tls]\nca_file = "/c"\nKEYS',
        lambda: sentence(PGBOUNCER, "`[pgbouncer.tls]`"),
    ),
    "pgbouncer[0].databases[0]": (
        f'{PGBOUNCER_OF}[[pgbouncer.databases]]\nname = "d"\npostgresql = ""\nKEYS',
        lambda: row(PGBOUNCER, "## Keys", "[[pgbouncer.databases]]"),
    ),
    "pgbouncer[0].users[0]": (
        f'{PGBOUNCER_OF}[[pgbouncer.users]]\nname = "u"\nmax_user_connections = 1\nKEYS',
        lambda: row(PGBOUNCER, "## Keys", "[[pgbouncer.users]]"),
    ),
    "workload[0]": (
        f"{REDIS_OF}{WORKLOAD_OF}{QUEUES_OF}KEYS",
        lambda: column(FILE, WORKLOAD) | {"floor"},
    ),
    "workload[0].queues[0]": (
        f'{REDIS_OF}{WORKLOAD_OF}[[workload.queues]]\ntarget = "r"\nqueue = "l"\nKEYS',
        lambda: inline(FILE, WORKLOAD, "queues"),
    ),
    "workload[0].worker_group": (
        f'{REDIS_OF}{WORKERS_OF}{WORKLOAD_OF}{QUEUES_OF}[workload.worker_group]\n'
        'target = "r"\ngroup = "g"\nbusy_states = ["w"]\nKEYS',
        lambda: inline(FILE, WORKLOAD, "worker_group"),
    ),
    "workload[0].pools[0]": (
        f'{REDIS_OF}{POSTGRESQL_OF}{WORKLOAD_OF}{QUEUES_OF}[[workload.pools]]\ntarget = "p"\nKEYS',
        lambda: inline(FILE, WORKLOAD, "pools"),
    ),
    "workload[0].floor[0]": (
        f'{REDIS_OF}{WORKLOAD_OF}{QUEUES_OF}[[workload.floor]]\n'
        'workers = 1\nstart = 2026-11-27T09:00:00Z\nend = 2026-11-27T10:00:00Z\nKEYS',
        lambda: column(FILE, "`[[workload.floor]]`"),
    ),
}

PLAYED = {
    "": (
        f"{PLAY}KEYS{WORKLOAD_PLAYED}{ARRIVALS}{FIXED}",
        lambda: column(SCENARIO, "## The file") | {"workload", "arrivals", "service", "workers", "database"},
    ),
    "workload": (f"{PLAY}{WORKLOAD_PLAYED}KEYS{ARRIVALS}{FIXED}", lambda: words_of_scenario_workload()),
    "arrivals[0]": (f"{PLAY}{WORKLOAD_PLAYED}{ARRIVALS}KEYS{FIXED}", lambda: column(SCENARIO, "`[[arrivals]]`")),
    "service": (
        f'{PLAY}{WORKLOAD_PLAYED}{ARRIVALS}{FIXED}[service]\nspread = "1ms"\nKEYS',
        lambda: column(SCENARIO, "`[service]`"),
    ),
    "workers": (
        f"{PLAY}{WORKLOAD_PLAYED}{ARRIVALS}{FIXED}KEYS",
        lambda: column(SCENARIO, "`[workers]`") | {"hpa"},
    ),
    "workers.hpa": (
        f"{PLAY}{WORKLOAD_PLAYED}{ARRIVALS}[workers]\n{HPA}KEYS",
        lambda: column(SCENARIO, "`[workers.hpa]`"),
    ),
    "workers.hpa.scale_up": (
        f"{PLAY}{WORKLOAD_PLAYED}{ARRIVALS}[workers]\n{HPA}[workers.hpa.scale_up]\nKEYS",
        lambda: row(SCENARIO, "`[workers.hpa]`", "scale_up"),
    ),
    "database": (
        f"{PLAY}{WORKLOAD_PLAYED}{ARRIVALS}{FIXED}[database]\npool_size = 5\nKEYS",
        lambda: column(SCENARIO, "`[database]`"),
    ),
}


def words_of_scenario_workload():
    """A sentence over two lines: "`[workload]` takes these keys ... a title."."""
    lines = lines_after(SCENARIO, "`[workload]` takes")
    return words(" ".join(lines[:2]).split("a title")[0]) | {"floor"}


def candidates():
    """Every word of the sources, and of the documents, that could be a key."""
    found = set()
    for folder in ("collectors", "exporter"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".cc", ".h"):
                found |= set(re.findall(r'"([a-z][a-z0-9_]*)"', path.read_text(encoding="utf-8")))
    found |= {f"{word}_{end}" for word in found for end in ("file", "env") if len(word) < 20}
    for path in DOCS.rglob("*.md"):
        found |= words(path.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def every_word():
    found = candidates()
    assert {"timeout", "password_file", "in_flight_key", "select_policy"} <= found
    return found


def stands_already(text, place):
    """The keys that the table has in `text`, which may not be given twice."""
    table = tomllib.loads(text)
    for name in filter(None, place.split(".")):
        table = table[name.removesuffix("[0]")]
        table = table[0] if name.endswith("[0]") else table
    return set(table)


def check(file):
    return run(f"--config.file={file}", "--config.check")


def simulate(file):
    return run(f"--simulate={file}")


def taken(read, template, place, every_word, tmp_path):
    """The words that the program takes as keys of the table at `place`. `read` has it read a file."""
    whole = template.replace("KEYS", "")
    file = tmp_path / "file.toml"
    given = stands_already(whole, place)
    file.write_text(whole, encoding="utf-8")
    code, said = read(file)
    assert code == 0, f"the test's own file is wrong: {said}"
    tried = sorted(every_word - given)
    file.write_text(template.replace("KEYS", "".join(f"{word} = true\n" for word in tried)), encoding="utf-8")
    code, said = read(file)
    assert code == 2
    prefix = f"{place}." if place else ""
    refused = {path.removeprefix(prefix) for path in NOT_TAKEN.findall(said) if path.startswith(prefix)}
    return given | (set(tried) - refused)


@pytest.mark.parametrize("place", CONFIGURED, ids=lambda place: place or "file")
def test_the_documents_have_the_keys_of_the_configuration(place, every_word, tmp_path):
    template, documented = CONFIGURED[place]
    assert documented() == taken(check, template, place, every_word, tmp_path)


@pytest.mark.parametrize("place", PLAYED, ids=lambda place: place or "file")
def test_the_documents_have_the_keys_of_a_scenario(place, every_word, tmp_path):
    template, documented = PLAYED[place]
    assert documented() == taken(simulate, template, place, every_word, tmp_path)


def test_every_collector_is_among_the_tables():
    assert {place.split("[")[0] for place in CONFIGURED} == top() | {""}


def test_the_documents_have_the_flags():
    code, said = run("--help")
    assert code == 0
    printed = {flag for line in re.findall(r"^  (-\S+(?: [A-Z]+)?)(?:  |$)", said, re.MULTILINE) for flag in line.split(",")}
    assert len(printed) > 20
    assert {flag for cells in rows_after(FILE, "## Flags") for flag in quoted(cells[0])} == printed


def test_the_documents_have_the_variables():
    _, said = run("--help")
    printed = set(re.findall(r"^  (HEADROOM_\w+) ", said, re.MULTILINE))
    assert len(printed) > 10
    assert {cells[0].strip(" `") for cells in rows_after(FILE, "### Environment")} == printed


def blocks():
    """(where, text) of what is shown as TOML. README's pieces are one file."""
    for path in [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]:
        found = re.findall(r"^```toml\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
        found = ["\n".join(found)] if path.name == "README.md" else found
        for number, text in enumerate(found, 1):
            if path.parent.name == "collectors" and f"[[{path.stem}]]" not in text:
                text = {"redis": '[[redis]]\nname = "main"\nurl = "redis://localhost"\n'}[path.stem] + text
            yield f"{path.stem}-{number}", text


BLOCKS = dict(blocks())


def test_examples_were_found():
    assert {name.split("-")[0] for name in BLOCKS} >= {"README", "redis", "rabbitmq", "postgresql", "pgbouncer", "pressure"}


@pytest.mark.parametrize("name", BLOCKS)
def test_an_example_passes_the_check(name, tmp_path):
    file = tmp_path / "headroom.toml"
    file.write_text(BLOCKS[name], encoding="utf-8")
    code, said = check(file)
    assert code == 0, said


# A path of this repository in a comment or a text of what is shipped; not one with a * in it.
OWN_PATH = re.compile(r"(?<![\w./-])(?:alerts|collectors|dashboards|deploy|docs|exporter|scripts|test)/[\w./-]*\w(?![\w/*-]|\.\w)")
SHIPPED = sorted(
    path
    for folder in ("alerts", "deploy")
    for path in (ROOT / folder).rglob("*.y*ml")
    if "files" not in path.parts  # copies
)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_path_that_is_named_is_there(path):
    named = set(OWN_PATH.findall(path.read_text(encoding="utf-8")))
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_paths_are_named():
    assert sum(len(OWN_PATH.findall(path.read_text(encoding="utf-8"))) for path in SHIPPED) > 10
