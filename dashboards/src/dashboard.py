"""A dashboard: variables, annotations, links, and panels laid out on Grafana's 24 columns."""

from src.panels import DATASOURCE

WIDTH = 24
TAG = "headroom"


def row(title, *lines, collapsed=False):
    """A heading and the lines of panels below it."""
    return {"title": title, "lines": lines, "collapsed": collapsed}


def band(height, *panels, widths=None):
    """Panels side by side, of one height; of one width too unless `widths` says otherwise."""
    widths = widths or [WIDTH // len(panels)] * len(panels)
    if sum(widths) != WIDTH or len(widths) != len(panels):
        raise ValueError(f"{[p['title'] for p in panels]}: widths {widths} do not fill {WIDTH} columns")
    return height, panels, widths


class _Grid:
    """Hands out ids and places, from the top down."""

    def __init__(self):
        self.next_id = 1
        self.y = 0

    def place(self, panel, x, width, height):
        placed = {"id": self.next_id, **panel}
        placed["gridPos"] = {"x": x, "y": self.y, "w": width, "h": height}
        self.next_id += 1
        return placed

    def lay(self, height, panels, widths):
        x, placed = 0, []
        for panel, width in zip(panels, widths):
            placed.append(self.place(panel, x, width, height))
            x += width
        self.y += height
        return placed

    def heading(self, title, collapsed):
        placed = self.place({"type": "row", "title": title, "collapsed": collapsed}, 0, WIDTH, 1)
        self.y += 1
        return placed


def _lay_out(rows):
    grid, panels = _Grid(), []
    for part in rows:
        heading = grid.heading(part["title"], part["collapsed"]) if part["title"] else None
        top = grid.y
        inside = [panel for line in part["lines"] for panel in grid.lay(*line)]
        if heading:
            heading["panels"] = inside if part["collapsed"] else []
            panels.append(heading)
        if part["collapsed"]:
            grid.y = top
        else:
            panels.extend(inside)
    return panels


def datasource_variable():
    return {
        "name": "datasource",
        "label": "Data source",
        "type": "datasource",
        "query": "prometheus",
        "regex": "",
        "hide": 0,
        "multi": False,
        "includeAll": False,
        "refresh": 1,
        "options": [],
        "current": {},
    }


def query_variable(name, label, query, all_value=".+"):
    """Several values or all; asked again when the time range changes."""
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": DATASOURCE,
        "definition": query,
        "query": {"query": query, "refId": f"variable-{name}"},
        "regex": "",
        "hide": 0,
        "multi": True,
        "includeAll": True,
        "allValue": all_value,
        "refresh": 2,
        "sort": 7,
        "options": [],
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
    }


EXPORTER_FILTER = 'namespace=~"$namespace", job=~"$job", instance=~"$instance"'


def _label_values(metric, label, filters):
    return f"label_values({metric}{{{filters}}}, {label})"


def exporter_variables():
    """Every dashboard begins with these. A Prometheus without namespaces has none: `.*` lets that be."""
    info = "headroom_build_info"
    return [
        datasource_variable(),
        query_variable("namespace", "Namespace", f"label_values({info}, namespace)", all_value=".*"),
        query_variable("job", "Job", _label_values(info, "job", 'namespace=~"$namespace"')),
        query_variable(
            "instance", "Instance", _label_values(info, "instance", 'namespace=~"$namespace", job=~"$job"')
        ),
    ]


def target_variable(metric="headroom_target_up", *matchers):
    filters = ", ".join((EXPORTER_FILTER, *matchers))
    return query_variable("target", "Target", _label_values(metric, "target", filters))


def object_variable(name, label, metric):
    """The queues, pools or groups of the targets that are chosen."""
    filters = f'{EXPORTER_FILTER}, target=~"$target"'
    return query_variable(name, label, _label_values(metric, name, filters))


def workload_variable():
    metric = "headroom_workload_minimum_workers"
    return query_variable("workload", "Workload", _label_values(metric, "workload", EXPORTER_FILTER))


def _annotation(name, colour, expression, title, text, tags, **more):
    return {
        "name": name,
        "enable": True,
        "hide": False,
        "iconColor": colour,
        "datasource": DATASOURCE,
        "expr": expression,
        "titleFormat": title,
        "textFormat": text,
        "tagKeys": tags,
        "step": "60s",
        **more,
    }


# Alerts of headroom's rules begin with this.
ALERTS = 'ALERTS{alertstate="firing", alertname=~"Headroom.+", severity=~"critical|warning"}'


def alert_annotation():
    return _annotation(
        "Alerts", "red", ALERTS, "{{alertname}}", "{{severity}} {{target}} {{workload}}", "alertname,severity"
    )


def floor_annotations():
    """A region while a planned floor is on, and a mark where its event starts."""
    filters = EXPORTER_FILTER
    on = f"max by (namespace, job, workload) (headroom_workload_floor_workers{{{filters}}}) > 0"
    start = (
        "max by (namespace, job, workload)"
        f" (headroom_workload_next_floor_timestamp_seconds{{{filters}}}) * 1000"
    )
    return [
        _annotation("Planned floor", "purple", on, "Planned floor", "{{workload}}", "workload"),
        _annotation(
            "Planned event", "blue", start, "Planned event starts", "{{workload}}", "workload", useValueForTime=True
        ),
    ]


def _builtin_annotation():
    return {
        "builtIn": 1,
        "datasource": {"type": "grafana", "uid": "-- Grafana --"},
        "enable": True,
        "hide": True,
        "iconColor": "rgba(0, 211, 255, 1)",
        "name": "Annotations & Alerts",
        "type": "dashboard",
    }


def _sibling_links():
    return [
        {
            "title": "headroom",
            "type": "dashboards",
            "tags": [TAG],
            "asDropdown": True,
            "includeVars": True,
            "keepTime": True,
            "targetBlank": False,
            "icon": "external link",
            "tooltip": "The other dashboards, with this time range and these variables",
            "url": "",
        }
    ]


def dashboard(uid, title, about, tags, variables, rows, annotations=()):
    """The JSON of a dashboard that is provisioned from a file."""
    return {
        "uid": uid,
        "title": title,
        "description": about,
        "tags": [TAG, *tags],
        "schemaVersion": 39,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "time": {"from": "now-1h", "to": "now"},
        "refresh": "30s",
        "timezone": "browser",
        "weekStart": "",
        "fiscalYearStartMonth": 0,
        "liveNow": False,
        "links": _sibling_links(),
        "annotations": {"list": [_builtin_annotation(), alert_annotation(), *annotations]},
        "templating": {"list": list(variables)},
        "panels": _lay_out(rows),
    }
