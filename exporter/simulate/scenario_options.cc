#include "exporter/simulate/scenario_options.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "collectors/suggest.h"
#include "exporter/calendar/instant_options.h"
#include "exporter/config/workload_keys.h"
#include "exporter/simulate/arrivals.h"
#include "exporter/simulate/hpa_options.h"
#include "exporter/workload/wide.h"

namespace headroom {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr std::int64_t kMostPerMinute = 10'000'000;
constexpr Duration kShortestTime = milliseconds(1);

// Keys of [[workload]] that say where the numbers are read; people paste them.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kOfTargets = {{
    {"queues", "a rehearsal has [[arrivals]] in place of queues"},
    {"worker_group",
     "a rehearsal knows its workers; a queue without messages in flight, whose busy "
     "workers a group counts, is counts_in_flight = false"},
    {"consumers_per_worker", "a rehearsal knows its workers"},
    {"pools", "a rehearsal has a [database] in place of pools"},
    {"pool_when_unknown", "a rehearsal knows its database"},
}};

void RefuseKeysOfTargets(OptionsReader& in) {
  for (const auto& [key, why] : kOfTargets) {
    if (!in.Has(key)) continue;
    in.Error(key, fmt::format("has no meaning here: {}; leave it out", why));
  }
  // Asked for, or they would be reported once more, as unknown.
  static_cast<void>(in.Tables("queues"));
  static_cast<void>(in.Tables("pools"));
  static_cast<void>(in.Table("worker_group"));
  static_cast<void>(in.Integer("consumers_per_worker", 1, kMostWorkers));
  static_cast<void>(in.String("pool_when_unknown"));
}

// One queue, by a name for explanations, drained by a group when the queue itself does not say who
// is busy.
void AddQueue(Scenario& scenario) {
  scenario.workload.queues = {{"rehearsal", "messages", {}, {}, std::nullopt}};
  if (!scenario.counts_in_flight) {
    scenario.workload.worker_group = WorkloadGroup{"rehearsal", "workers", {"working"}};
  }
}

void ReadWorkload(OptionsReader& root, Scenario& scenario) {
  root.Require("workload");
  auto in = root.Table("workload");
  if (!in) return;
  WorkloadOptions& workload = scenario.workload;
  workload.name = in->Name("name");
  ReadWorkloadRate(*in, workload);
  ReadWorkloadBounds(*in, workload);
  ReadWorkloadConnections(*in, workload);
  ReadWorkloadFloors(*in, workload);
  RefuseKeysOfTargets(*in);
  if (in->ok() && !workload.finish_within && !workload.messages_per_worker) {
    in->Error("",
              "expected either finish_within, with service_time, or messages_per_worker: how much "
              "one worker is to have on its hands");
  }
  for (const std::string_view key : {"connections_per_worker", "reserve", "server_reserve"}) {
    if (in->Has(key) && !root.Has("database")) in->Error(key, "is only used with [database]");
  }
  in->Finish();
}

void ReadStart(OptionsReader& root, Scenario& scenario) {
  const std::string name = root.Name("time_zone");
  if (!name.empty()) {
    auto zone = TimeZone::Load(name);
    if (zone.ok()) {
      scenario.zone = *std::move(zone);
    } else {
      root.Error("time_zone", zone.error().message);
    }
  }
  scenario.start = ReadInstant(root, "start", root.DateTime("start"), scenario.zone);
  if (root.Has("time_zone") && !root.Has("start")) {
    root.Error("time_zone", "is only used with start");
  }
  if (!scenario.workload.floors.empty() && !root.Has("start")) {
    root.Error("", "start is missing: when the rehearsal begins decides which floors it meets");
  }
}

std::optional<Arrivals> ReadRamp(OptionsReader& in, Duration at, std::optional<Duration> over) {
  for (const std::string_view key : {"over", "from_per_minute", "to_per_minute"}) in.Require(key);
  if (in.Has("messages")) in.Error("messages", "does not go with a ramp, whose rates say how many");
  Ramp ramp{at, over ? *over : Duration::zero(), 0, 0};
  ReadCount(in, "from_per_minute", 0, kMostPerMinute, ramp.from_per_minute);
  ReadCount(in, "to_per_minute", 0, kMostPerMinute, ramp.to_per_minute);
  if (in.ok() && ramp.from_per_minute == 0 && ramp.to_per_minute == 0) {
    in.Error("to_per_minute", "expected more than 0, as from_per_minute is 0");
  }
  if (!over) return std::nullopt;
  return ramp;
}

std::optional<Arrivals> ReadBurst(OptionsReader& in, Duration at, std::optional<Duration> over) {
  in.Require("messages");
  const auto messages = ReadCount(in, "messages", 1, kMostArrivals);
  if (!messages) return std::nullopt;
  return Burst{at, over ? *over : Duration::zero(), *messages};
}

void ReadPiece(OptionsReader& in, Scenario& scenario) {
  const auto at = in.DurationAtLeast("at", Duration::zero());
  const auto over = in.DurationAtLeast("over", kShortestTime);
  const Duration from = at ? *at : Duration::zero();
  const bool is_ramp = in.Has("from_per_minute") || in.Has("to_per_minute");
  // Known in either form, so that neither is suggested in place of the other.
  if (!is_ramp) static_cast<void>(in.Integer("from_per_minute", 0, kMostPerMinute));
  if (!is_ramp) static_cast<void>(in.Integer("to_per_minute", 0, kMostPerMinute));
  if (is_ramp) static_cast<void>(in.Integer("messages", 1, kMostArrivals));
  const auto piece = is_ramp ? ReadRamp(in, from, over) : ReadBurst(in, from, over);
  in.Finish();
  if (!in.ok() || !piece) return;
  const Duration end = from + (over ? *over : Duration::zero());
  if (scenario.play > Duration::zero() && (from >= scenario.play || end > scenario.play)) {
    in.Error(over ? "over" : "at",
             fmt::format("the last message arrives after the end of the rehearsal, {}; play longer",
                         FormatDuration(scenario.play)));
  }
  scenario.arrivals.push_back(*piece);
}

void ReadArrivals(OptionsReader& root, Scenario& scenario) {
  root.Require("arrivals");
  for (OptionsReader& table : root.Tables("arrivals")) ReadPiece(table, scenario);
  if (!root.ok()) return;
  Wide messages = 0;
  for (const Arrivals& piece : scenario.arrivals) messages += CountOf(piece);
  if (messages == 0) root.Error("arrivals", "bring no message");
  if (messages > kMostArrivals) {
    root.Error("arrivals", fmt::format("are more than {} messages together", kMostArrivals));
  }
}

void ReadSpread(OptionsReader& in, Duration service_time, ServiceTimes& service) {
  service.spread = in.DurationAtLeast("spread", kShortestTime);
  if (service.spread && *service.spread >= service_time) {
    in.Error("spread",
             fmt::format("expected less than service_time, {}", FormatDuration(service_time)));
  }
}

void ReadTimes(OptionsReader& in, ServiceTimes& service) {
  service.times.clear();
  for (const std::string& text : in.RepeatableStrings("times")) {
    const auto time = ParseDuration(text);
    if (time && *time >= kShortestTime) {
      service.times.push_back(*time);
    } else {
      in.Error("times", fmt::format("expected durations of at least 1ms such as \"5s\", got {}",
                                    Quoted(text)));
    }
  }
  if (in.Has("spread")) in.Error("spread", "does not go with times");
  static_cast<void>(in.DurationAtLeast("spread", kShortestTime));
}

void ReadService(OptionsReader& root, Scenario& scenario) {
  const auto& service_time = scenario.workload.service_time;
  if (service_time) scenario.service.times = {*service_time};
  auto in = root.Table("service");
  if (in && in->Has("times")) {
    ReadTimes(*in, scenario.service);
  } else if (in && service_time) {
    ReadSpread(*in, *service_time, scenario.service);
  }
  if (in) {
    ReadCount(*in, "seed", 0, std::numeric_limits<std::int64_t>::max(), scenario.service.seed);
    if (!in->Has("times") && !in->Has("spread")) in->Error("", "expected times or spread");
    in->Finish();
  }
  if (root.ok() && scenario.service.times.empty()) {
    root.Error("workload", "service_time is missing: how long a worker takes for one message");
  }
}

void ReadWorkers(OptionsReader& root, Scenario& scenario) {
  root.Require("workers");
  auto in = root.Table("workers");
  if (!in) return;
  const WorkloadOptions& workload = scenario.workload;
  WorkersPlan& workers = scenario.workers;
  const auto fixed = ReadCount(*in, "fixed", 1, kMostWorkers);
  const auto initial = ReadCount(*in, "initial", 0, kMostWorkers);
  const auto startup = in->DurationBetween("startup", Duration::zero(), hours(24));
  const auto grace = in->DurationBetween("grace", Duration::zero(), hours(24));
  if (auto hpa = in->Table("hpa")) workers.scaling = ReadScaling(*hpa, workload);
  in->Finish();
  if (in->Has("fixed") == in->Has("hpa")) {
    in->Error("", "expected either fixed, a number of workers that stays, or [workers.hpa]");
    return;
  }
  for (const std::string_view key : {"initial", "startup", "grace"}) {
    if (in->Has("fixed") && in->Has(key)) in->Error(key, "does not go with fixed");
  }
  if (fixed) workers.initial = *fixed;
  if (!workers.scaling) return;
  workers.initial = initial ? *initial : workload.min;
  if (startup) workers.scaling->startup = *startup;
  if (grace) workers.scaling->grace = *grace;
  if (in->ok() && workers.initial == 0 && workload.min > 0) {
    in->Error("initial", "an HPA with min above 0 leaves 0 replicas alone: autoscaling is off");
  }
}

// `others`: empty when the limit is the workload's alone.
void ReadLimit(OptionsReader& in, std::string_view max, std::string_view others, Limit& limit) {
  limit.max = ReadCount(in, max, 1, kMostConnections);
  if (others.empty()) return;
  ReadCount(in, others, 0, kMostConnections, limit.others);
  if (in.Has(others) && !in.Has(max)) in.Error(others, fmt::format("is only used with {}", max));
}

void ReadDatabase(OptionsReader& root, Scenario& scenario) {
  auto in = root.Table("database");
  if (!in) return;
  DatabasePlan plan;
  ReadLimit(*in, "pool_size", "", plan.pool);
  ReadLimit(*in, "max_db_connections", "others_in_database", plan.database);
  ReadLimit(*in, "max_user_connections", "others_of_user", plan.user);
  ReadLimit(*in, "max_connections", "others_on_server", plan.server);
  ReadCount(*in, "reserved_connections", 0, kMostConnections, plan.server_reserved);
  if (in->Has("reserved_connections") && !in->Has("max_connections")) {
    in->Error("reserved_connections", "is only used with max_connections");
  }
  if (in->ok() && !plan.pool.max && !plan.database.max && !plan.user.max && !plan.server.max) {
    in->Error("",
              "expected a limit: pool_size, max_db_connections, max_user_connections or "
              "max_connections");
  }
  in->Finish();
  scenario.database = plan;
}

}  // namespace

std::optional<Scenario> ReadScenario(const Value& root, Diagnostics& diagnostics) {
  OptionsReader in(root, "", diagnostics);
  Scenario scenario;
  in.Require("play");
  if (const auto play = in.DurationBetween("play", kShortestTime, kLongestPlay)) {
    scenario.play = *play;
  }
  if (const auto counts = in.Bool("counts_in_flight")) scenario.counts_in_flight = *counts;
  ReadWorkload(in, scenario);
  ReadStart(in, scenario);
  ReadArrivals(in, scenario);
  ReadService(in, scenario);
  ReadWorkers(in, scenario);
  ReadDatabase(in, scenario);
  scenario.done_within = in.DurationAtLeast("done_within", kShortestTime);
  if (!scenario.done_within) scenario.done_within = scenario.workload.finish_within;
  AddQueue(scenario);
  in.Finish();
  diagnostics.Sort();
  if (!diagnostics.ok()) return std::nullopt;
  return scenario;
}

}  // namespace headroom
