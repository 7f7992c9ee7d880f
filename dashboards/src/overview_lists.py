"""What the Overview lists below its first screen: alerts, queues, targets, errors, by name."""

from src.dashboard import ALERTS, band, row
from src.panels import Help, column, line, link, table, timeseries, up_or_down
from src.promql import PER_QUEUE, PER_TARGET, TARGET, gauge, increase, top

TO_EXPORTER = link("Exporter", "headroom-exporter")


def lists():
    queue = gauge(PER_QUEUE, "headroom_queue_messages", TARGET, 'state="ready"')
    working = gauge(PER_QUEUE, "headroom_queue_messages", TARGET, 'state="in_flight"')
    consumers = gauge(PER_QUEUE, "headroom_queue_consumers", TARGET)
    longest = top(15, queue)
    errors = increase(PER_TARGET + ", reason", "headroom_target_errors_total", TARGET)
    to_queue = link("This queue", "headroom-queues", "&var-queue=${__data.fields.Queue:percentencode}")
    return row(
        "What exactly",
        band(
            8,
            table(
                "Alerts that fire",
                Help(
                    "headroom's alerts that fire now.",
                    "each line is somebody's work; critical ones page.",
                    "follow the runbook named in the alert.",
                ),
                {"alertname": "Alert", "severity": "Severity", "target": "Target", "queue": "Queue", "workload": "Workload"},
                [column(f"max by (alertname, severity, target, queue, workload) ({ALERTS})", "Firing", "none", width=70)],
                sort="Severity",
                ascending=True,  # critical, then warning
            ),
            table(
                "Queues with most ready messages",
                Help(
                    "The fifteen queues with most messages that wait now.",
                    "waiting messages and 0 consumers: nobody works on it.",
                    "follow the link on the name to the queue.",
                ),
                {"target": "Target", "vhost": "Vhost", "queue": "Queue"},
                [
                    column(longest, "Ready", "short"),
                    column(f"{working} and on ({PER_QUEUE}) {longest}", "In flight", "short"),
                    column(f"{consumers} and on ({PER_QUEUE}) {longest}", "Consumers", "short"),
                ],
                sort="Ready",
                links={"queue": to_queue},
            ),
            widths=[11, 13],
        ),
        band(
            8,
            table(
                "Targets",
                Help(
                    "Every watched server: did it answer, and how old is what is known of it?",
                    "DOWN, or an age that grows: what you see of it elsewhere is missing.",
                    "look at the errors by reason beside this.",
                ),
                {"target": "Target", "system": "System"},
                [
                    column(gauge(PER_TARGET, "headroom_target_up", TARGET), "State", "none", mappings=up_or_down()),
                    column(gauge(PER_TARGET, "headroom_target_data_age_seconds", TARGET), "Data age", "s"),
                    column(
                        gauge(PER_TARGET, "headroom_target_collect_duration_seconds", TARGET), "Run takes", "s"
                    ),
                ],
                sort="Data age",
                links={"target": TO_EXPORTER},
            ),
            timeseries(
                "Errors by reason",
                Help(
                    "Failed runs, parts and objects since the point before, by reason.",
                    "`auth` and `permission` need a person; `connect` and `timeout` are the server or the network.",
                    "the exporter logs one line with the message when a target's state changes.",
                ),
                "short",
                [line(f"{errors} > 0", "{{target}} {{reason}}")],
                events=True,
                noValue="no errors",
            ),
        ),
    )
