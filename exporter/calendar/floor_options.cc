#include "exporter/calendar/floor_options.h"

#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "exporter/calendar/instant_options.h"

namespace headroom {
namespace {

using std::chrono::seconds;

constexpr std::int64_t kMostWorkers = 1'000'000;

// What stands in the table, each by itself as it should be; disengaged too when it is not.
struct Keys {
  explicit Keys(OptionsReader& options)
      : schedule(options.String("schedule")),
        time_zone(options.Name("time_zone")),
        duration(options.DurationAtLeast("duration", seconds(1))),
        start(options.DateTime("start")),
        end(options.DateTime("end")),
        lead(options.DurationAtLeast("lead", Duration::zero())),
        workers(options.Integer("workers", 1, kMostWorkers)) {}

  std::optional<std::string> schedule;
  std::string time_zone;
  std::optional<Duration> duration;
  std::optional<WrittenDateTime> start;
  std::optional<WrittenDateTime> end;
  std::optional<Duration> lead;
  std::optional<std::int64_t> workers;
};

std::optional<TimeZone> ReadZone(OptionsReader& options, const Keys& keys) {
  if (keys.time_zone.empty()) return std::nullopt;
  auto zone = TimeZone::Load(keys.time_zone);
  if (zone.ok()) return *std::move(zone);
  options.Error("time_zone", zone.error().message);
  return std::nullopt;
}

void Refuse(OptionsReader& options, std::initializer_list<std::string_view> keys, const char* why) {
  for (const std::string_view key : keys) {
    if (options.Has(key)) options.Error(key, why);
  }
}

std::optional<RecurringEvent> ReadRecurring(OptionsReader& options, const Keys& keys) {
  options.Require("time_zone");
  options.Require("duration");
  Refuse(options, {"start", "end"}, "does not go with a schedule, which has a duration");
  const std::optional<TimeZone> zone = ReadZone(options, keys);
  if (!keys.schedule) return std::nullopt;
  auto schedule = CronSchedule::Parse(*keys.schedule);
  if (!schedule.ok()) {
    options.Error("schedule", schedule.error().message);
    return std::nullopt;
  }
  if (!zone || !keys.duration) return std::nullopt;
  return RecurringEvent{*std::move(schedule), *zone, *keys.duration};
}

std::optional<SingleEvent> ReadSingle(OptionsReader& options, const Keys& keys) {
  options.Require("start");
  options.Require("end");
  Refuse(options, {"duration"}, "goes with a schedule; an event that comes once has an end");
  const std::optional<TimeZone> zone = ReadZone(options, keys);
  const auto start = ReadInstant(options, "start", keys.start, zone);
  const auto end = ReadInstant(options, "end", keys.end, zone);
  if (!start || !end) return std::nullopt;
  if (zone && keys.start->offset && keys.end->offset) {
    options.Error("time_zone", "has no effect: start and end have offsets of their own");
  }
  if (*end <= *start) {
    options.Error("end", "expected a time after start");
    return std::nullopt;
  }
  return SingleEvent{*start, *end};
}

}  // namespace

std::optional<Floor> ParseFloor(OptionsReader& options) {
  const Keys keys(options);
  options.Require("workers");
  std::optional<std::variant<RecurringEvent, SingleEvent>> event;
  if (options.Has("schedule")) {
    event = ReadRecurring(options, keys);
  } else if (options.Has("start") || options.Has("end")) {
    event = ReadSingle(options, keys);
  } else {
    options.Error("", "expected a schedule, with time_zone and duration, or start and end");
  }
  options.Finish();
  if (!options.ok() || !event || !keys.workers) return std::nullopt;
  return Floor{*std::move(event), keys.lead ? *keys.lead : Duration::zero(), *keys.workers};
}

}  // namespace headroom
