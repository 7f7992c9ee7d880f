"""The exporter: does it see what it should, how fresh is it, and what does it cost?"""

from src.dashboard import band, dashboard, exporter_variables, row, target_variable
from src.panels import (
    ZERO_IS_CALM,
    ZERO_IS_GOOD,
    Help,
    column,
    line,
    stat,
    table,
    timeseries,
    up_or_down,
)
from src.promql import (
    EXPORTER,
    PER_TARGET,
    TARGET,
    best,
    gauge,
    increase,
    of_exporters,
    scraped,
    select,
)
from src.recorded import limit

UID = "headroom-exporter"
# Here each replica counts for itself.
PER_EXPORTER = "cluster, namespace, job, instance"
PER_SIGHT = PER_TARGET + ", instance"


def _process(metric):
    return best(PER_EXPORTER, of_exporters(select(metric, EXPORTER)))


def _sight(metric, *matchers):
    return gauge(PER_SIGHT, metric, TARGET, *matchers)


def verdict():
    return band(
        4,
        stat(
            "Exporters down",
            Help(
                "Exporters that Prometheus cannot scrape.",
                "nothing that it watches is known.",
                "look at its process, its log and its address.",
            ),
            "short",
            f"sum(1 - {scraped()})",
            colours=ZERO_IS_GOOD,
            empty="no exporter",
        ),
        stat(
            "Targets down",
            Help(
                "Servers that do not answer at least one exporter.",
                "their numbers are absent.",
                "see errors by reason below.",
            ),
            "short",
            f"sum(1 - {_sight('headroom_target_up')})",
            colours=ZERO_IS_GOOD,
            empty="unknown",
        ),
        stat(
            "Parts down",
            Help(
                "Parts of what is asked of the targets that did not answer.",
                "only what the part fills is absent; the rest stands.",
                "the table below names the part.",
            ),
            "short",
            f"sum(1 - {gauge(PER_SIGHT + ', part', 'headroom_target_part_up', TARGET)})",
            colours=ZERO_IS_CALM,
            empty="unknown",
        ),
        stat(
            "Oldest data",
            Help(
                "Age of the last good run of the target that is worst off.",
                "it grows: what you see of that target was its past, and is absent now.",
                "see which below.",
            ),
            "s",
            f"max({_sight('headroom_target_data_age_seconds')})",
            empty="unknown",
        ),
        stat(
            "Bad reloads",
            Help(
                "Exporters whose last reload failed. The old configuration is still at work.",
                "what you changed has no effect.",
                "`headroom_exporter --config.check` says what is wrong, with line and key.",
            ),
            "short",
            f"sum(1 - {_process('headroom_config_last_reload_successful')})",
            colours=ZERO_IS_GOOD,
            empty="unknown",
        ),
        stat(
            "Series left out",
            Help(
                "Series of discovered queues beyond `max_series`; their messages are summed in `_other`.",
                "single queues cannot be seen.",
                "raise `max_series`, or include fewer queues.",
            ),
            "short",
            f"sum({gauge(PER_TARGET, 'headroom_target_dropped_series', TARGET)})",
            colours=ZERO_IS_CALM,
            empty="unknown",
        ),
    )


def sight():
    errors = increase(PER_SIGHT + ", reason", "headroom_target_errors_total", TARGET)
    return band(
        8,
        timeseries(
            "Age of the data",
            Help(
                "Time since the start of the last good run of each target; dashed: the limit of the alert.",
                "it grows by a second per second: the target is down.",
                "see the reason beside this.",
            ),
            "s",
            [
                line(_sight("headroom_target_data_age_seconds"), "{{target}}"),
                line(f"max({limit('target:headroom_target_data_age_seconds')})", "limit"),
            ],
            limits=["limit"],
        ),
        timeseries(
            "Errors by reason",
            Help(
                "Failed runs, parts and objects between two points.",
                "`auth`, `permission`, `unsupported` need a person; `internal` is our own fault.",
                "the exporter's log has the message, once per change.",
            ),
            "short",
            [line(f"{errors} > 0", "{{target}} {{reason}}")],
            events=True,
            noValue="no errors",
        ),
        timeseries(
            "How long a run takes",
            Help(
                "Duration of the last finished run of each target; dashed: the limit of the alert.",
                "near `timeout` (2 s unless configured): the next ones fail.",
                "ask for less (`readings`), or raise `timeout`.",
            ),
            "s",
            [
                line(_sight("headroom_target_collect_duration_seconds"), "{{target}}"),
                line(f"max({limit('target:headroom_target_collect_duration_seconds')})", "limit"),
            ],
            limits=["limit"],
        ),
    )


def lists():
    parts = gauge(PER_TARGET + ", part", "headroom_target_part_up", TARGET)
    return band(
        8,
        table(
            "Targets",
            Help(
                "Every watched server and what is known of it.",
                "DOWN; an age that grows.",
                "see errors by reason above.",
            ),
            {"target": "Target", "system": "System"},
            [
                column(gauge(PER_TARGET, "headroom_target_up", TARGET), "State", "none", mappings=up_or_down()),
                column(gauge(PER_TARGET, "headroom_target_data_age_seconds", TARGET), "Data age", "s"),
                column(gauge(PER_TARGET, "headroom_target_discovery_age_seconds", TARGET), "Discovered", "s"),
                column(gauge(PER_TARGET, "headroom_target_series", TARGET), "Series", "short"),
            ],
            sort="Data age",
        ),
        table(
            "Parts",
            Help(
                "Every part of what is asked of a target.",
                "DOWN: only what this part fills is absent.",
                "the page of that collector says what a part needs (a permission, a plugin).",
            ),
            {"target": "Target", "part": "Part"},
            [column(parts, "State", "none", mappings=up_or_down())],
            sort="Target",
        ),
    )


def cost():
    cpu = of_exporters(f"rate({select('process_cpu_seconds_total', EXPORTER)}[$__rate_interval])")
    answered = gauge(PER_TARGET, "headroom_target_last_success_timestamp_seconds", TARGET)
    return row(
        "What it costs",
        band(
            8,
            timeseries(
                "CPU",
                Help(
                    "Cores that each exporter uses.",
                    "it grows with the number of queues that are watched.",
                    "longer scrape interval, fewer queues.",
                ),
                "short",
                [line(best(PER_EXPORTER, cpu), "{{instance}}")],
            ),
            timeseries(
                "Memory",
                Help(
                    "Resident memory of each exporter.",
                    "it grows without the number of series growing.",
                    "report it, with the configuration.",
                ),
                "bytes",
                [line(_process("process_resident_memory_bytes"), "{{instance}}")],
            ),
            timeseries(
                "Series per target",
                Help(
                    "Series of each target on the page.",
                    "a jump: somebody creates queues without end.",
                    "set `max_series`, or name the queues.",
                ),
                "short",
                [line(gauge(PER_TARGET, "headroom_target_series", TARGET), "{{target}}")],
            ),
        ),
        band(
            8,
            timeseries(
                "How long a scrape takes",
                Help(
                    "Duration of the scrape as Prometheus measures it.",
                    "near the scrape time-out: pages are lost.",
                    "see which target's run is long.",
                ),
                "s",
                [line(_process("scrape_duration_seconds"), "{{instance}}")],
            ),
            timeseries(
                "Open files",
                Help(
                    "File descriptors of each exporter.",
                    "near its limit (dashed) it can neither ask nor answer.",
                    "see who keeps connections to it; raise the limit.",
                ),
                "short",
                [
                    line(_process("process_open_fds"), "{{instance}}"),
                    line(_process("process_max_fds"), "{{instance}} limit"),
                ],
                limits=["limit"],
            ),
            table(
                "Versions, starts, configuration",
                Help(
                    "Since when each exporter runs, and when it last read a good configuration.",
                    "several versions side by side; a start that nobody made.",
                    "look for crashes and OOM kills.",
                ),
                {"instance": "Instance"},
                [
                    column(f"{_process('process_start_time_seconds')} * 1000", "Started", "dateTimeFromNow"),
                    column(
                        f"{_process('headroom_config_last_reload_success_timestamp_seconds')} * 1000",
                        "Configured",
                        "dateTimeFromNow",
                    ),
                ],
                sort="Started",
            ),
        ),
        band(
            6,
            table(
                "Builds",
                Help(
                    "Versions of headroom that run.",
                    "more than one outside of an upgrade.",
                    "finish the upgrade.",
                ),
                {"version": "Version"},
                [column(f"count by (version) ({select('headroom_build_info', EXPORTER)})", "Exporters", "short")],
                sort="Version",
            ),
            table(
                "Last good run",
                Help(
                    "When each target last answered.",
                    "long ago.",
                    "see errors by reason above.",
                ),
                {"target": "Target"},
                [column(f"{answered} * 1000", "Answered", "dateTimeFromNow")],
                sort="Answered",
            ),
        ),
        collapsed=True,
    )


def build():
    return dashboard(
        UID,
        "headroom / Exporter",
        "Does the exporter see what it should, how fresh is it, and what does it cost?",
        ["exporter"],
        [*exporter_variables(), target_variable()],
        [row("", verdict(), sight(), lists()), cost()],
    )
