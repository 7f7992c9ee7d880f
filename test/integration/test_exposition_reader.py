"""The strict reader of pages is itself tested: what it lets pass, nobody else would catch."""

import pytest

from support.exposition import FormatError, parse

GOOD = """\
# HELP a_total What a counts.
# TYPE a_total counter
a_total 1
# HELP b What b is.
# TYPE b gauge
b{x="1",y="q\\"b\\\\s\\nn"} 2.5e-07
b{x="2"} -3
"""


def test_a_good_page_is_read_back():
    page = parse(GOOD)
    assert page.types == {"a_total": "counter", "b": "gauge"}
    assert page.value("a_total") == 1
    assert page.value("b", x="1") == 2.5e-07
    assert page.series("b", x="1")[0].labels["y"] == 'q"b\\s\nn'
    assert page.absent("b", x="3")


@pytest.mark.parametrize(
    "what, old, new",
    [
        ("a series twice", 'b{x="2"} -3', 'b{x="2"} -3\nb{x="2"} 4'),
        ("a label twice", 'b{x="2"}', 'b{x="2",x="2"}'),
        ("an unknown escape", 'x="2"', 'x="\\t"'),
        ("a value that is not closed", 'x="2"}', 'x="2}'),
        ("an empty label", 'x="2"', 'x=""'),
        ("NaN", "-3", "NaN"),
        ("infinity", "-3", "+Inf"),
        ("a timestamp", "-3", "-3 1700000000000"),
        ("no TYPE", "# TYPE b gauge\n", ""),
        ("no HELP", "# HELP b What b is.\n", ""),
        ("two TYPEs", "# TYPE b gauge\n", "# TYPE b gauge\n# TYPE b gauge\n"),
        ("a stray sample", 'b{x="2"} -3', "c 1"),
        ("families interleaved", 'b{x="2"} -3', "a_total 2"),
        ("a counter without _total", "# TYPE b gauge", "# TYPE b counter"),
        ("a gauge with _total", "# TYPE a_total counter", "# TYPE a_total gauge"),
        ("an empty line", "# HELP b", "\n# HELP b"),
        ("a family of nothing", "a_total 1\n", ""),
        ("a family in two places", GOOD, GOOD + GOOD),
        ("a cut last line", "-3\n", "-3"),
    ],
)
def test_a_bad_page_is_refused(what, old, new):
    assert old in GOOD
    with pytest.raises(FormatError):
        parse(GOOD.replace(old, new))
