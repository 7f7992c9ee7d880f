"""The tests of the rules, tested: each number, time and name is changed, and a test must notice.

Changed are, one at a time: every number in an expression of an alert, a limit or a record (twice and
half of it), every range, offset and `for` (likewise), and every metric name (to one that nobody
writes). The promtool tests of an alert that reads the changed rule must then fail, or those of the
records. Zeros have no double.
"""

import copy
import re
from concurrent.futures import ThreadPoolExecutor

import rulebook
import timeline

GROUPS = rulebook.load_groups()
ALERTS = rulebook.alerts(GROUPS)
CASES = {}  # {alert: its cases}
for _title, _case in rulebook.cases().items():
    CASES.setdefault(rulebook.alert_of(_title), []).append(_case)
# What no series can show, and why.
EXCUSED = {
    "HeadroomTargetErrors: range target:headroom_target_errors, 3m, x 0.5": "the record looks back 15 "
    "minutes and has no shorter gaps; in a longer one the target is unknown too",
    "HeadroomTargetGone: range 2, 1h, x 2": "what it is taken from looks back an hour",
    "HeadroomPoolClientsWaitTooLong: range pool:headroom_pool_oldest_wait_seconds, 3m, x 2": "where a "
    "wait is no longer known, that clients wait is enough",
    "HeadroomPoolClientsWaitTooLong: range 0, 3m, x 2": "clients and their wait are told, and lost, together",
}
RECORD_TESTS = rulebook.record_tests()
IN_RECORD_TESTS = {
    metric
    for test in RECORD_TESTS
    for check in test["promql_expr_test"]
    for metric in rulebook.metrics_in(check["expr"])
}
RANGE = re.compile(r"(?<=\[)\w+(?=\])|(?<=offset )\w+")
NUMBER = re.compile(r"(?<![\w.:\[\"$])(\d+(?:\.\d+)?)(?![\w.:\]])")


def outside_of_text(expression):
    """The expression with strings and ranges blanked, place by place."""
    return re.sub(r'"[^"]*"|\[[^\]]*\]|offset \w+', lambda m: " " * len(m.group()), expression)


def changed_numbers(expression):
    """(what, expression) for each number that is not 0, doubled and halved."""
    for match in NUMBER.finditer(outside_of_text(expression)):
        value = float(match.group())
        for factor in (2, 0.5) if value else ():
            new = expression[: match.start()] + f"{value * factor:g}" + expression[match.end() :]
            yield f"{match.group()} x {factor}", new


def changed_ranges(expression):
    """(what, expression) for each range and offset, doubled and halved.

    The ranges of a value and of its limit are changed together: the limit is recorded from the value, so
    both come and go at once, and one of the two that looks back further changes nothing.
    """
    together = {}
    for place, match in enumerate(RANGE.finditer(expression)):
        read = re.search(r"([\w:]+):\w+(?:\{[^}]*\})?\[$", expression[: match.start()])
        limited = read and f"{read.group(1)}:limit" in expression
        subject = read.group(1) if limited else place
        together.setdefault((subject, match.group()), []).append(match)
    for (subject, _), matches in together.items():
        for factor in (2, 0.5):
            text = expression
            for match in reversed(matches):
                new = f"{rulebook.seconds(match.group()) * factor:.0f}s"
                text = text[: match.start()] + new + text[match.end() :]
            yield f"range {subject}, {matches[0].group()}, x {factor}", text


def changed_names(expression):
    """(what, expression) for each metric, renamed wherever it stands."""
    for name in sorted(rulebook.metrics_in(expression)):
        new = re.sub(rf"(?<![\w:]){re.escape(name)}(?![\w:])", name + "_x", expression)
        yield f"{name} renamed", new


def readers():
    """{record: the alerts that read it, however indirectly}."""
    found = {}
    for name in CASES:
        for rule in rulebook.records(rulebook.needed(GROUPS, [name])):
            found.setdefault(rule["record"], []).append(name)
    return found


def mutations():
    """(description, alerts whose tests shall notice, group index, rule index, changes)."""
    reading = readers()
    for g, group in enumerate(GROUPS):
        for r, rule in enumerate(group["rules"]):
            name = rule.get("alert") or rule["record"]
            watching = [name] if "alert" in rule else reading.get(name, [])
            if name == "HeadroomWatchdog":
                continue
            for what, expression in [
                *changed_numbers(rule["expr"]),
                *changed_ranges(rule["expr"]),
                *changed_names(rule["expr"]),
            ]:
                yield f"{name}: {what}", watching, g, r, {"expr": expression}
            for factor in (2, 0.5) if "for" in rule else ():
                changed = f"{int(rulebook.seconds(rule['for']) * factor)}s"
                yield f"{name}: for {rule['for']} x {factor}", watching, g, r, {"for": changed}


def noticed(mutation):
    """Whether the tests of one of the alerts fail."""
    what, watching, g, r, change = mutation
    groups = copy.deepcopy(GROUPS)
    groups[g]["rules"][r].update(change)
    if groups[g]["rules"][r].get("record") in IN_RECORD_TESTS:
        recording = [group for group in groups if not group["name"].endswith("-alerts")]
        if not rulebook.promtool_test(recording, RECORD_TESTS)[0]:
            return True
    for name in watching:
        rule = rulebook.alerts(groups)[name]
        lines = [timeline.timelines(name, case, rule, everything=False) for case in CASES[name]]
        # The main lines first: they notice nearly all, and promtool reads on after a failure. But a
        # changed range shows where samples are lost, which the first case has for most of them.
        main, others = [line[0] for line in lines], [line[1:] for line in lines]
        batches = [others[0], main, sum(others[1:], [])] if ": range " in what else [main, sum(others, [])]
        for batch in filter(None, batches):
            if not rulebook.promtool_test(rulebook.needed(groups, [name]), batch)[0]:
                return True
    return False


def test_there_is_something_to_change():
    every = [m[0] for m in mutations()]
    assert len(set(every)) > 400
    assert set(EXCUSED) <= set(every)
    assert {m.split(":")[0] for m in every} >= set(CASES)


def test_every_record_that_no_alert_reads_is_in_the_records_test():
    unread = {r["record"] for r in rulebook.records(GROUPS)} - set(readers())
    assert sorted(unread - IN_RECORD_TESTS) == []


def test_every_change_is_noticed():
    todo = list(mutations())
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(noticed, todo))
    missed = {m[0] for m, seen in zip(todo, results) if not seen}
    print(f"{len(todo)} changes, {len(missed)} missed")
    assert missed == set(EXCUSED)
