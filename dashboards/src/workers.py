"""Worker groups: who is alive, in which state, and who only seems to be."""

from src.dashboard import band, dashboard, exporter_variables, object_variable, row, target_variable
from src.panels import ZERO_IS_CALM, Help, column, line, stat, table, timeseries
from src.promql import GROUP_FILTER, GROUP_NAME, PER_GROUP, gauge, largest

UID = "headroom-workers"
PER_STATE = PER_GROUP + ", state"
LIVE = gauge(PER_STATE, "headroom_workers", GROUP_FILTER)
STALE = gauge(PER_STATE, "headroom_workers_stale", GROUP_FILTER)
HEARTBEAT = gauge(PER_GROUP, "headroom_workers_oldest_heartbeat_age_seconds", GROUP_FILTER)
LONGEST = gauge(PER_STATE, "headroom_workers_longest_in_state_seconds", GROUP_FILTER)


def verdict():
    odd = gauge(PER_STATE, "headroom_workers", GROUP_FILTER, 'state="other"')
    return band(
        4,
        stat(
            "Live workers",
            Help(
                "Workers whose heartbeat is fresh, in all states.",
                "fewer than the autoscaler started: some cannot reach Redis, or hang at start.",
                "compare with the replicas on Autoscaling.",
            ),
            "short",
            f"sum({LIVE})",
            empty="unknown",
        ),
        stat(
            "Stale workers",
            Help(
                "Workers whose last heartbeat is too old. They are not among the live ones.",
                "processes died without signing off, or hang. Counting their keys as workers is how pools stop growing.",
                "see below in which state they stopped; delete the keys of those that are gone.",
            ),
            "short",
            f"sum({STALE})",
            colours=ZERO_IS_CALM,
            empty="no heartbeat",
        ),
        stat(
            "In a state not known",
            Help(
                "Live workers that claim a state which the configuration does not list.",
                "the application has a state that headroom was not told of.",
                "add it to `states`; if it means work, to `busy_states` too.",
            ),
            "short",
            f"sum({odd})",
            colours=ZERO_IS_CALM,
            empty="unknown",
        ),
        stat(
            "Oldest heartbeat",
            Help(
                "Age of the oldest heartbeat, of live and stale workers.",
                "far above `stale_after`: nobody cleans up after dead workers.",
                "give the keys a time to live.",
            ),
            "s",
            f"max({HEARTBEAT})",
            empty="no heartbeat",
        ),
        stat(
            "Longest in one state",
            Help(
                "How long the live worker that has not changed its state for longest has been in it.",
                "much longer than a job takes, in a busy state: it hangs while its heartbeat goes on.",
                "find the state below; look at that worker's log.",
            ),
            "s",
            f"max({LONGEST})",
            empty="no since_field",
        ),
        stat(
            "Groups",
            Help(
                "Worker groups of which the live workers are known.",
                "fewer than are configured: of the others a part could not be read, and a part is no answer.",
                "see the target's errors on Exporter.",
            ),
            "short",
            f"count(sum by ({PER_GROUP}) ({LIVE}))",
            empty="unknown",
        ),
    )


def states():
    return band(
        8,
        timeseries(
            "Live workers by state",
            Help(
                "Live workers of each group by the state that they claim.",
                "all busy and messages waiting: too few workers. Many idle and messages waiting: they do not get work.",
                "too few: Autoscaling. Idle beside a backlog: look at their queue's name and at their connections.",
            ),
            "short",
            [line(LIVE, GROUP_NAME + " {{state}}")],
            stack=True,
            step=True,
        ),
        timeseries(
            "Stale workers by last state",
            Help(
                "Workers that stopped reporting, by the state that they claimed last.",
                "stale in a busy state: each took a message with it.",
                "see whether their messages are handed out again; look for OOM kills and evictions.",
            ),
            "short",
            [line(STALE, GROUP_NAME + " {{state}}")],
            stack=True,
            step=True,
            noValue="no group with a heartbeat",
        ),
    )


def times():
    longest = largest(10, PER_STATE, "headroom_workers_longest_in_state_seconds", GROUP_FILTER)
    return band(
        8,
        timeseries(
            "Share of live workers by state",
            Help(
                "What part of each group's live workers is in each state.",
                "the busy share near 100 % while work waits; or near 0 while work waits.",
                "at 100 %: more workers. At 0: they wait for something else, often a connection (Pools).",
            ),
            "percentunit",
            [
                line(
                    f"{LIVE} / on ({PER_GROUP}) group_left () (sum by ({PER_GROUP}) ({LIVE}) > 0)",
                    GROUP_NAME + " {{state}}",
                )
            ],
            stack=True,
            max=1,
        ),
        timeseries(
            "Longest time in one state",
            Help(
                "Of each group and state, the live worker that is in it for longest; ten longest.",
                "a busy state that grows beyond any job's length.",
                "that worker hangs; its heartbeat comes from another thread.",
            ),
            "s",
            [line(longest, GROUP_NAME + " {{state}}")],
            noValue="no group with since_field",
        ),
        timeseries(
            "Age of the oldest heartbeat",
            Help(
                "Age of the oldest heartbeat of each group, stale workers included.",
                "it grows by a second per second: somebody has died and was not cleaned up.",
                "delete the key, or give it a time to live.",
            ),
            "s",
            [line(HEARTBEAT, GROUP_NAME)],
            noValue="no group with a heartbeat",
        ),
    )


def each_group():
    return row(
        "Each group",
        band(
            8,
            table(
                "Groups and states",
                Help(
                    "Live and stale workers of each group and state, now.",
                    "stale ones in a busy state.",
                    "see the panels above for since when.",
                ),
                {"target": "Target", "group": "Group", "state": "State"},
                [
                    column(LIVE, "Live", "short"),
                    column(STALE, "Stale", "short", colours=ZERO_IS_CALM),
                    column(LONGEST, "Longest", "s"),
                ],
                sort="Live",
            ),
        ),
    )


def build():
    variables = [
        *exporter_variables(),
        target_variable("headroom_workers"),
        object_variable("group", "Group", "headroom_workers"),
    ]
    return dashboard(
        UID,
        "headroom / Workers",
        "Who does the work: live workers by state, and stale ones apart.",
        ["workers"],
        variables,
        [row("", verdict(), states(), times()), each_group()],
    )
