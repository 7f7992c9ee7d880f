"""Panels, as Grafana's JSON has them. What all panels share is decided here, once.

- A number in a tile, bar or table is an instant query: over a range Grafana would show the last value that
  there was, also of something that is unknown by now.
- Lines are broken where there is no data, and legends say mean and maximum of the window, not the last value.
- Every panel says what it is, what a bad value means and what to do then.
"""

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}

# One meaning per colour, on all dashboards.
GOOD, WARN, BAD, PLAIN, QUIET = "green", "orange", "red", "blue", "text"


class Help:
    """The description of a panel, in three parts that the checks insist on."""

    def __init__(self, what, bad, todo):
        self.what, self.bad, self.todo = what, bad, todo

    def text(self):
        return f"{self.what}\n\n**If bad:** {self.bad}\n\n**What to do:** {self.todo}"


def steps(base, *above):
    """Thresholds: `base` below the first, then (value, colour) each."""
    first = {"color": base, "value": None}
    return {
        "mode": "absolute",
        "steps": [first] + [{"color": colour, "value": value} for value, colour in above],
    }


# What may name an object; a table hides those that it does not give a heading.
IDENTITY = (
    *("cluster", "namespace", "job", "instance", "target", "system", "vhost", "db", "queue", "consumer_group"),
    *("scope", "pool", "database", "user", "group", "workload"),
)

# Columns of short words, in pixels: what they do not need is the names'. An alert's name is never cut.
WIDTHS = {"vhost": 70, "scope": 100, "system": 110, "severity": 90, "alertname": 270}

UNRANKED = steps(PLAIN)
ZERO_IS_GOOD = steps(GOOD, (1, BAD))
ZERO_IS_CALM = steps(GOOD, (1, WARN))


def _panel(kind, title, about, unit, targets, defaults, options, overrides=()):
    field = {"unit": unit, "color": {"mode": "thresholds"}, "thresholds": UNRANKED, "mappings": []}
    field.update(defaults)
    return {
        "type": kind,
        "title": title,
        "description": about.text(),
        "datasource": DATASOURCE,
        "targets": targets,
        "fieldConfig": {"defaults": field, "overrides": list(overrides)},
        "options": options,
    }


def _letters():
    yield from "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _target(ref, expression, legend, **more):
    return {
        "refId": ref,
        "datasource": DATASOURCE,
        "editorMode": "code",
        "expr": expression,
        "legendFormat": legend,
        **more,
    }


def line(expression, legend):
    """What a time series panel draws: an expression and how its series are called."""
    return expression, legend


def _drawing(stack, step, bars_, least_top):
    top = {} if least_top is None else {"axisSoftMax": least_top}
    return {
        "drawStyle": "bars" if bars_ else "line",
        "lineInterpolation": "stepAfter" if step else "linear",
        "lineWidth": 1,
        "fillOpacity": 30 if stack else 0,
        "gradientMode": "none",
        "showPoints": "auto",
        "spanNulls": False,
        "stacking": {"group": "A", "mode": "normal" if stack else "none"},
        "axisSoftMin": 0,
        **top,
        "thresholdsStyle": {"mode": "off"},
    }


def timeseries(
    title,
    about,
    unit,
    lines,
    *,
    stack=False,
    step=False,
    events=False,
    least_top=None,
    limits=(),
    thick=(),
    legend="list",
    **field,
):
    """Lines over time. Series whose name contains one of `limits` are dashed: they are bounds, not facts.

    `events`: bars, for what happens now and then and would vanish as a line of one point. `least_top`: the axis
    reaches up to that at least, where all is 0 in health; Grafana would let it reach up to 100. `thick`: the
    series whose names contain that are what the panel is about.
    """
    targets = [
        _target(ref, expression, name, range=True)
        for ref, (expression, name) in zip(_letters(), lines)
    ]
    defaults = {
        "color": {"mode": "palette-classic"},
        "custom": _drawing(stack, step, events, least_top),
        "noValue": "no data in this range",
        **field,
    }
    calcs = ["mean", "max"] if legend == "table" else []
    options = {
        "legend": {"displayMode": legend, "placement": "bottom", "showLegend": True, "calcs": calcs},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    dashed = [
        {
            "matcher": {"id": "byRegexp", "options": f".*{word}.*"},
            "properties": [
                {"id": "custom.lineStyle", "value": {"fill": "dash", "dash": [10, 10]}},
            ],
        }
        for word in limits
    ]
    dashed += [
        {
            "matcher": {"id": "byRegexp", "options": f".*{word}.*"},
            "properties": [{"id": "custom.lineWidth", "value": 2}],
        }
        for word in thick
    ]
    return _panel("timeseries", title, about, unit, targets, defaults, options, dashed)


def _reduce():
    return {"calcs": ["last"], "fields": "", "values": False}


def stat(title, about, unit, expression, *, colours=UNRANKED, empty, legend="", links=(), **field):
    """One number now. `empty` says in a word what it means when there is none."""
    defaults = {"thresholds": colours, "noValue": empty, "links": list(links), **field}
    options = {
        "reduceOptions": _reduce(),
        "colorMode": "value",
        "graphMode": "none",
        "justifyMode": "auto",
        "orientation": "auto",
        "textMode": "auto",
        "wideLayout": True,
    }
    targets = [_target("A", expression, legend, instant=True)]
    return _panel("stat", title, about, unit, targets, defaults, options)


def bars(title, about, unit, expression, legend, *, colours=UNRANKED, empty, **field):
    """One bar per object, now."""
    defaults = {"thresholds": colours, "noValue": empty, "min": 0, **field}
    options = {
        "reduceOptions": _reduce(),
        "displayMode": "basic",
        "orientation": "horizontal",
        "showUnfilled": True,
        "valueMode": "color",
        "namePlacement": "auto",
        "sizing": "auto",
        "minVizHeight": 16,
        "minVizWidth": 8,
        "maxVizHeight": 40,
    }
    targets = [_target("A", expression, legend, instant=True)]
    return _panel("bargauge", title, about, unit, targets, defaults, options)


def every(interval, *panels):
    """The same panels with steps no shorter than `interval`, and rates over at least four of them."""
    for panel in panels:
        for target in panel["targets"]:
            target["interval"] = interval
    return panels


def column(expression, name, unit, *, colours=None, mappings=None, decimals=None, links=(), width=None):
    """A number column of a table."""
    return {
        "expr": expression,
        "name": name,
        "unit": unit,
        "colours": colours,
        "mappings": mappings,
        "decimals": decimals,
        "links": list(links),
        "width": width,
    }


def _column_override(col):
    properties = [{"id": "unit", "value": col["unit"]}]
    if col["width"] is not None:
        properties.append({"id": "custom.width", "value": col["width"]})
    if col["decimals"] is not None:
        properties.append({"id": "decimals", "value": col["decimals"]})
    if col["mappings"]:
        properties.append({"id": "mappings", "value": col["mappings"]})
    if col["colours"]:
        properties.append({"id": "thresholds", "value": col["colours"]})
        properties.append({"id": "custom.cellOptions", "value": {"type": "color-text"}})
    elif col["mappings"]:
        properties.append({"id": "custom.cellOptions", "value": {"type": "color-text"}})
    if col["links"]:
        properties.append({"id": "links", "value": col["links"]})
    return {"matcher": {"id": "byName", "options": col["name"]}, "properties": properties}


def table(title, about, keys, columns, *, sort, ascending=False, links=None, empty="-"):
    """One line per object, now. `keys`: {label: heading}, the columns that name it, in order.

    Every other label must be aggregated away: what is not named here is not shown. With one number
    column Grafana calls it `Value`, with several `Value #A` and so on.
    """
    refs = list(zip(_letters(), columns))
    targets = [
        _target(ref, col["expr"], "", instant=True, format="table") for ref, col in refs
    ]
    value = {ref: "Value" if len(columns) == 1 else f"Value #{ref}" for ref, _ in refs}
    order = list(keys) + [value[ref] for ref, _ in refs]
    renames = {**keys, **{value[ref]: col["name"] for ref, col in refs}}
    hidden = {"Time": True, **{label: True for label in IDENTITY if label not in keys}}
    transformations = [{"id": "merge", "options": {}}] if len(columns) > 1 else []
    transformations.append(
        {
            "id": "organize",
            "options": {
                "excludeByName": hidden,
                "indexByName": {name: index for index, name in enumerate(order)},
                "renameByName": renames,
            },
        }
    )
    overrides = [_column_override(col) for _, col in refs]
    overrides += [
        {"matcher": {"id": "byName", "options": keys[label]}, "properties": [{"id": "custom.width", "value": width}]}
        for label, width in WIDTHS.items()
        if label in keys
    ]
    for label, link in (links or {}).items():
        overrides.append(
            {
                "matcher": {"id": "byName", "options": keys[label]},
                "properties": [{"id": "links", "value": [link]}],
            }
        )
    options = {
        "showHeader": True,
        "cellHeight": "sm",
        "footer": {"show": False, "reducer": ["sum"], "countRows": False, "fields": ""},
        "sortBy": [{"displayName": sort, "desc": not ascending}],
    }
    defaults = {
        "noValue": empty,
        "custom": {"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False, "minWidth": 90},
    }
    panel = _panel("table", title, about, "none", targets, defaults, options, overrides)
    panel["transformations"] = transformations
    return panel


def up_or_down(good="up", bad="DOWN"):
    """Value mappings of a 0/1 series."""
    return [
        {
            "type": "value",
            "options": {
                "0": {"text": bad, "color": BAD, "index": 0},
                "1": {"text": good, "color": GOOD, "index": 1},
            },
        }
    ]


def link(title, uid, query=""):
    """From a panel to another dashboard, with the time range and all variables."""
    return {
        "title": title,
        "url": f"/d/{uid}?${{__url_time_range}}&${{__all_variables}}{query}",
        "targetBlank": False,
    }
