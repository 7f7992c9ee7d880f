"""What a skipped test means. A file whose every test was skipped exits with 77, which ctest shows as
skipped. With CI=true a skip is a failure: nothing may go untested there without anybody noticing."""

import os

CTEST_SKIP = 77


def pytest_sessionfinish(session, exitstatus):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = len(reporter.stats.get("skipped", []))
    if exitstatus != 0 or skipped == 0:
        return
    if os.environ.get("CI") == "true":
        reporter.write_line("CI=true: a skipped test is a failure", red=True)
        session.exitstatus = 1
    elif not reporter.stats.get("passed"):
        session.exitstatus = CTEST_SKIP
