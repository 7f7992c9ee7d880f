"""Selectors, their matchers and the calls around them are found in any expression."""

import pytest
from checks.promql import NotRead, fill_in, selectors
from checks.promtool import problems


def test_a_bare_metric_is_a_selector():
    (one,) = selectors("up")
    assert (one.name, one.matchers, one.range, one.calls) == ("up", (), None, ())


def test_matchers_keep_operator_and_value_and_braces_in_strings_close_nothing():
    (one,) = selectors('a{x="}", y=~"b|c", z!=\'"\'}')
    assert one.matchers == (("x", "=", "}"), ("y", "=~", "b|c"), ("z", "!=", '"'))


def test_calls_are_told_innermost_last_and_aggregations_with_labels_before_them_count():
    (one,) = selectors("sum by (a, b) (rate(x_total[$__rate_interval]))")
    assert (one.range, one.calls) == ("$__rate_interval", ("sum", "rate"))


def test_an_aggregation_whose_labels_come_last_counts_too():
    (one,) = selectors("sum(x) by (a)")
    assert one.calls == ("sum",)


def test_parentheses_are_no_call():
    (one,) = selectors("(x)")
    assert one.calls == ("",)


def test_labels_of_joins_and_words_of_the_language_are_no_selectors():
    text = "a / on (job, instance) group_left (kind) (b > bool 0) unless ignoring (x) c offset 5m and d"
    assert [s.name for s in selectors(text)] == ["a", "b", "c", "d"]


def test_start_and_end_are_no_selectors():
    assert [s.name for s in selectors("max_over_time(x[$__range] @ end())")] == ["x"]


def test_a_selector_without_a_name_is_one():
    (one,) = selectors('{job="x"}')
    assert (one.name, one.matchers) == ("", (("job", "=", "x"),))


@pytest.mark.parametrize("text", ["a{", "sum(a", "a)", "a{x=1}", "a ? b"])
def test_what_cannot_be_read_is_an_error(text):
    with pytest.raises(NotRead):
        selectors(text)


def test_variables_get_values_that_promtool_reads():
    assert fill_in('rate(x{job=~"$job"}[$__rate_interval])') == 'rate(x{job=~"x"}[5m])'


def test_promtool_finds_each_bad_expression_among_good_ones():
    good, bad = ["up", 'x{job=~"$job"}', "rate(a_total[$__rate_interval])"], ["up{", "rate(x)", "a b"]
    assert set(problems(good + bad)) == set(bad)
