#include "exporter/workload/explain_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <variant>

#include "collectors/options.h"

namespace headroom {
namespace {

std::string_view NameOf(CapScope::Kind scope) {
  switch (scope) {
    case CapScope::Kind::kPool:
      return "pool";
    case CapScope::Kind::kDatabase:
      return "database";
    case CapScope::Kind::kUser:
      return "user";
    case CapScope::Kind::kServer:
      return "server";
    case CapScope::Kind::kServerDatabase:
      return "server's database";
    case CapScope::Kind::kServerRole:
      return "server's role";
  }
  return "pool";
}

const TimeZone* ZoneOf(const Floor* floor) {
  if (floor == nullptr) return nullptr;
  const auto* recurring = std::get_if<RecurringEvent>(&floor->event);
  return recurring == nullptr ? nullptr : &recurring->zone;
}

std::chrono::local_seconds ToLocal(WallTime time, const TimeZone* zone) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  if (zone != nullptr) return zone->ToLocal(seconds);
  return std::chrono::local_seconds(seconds.time_since_epoch());
}

}  // namespace

std::string Count(std::uint64_t number, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", number, number == 1 ? one : many);
}

std::string WorkersText(std::uint64_t workers) { return Count(workers, "worker", "workers"); }

std::string NameOf(const WorkloadQueue& queue) {
  const bool has_vhost = !queue.vhost.empty() && queue.vhost != "/";
  return fmt::format("queue {}{}{} of target {}", queue.queue, has_vhost ? " in vhost " : "",
                     has_vhost ? queue.vhost : "", queue.target);
}

std::string NamesOf(const CapScope& scope) {
  std::string names;
  for (const CapMember& member : scope.members) {
    names += names.empty() ? "" : ", ";
    names += member.name;
  }
  return fmt::format("{}{} {}", NameOf(scope.scope), scope.members.size() == 1 ? "" : "s", names);
}

std::string UnknownOf(const CapScope& scope) {
  for (const CapMember& member : scope.members) {
    if (member.limit != CapMember::Limit::kUnknown) continue;
    return fmt::format("{} {} is unknown: {}", NameOf(scope.scope), member.name, member.why);
  }
  return {};
}

std::string TimeText(WallTime time, WallTime now, const Floor* floor) {
  const TimeZone* zone = ZoneOf(floor);
  const auto local = ToLocal(time, zone);
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::hh_mm_ss clock(local - day);
  std::string text = fmt::format("{:02}:{:02}", clock.hours().count(), clock.minutes().count());
  if (clock.seconds().count() != 0) text += fmt::format(":{:02}", clock.seconds().count());
  if (day != std::chrono::floor<std::chrono::days>(ToLocal(now, zone))) {
    const std::chrono::year_month_day date(day);
    text =
        fmt::format("{:04}-{:02}-{:02} {}", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), text);
  }
  return fmt::format("{} {}", text, zone == nullptr ? "UTC" : zone->name());
}

std::string SecondsText(double seconds) {
  // Longer than a Duration: nobody needs it in days.
  if (seconds >= Seconds(kLongestDuration)) return fmt::format("{:.3g} s", seconds);
  return FormatDuration(std::chrono::milliseconds(std::llround(seconds * 1000)));
}

std::string OneLine(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return text;
}

}  // namespace headroom
