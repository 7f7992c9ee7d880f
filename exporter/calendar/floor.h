// Floors: the least number of workers during planned events, so that capacity is there before the
// crowd. A pure function of the configuration and the calendar time: a restart in the middle of an
// event changes nothing.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>

#include "collectors/clock.h"
#include "exporter/calendar/cron.h"
#include "exporter/calendar/time_zone.h"

namespace headroom {

// An event that comes again. It lasts `duration` of elapsed time, also across a change of the
// clocks, and may last until after its next occurrence.
struct RecurringEvent {
  CronSchedule schedule;
  TimeZone zone;
  Duration duration;  // > 0
  friend bool operator==(const RecurringEvent&, const RecurringEvent&) = default;
};

struct SingleEvent {
  WallTime start;
  WallTime end;  // > start
  friend bool operator==(const SingleEvent&, const SingleEvent&) = default;
};

struct Floor {
  std::variant<RecurringEvent, SingleEvent> event;
  Duration lead{};  // >= 0: how long before the start the workers are asked for
  std::int64_t workers = 0;
  friend bool operator==(const Floor&, const Floor&) = default;
};

// An event whose lead has not begun.
struct NextFloor {
  std::size_t index = 0;  // of the floor among those given
  std::int64_t workers = 0;
  WallTime start;  // of the event itself; the workers are asked for `lead` earlier
  friend bool operator==(const NextFloor&, const NextFloor&) = default;
};

struct FloorState {
  // The largest number that an active event asks for; 0 when none is active. Active means
  // start - lead <= t < end.
  std::int64_t workers = 0;
  // Which floor asks for it, the first of several; disengaged when none is active.
  std::optional<std::size_t> index;
  // When the calendar next asks for another number than `workers`, larger or smaller: the end of
  // "asks 40 until 11:00". Occurrences that touch or overlap count as one. Disengaged when that is
  // after more changes than are looked at (an event that never ends) or, with no floor active, when
  // nothing is to come.
  std::optional<WallTime> until;
  // The next event to take effect: of all occurrences whose lead is still to begin the one whose
  // lead begins first; the larger, then the earlier to start, of two that begin together. It is
  // told whatever it asks for, more than now or less: it says what the calendar holds, and every
  // event is told before it takes effect. Disengaged when nothing is to come.
  std::optional<NextFloor> next;
  friend bool operator==(const FloorState&, const FloorState&) = default;
};

// Safe for every `t`; what lies beyond the range of WallTime (years 1678 to 2261) does not exist.
FloorState FloorsAt(std::span<const Floor> floors, WallTime t);

}  // namespace headroom
