#include "exporter/calendar/floor.h"

#include <algorithm>
#include <tuple>

namespace headroom {
namespace {

using std::chrono::floor;
using std::chrono::seconds;
using std::chrono::sys_seconds;

// Occurrences that are followed from the end of one to the next: three months of days.
constexpr int kMostInARow = 100;

// From when to when one occurrence asks for its workers.
struct Span {
  WallTime begin;  // start - lead
  WallTime start;
  WallTime end;
};

WallTime Later(WallTime t, Duration by) {
  return t > WallTime::max() - by ? WallTime::max() : t + by;
}

WallTime Earlier(WallTime t, Duration by) {
  return t < WallTime::min() + by ? WallTime::min() : t - by;
}

// Disengaged beyond the range of nanoseconds in 64 bits.
std::optional<WallTime> ToWallTime(sys_seconds t) {
  if (t <= floor<seconds>(WallTime::min()) || t > floor<seconds>(WallTime::max())) {
    return std::nullopt;
  }
  return WallTime(t);
}

std::optional<Span> SpanFrom(const RecurringEvent& event, Duration lead, sys_seconds start) {
  const std::optional<WallTime> at = ToWallTime(start);
  if (!at) return std::nullopt;
  return Span{Earlier(*at, lead), *at, Later(*at, event.duration)};
}

Span SpanOf(const SingleEvent& event, Duration lead) {
  return {Earlier(event.start, lead), event.start, event.end};
}

// The last occurrence whose lead has begun by `t`. No earlier one lasts longer.
std::optional<Span> LastBegun(const Floor& floor_, WallTime t) {
  if (const auto* event = std::get_if<SingleEvent>(&floor_.event)) {
    const Span span = SpanOf(*event, floor_.lead);
    return span.begin <= t ? std::optional(span) : std::nullopt;
  }
  const auto& event = std::get<RecurringEvent>(floor_.event);
  const sys_seconds latest_start = floor<seconds>(Later(t, floor_.lead));
  return SpanFrom(event, floor_.lead, event.schedule.Last(latest_start, event.zone));
}

// The first occurrence whose lead begins after `t`.
std::optional<Span> NextToBegin(const Floor& floor_, WallTime t) {
  if (const auto* event = std::get_if<SingleEvent>(&floor_.event)) {
    const Span span = SpanOf(*event, floor_.lead);
    return span.begin > t ? std::optional(span) : std::nullopt;
  }
  const auto& event = std::get<RecurringEvent>(floor_.event);
  // Starts are whole seconds.
  const sys_seconds first_start = floor<seconds>(Later(t, floor_.lead)) + seconds(1);
  return SpanFrom(event, floor_.lead, event.schedule.Next(first_start, event.zone));
}

bool Active(const Floor& floor_, WallTime t) {
  const auto span = LastBegun(floor_, t);
  return span && t < span->end;
}

// When an event that asks for more than `workers` first begins.
std::optional<WallTime> NextAbove(std::span<const Floor> floors, std::int64_t workers, WallTime t) {
  std::optional<WallTime> first;
  for (const Floor& candidate : floors) {
    if (candidate.workers <= workers) continue;
    const auto span = NextToBegin(candidate, t);
    if (span && (!first || span->begin < *first)) first = span->begin;
  }
  return first;
}

// The end of the events that ask for `workers` at `t`, or that have begun before another such one
// ends. Later than `limit` does not matter.
std::optional<WallTime> EndOf(std::span<const Floor> floors, std::int64_t workers, WallTime t,
                              std::optional<WallTime> limit) {
  WallTime end = t;
  for (int i = 0; i < kMostInARow; ++i) {
    WallTime longest = end;
    for (const Floor& candidate : floors) {
      if (candidate.workers != workers) continue;
      if (const auto span = LastBegun(candidate, end)) longest = std::max(longest, span->end);
    }
    if (longest == WallTime::max()) return std::nullopt;
    if (longest == end || (limit && longest >= *limit)) return longest;
    end = longest;
  }
  return std::nullopt;
}

std::optional<WallTime> HoldsUntil(std::span<const Floor> floors, const FloorState& state,
                                   WallTime t) {
  const std::optional<WallTime> above = NextAbove(floors, state.workers, t);
  if (!state.index) return above;
  const std::optional<WallTime> end = EndOf(floors, state.workers, t, above);
  return end && above ? std::min(*end, *above) : end;
}

std::optional<NextFloor> NextOf(std::span<const Floor> floors, WallTime t) {
  std::optional<NextFloor> next;
  WallTime next_begin;
  for (std::size_t i = 0; i < floors.size(); ++i) {
    const auto span = NextToBegin(floors[i], t);
    if (!span) continue;
    const auto order = [](WallTime begin, const NextFloor& event) {
      return std::tuple(begin, -event.workers, event.start);
    };
    const NextFloor event{i, floors[i].workers, span->start};
    if (next && order(next_begin, *next) <= order(span->begin, event)) continue;
    next = event;
    next_begin = span->begin;
  }
  return next;
}

}  // namespace

FloorState FloorsAt(std::span<const Floor> floors, WallTime t) {
  FloorState state;
  for (std::size_t i = 0; i < floors.size(); ++i) {
    if (floors[i].workers <= state.workers || !Active(floors[i], t)) continue;
    state.workers = floors[i].workers;
    state.index = i;
  }
  state.until = HoldsUntil(floors, state, t);
  state.next = NextOf(floors, t);
  return state;
}

}  // namespace headroom
