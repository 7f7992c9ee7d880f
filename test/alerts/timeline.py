"""From a case come promtool tests.

A case says which series make an alert fire, and what it then says (cases/queues.yml explains the
keys). Each alert is tried just below its threshold, before its `for` is over, when it fires, when it
resolves, with each of its series missing, with some lost scrapes, and with all of its series gone.
"""

from rulebook import STEP, seconds

BELOW = 40 * STEP  # how long it is calm before the fault
LOST = 4  # samples: two minutes, or two scrapes of a minute


class Timeline:
    """One case as samples: calm, fault, calm again."""

    def __init__(self, case):
        self.case = case
        self.hold = seconds(case["for"])
        self.delay = seconds(case.get("delay", "0s"))
        self.fault = seconds(case["calm"]) if "calm" in case else BELOW
        self.fires = self.fault + self.delay + self.hold
        self.over = self.fires + 4 * STEP
        self.linger = seconds(case.get("linger", "0s"))
        self.end = self.over + self.linger + 300

    def phase(self, t):
        return 0 if t < self.fault else 1 if t < self.over else 2

    def value(self, phases, t):
        """What [calm, fault, calm again] has for a time. A phase in words, "0x4 1x2 _x1", is repeated until it is over."""
        phase = self.phase(t)
        if not isinstance(phases[phase], str):
            return phases[phase]
        cycle = []
        for part in phases[phase].split():
            value, _, times = part.partition("x")
            cycle += [None if value == "_" else float(value)] * int(times)
        return cycle[(t - (0, self.fault, self.over)[phase]) // STEP % len(cycle)]

    def samples(self, spec):
        """The samples of one series, one per STEP; None is no sample, "stale" the end of a series."""
        times = range(0, self.end + STEP, STEP)
        if not isinstance(spec, (list, dict)):
            return [spec for _ in times]
        if isinstance(spec, list):
            return [self.value(spec, t) for t in times]
        (kind, values), = spec.items()
        total, out = 0, []
        for t in times:
            change = self.value(values, t)
            if kind == "per_step":  # a counter: its growth per sample; it counts on where nobody looks
                total += change or 0
                out.append(None if change is None else round(total, 6))
            else:  # "slope": a gauge that climbs by so much per sample, from 0
                assert kind == "slope", kind
                total = total + change if change is not None else 0
                out.append(None if change is None else round(total, 6))
        return out


def notation(samples):
    """promtool's notation; what was there and is not gets a stale marker, as a scrape would write."""
    out, there = [], False
    for value in samples:
        if value is None:
            out.append("stale" if there else "_")
            there = False
        else:
            out.append(str(value))
            there = True
    return " ".join(out)


def with_origin(series):
    """A series as Prometheus would store it: with job and instance, unless it says so itself."""
    name, _, labels = series.partition("{")
    labels = labels.rstrip("}")
    origin = {"job": "headroom", "instance": "a:9935"}
    extra = [f'{k}="{v}"' for k, v in origin.items() if f'{k}="' not in labels]
    return name + "{" + ",".join([*extra, *([labels] if labels else [])]) + "}"


def series_of(case, line, change=None):
    """promtool's input_series. `change(name, samples)` may alter samples, or drop the series: None."""
    given = dict(case["series"])
    if not any(name.split("{")[0] == "up" for name in given):
        given["up"] = 1
    out = []
    for name, spec in given.items():
        samples = line.samples(spec)
        if change is not None and name.split("{")[0] != "up":  # Prometheus itself writes it, always
            samples = change(name, samples)
        if samples is not None:
            out.append({"series": with_origin(name), "values": notation(samples)})
    return out


def firing(name, at, yes):
    """An expression test: the alert fires, or does not, at a time."""
    samples = [{"labels": f'{{alertname="{name}"}}', "value": 1}] if yes else []
    return {
        "expr": f'max by (alertname) (ALERTS{{alertname="{name}",alertstate="firing"}})',
        "eval_time": f"{at}s",
        "exp_samples": samples,
    }


def quiet(name, at):
    """Neither firing nor pending."""
    return {
        "expr": f'max by (alertname) (ALERTS{{alertname="{name}"}})',
        "eval_time": f"{at}s",
        "exp_samples": [],
    }


def only(names, at):
    """Exactly these alerts fire."""
    return {
        "expr": 'max by (alertname) (ALERTS{alertstate="firing",alertname!="HeadroomWatchdog"})',
        "eval_time": f"{at}s",
        "exp_samples": [{"labels": f'{{alertname="{n}"}}', "value": 1} for n in sorted(names)],
    }


def main_line(name, case, rule, everything):
    """Just below, before its `for`, fires with its words, alone, resolves."""
    line = Timeline(case)
    checks = [
        quiet(name, line.fault - STEP),
        *([firing(name, line.fires - STEP, False)] if line.fires > line.fault else []),
        firing(name, line.fires, True),
        quiet(name, line.over + line.linger),
    ]
    if "lasts" in case:
        checks.append(firing(name, line.over + seconds(case["lasts"]), True))
    if everything:
        checks.append(only({name, *case.get("also", [])}, line.fires))
    annotations = {
        "summary": rule["annotations"]["summary"],
        "runbook_url": rule["annotations"]["runbook_url"],
        "description": case["says"],
        "dashboard_url": rule["annotations"]["dashboard_url"].split("/d/")[0] + "/d/" + case["dashboard"],
    }
    expected = {
        "eval_time": f"{line.fires}s",
        "alertname": name,
        "exp_alerts": [{"exp_labels": case["labels"], "exp_annotations": annotations}],
    }
    return {
        "name": "main",
        "interval": f"{STEP}s",
        "input_series": series_of(case, line),
        "alert_rule_test": [expected],
        "promql_expr_test": checks,
    }


def missing_series(name, case):
    """Each series missing, one at a time: silent, unless the case says that the alert can do without."""
    line = Timeline(case)
    for series in case["series"]:
        if series.split("{")[0] == "up":
            continue
        yield {
            "name": f"without {series}",
            "interval": f"{STEP}s",
            "input_series": series_of(case, line, lambda n, s, gone=series: None if n == gone else s),
            "promql_expr_test": [firing(name, line.fires, series in case.get("optional", []))],
        }


def lost_scrapes(name, case):
    """Scrapes of two minutes are lost while the alert is pending: its `for` goes on."""
    line = Timeline(case)
    hole = (line.fault + line.delay + STEP) // STEP
    lost = case.get("lost", LOST)

    def cut(_, samples):
        return [None if hole <= i < hole + lost else v for i, v in enumerate(samples)]

    return {
        "name": "lost scrapes",
        "interval": f"{STEP}s",
        "input_series": series_of(case, line, cut),
        "promql_expr_test": [firing(name, max(line.fires, (hole + lost - 1) * STEP), True)],
    }


def vanished(name, case):
    """All series go away while it fires: what nobody measures does not fire on, unless that is its point."""
    line = Timeline(case)
    first = line.over // STEP

    def cut(_, samples):
        return [None if i >= first else v for i, v in enumerate(samples)]

    # What is counted is seen for a while, if the server counts as up for as long.
    seen = min(seconds(case.get("fades", "0s")), seconds(case.get("remembered", "0s")))
    line.end += seen
    gone = line.over + 240 + max(line.linger, seen)
    checks = [firing(name, gone, case.get("fires_on_absence", False))]
    if "forgets" in case:
        forgotten = line.fault + seconds(case["forgets"])
        line.end = forgotten + 10 * STEP
        checks += [
            firing(name, forgotten - 2 * STEP, True),
            firing(name, forgotten + 2 * STEP, False),
        ]
    return {
        "name": "vanished",
        "interval": f"{STEP}s",
        "input_series": series_of(case, line, cut),
        "promql_expr_test": checks,
    }


def vanished_alone(name, case):
    """One series that it needs goes away while it fires: it is believed for three minutes, not for six."""
    line = Timeline(case)
    gone_at = line.over
    fades = seconds(case.get("fades", "0s"))
    remembered = seconds(case.get("remembered", "0s"))
    line.end += fades + remembered
    line.over = line.end + STEP  # the others stay at fault
    needed = [s for s in case["series"] if s not in case.get("optional", []) and s.split("{")[0] != "up"]
    for series in needed if len(needed) > 1 else ():

        def cut(n, samples, gone=series):
            return [v if n != gone or i * STEP < gone_at else None for i, v in enumerate(samples)]

        if "fades" in case:
            seen = fades if "_total" in series else 0
        else:
            seen = line.linger
        if series.startswith("headroom_target_up{"):
            seen = max(seen, remembered)
        yield {
            "name": f"vanished {series}",
            "interval": f"{STEP}s",
            "input_series": series_of(case, line, cut),
            "promql_expr_test": [firing(name, gone_at + 240 + seen, False)],
        }


def timelines(name, case, rule, everything=True):
    """All promtool tests of an alert."""
    out = [main_line(name, case, rule, everything)]
    out += missing_series(name, case)
    if any(series.split("{")[0] != "up" for series in case["series"]):
        out += [lost_scrapes(name, case), vanished(name, case)]
        out += vanished_alone(name, case)
    return out
