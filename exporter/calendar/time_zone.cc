#include "exporter/calendar/time_zone.h"

#include <cctz/civil_time.h>
#include <cctz/time_zone.h>

#include <chrono>
#include <utility>

#include "exporter/calendar/zone_names.h"

namespace headroom {
namespace {

using std::chrono::local_seconds;
using std::chrono::sys_seconds;

// Both libraries count the seconds of a calendar without leap seconds.
constexpr cctz::civil_second kEpoch(1970, 1, 1, 0, 0, 0);

cctz::civil_second ToCivil(local_seconds local) {
  return kEpoch + local.time_since_epoch().count();
}

local_seconds FromCivil(const cctz::civil_second& civil) {
  return local_seconds(std::chrono::seconds(civil - kEpoch));
}

}  // namespace

struct TimeZone::Rules {
  std::string name;
  cctz::time_zone zone;
};

TimeZone::TimeZone(std::shared_ptr<const Rules> rules) : rules_(std::move(rules)) {}

Result<TimeZone> TimeZone::Load(const std::string& name) {
  Rules rules{name, {}};
  // The library knows UTC without a file.
  if (!CanNameZone(name) || !cctz::load_time_zone(name, &rules.zone)) {
    return Error{ErrorKind::kUnsupported, WhyNoZone(name, ZoneFolder())};
  }
  return TimeZone(std::make_shared<const Rules>(std::move(rules)));
}

const std::string& TimeZone::name() const { return rules_->name; }

local_seconds TimeZone::ToLocal(sys_seconds t) const {
  return FromCivil(rules_->zone.lookup(t).cs);
}

sys_seconds TimeZone::ToInstant(local_seconds local) const {
  const auto found = rules_->zone.lookup(ToCivil(local));
  return found.kind == cctz::time_zone::civil_lookup::SKIPPED ? found.trans : found.pre;
}

local_seconds TimeZone::LatestLocal(sys_seconds t) const {
  const cctz::civil_second civil = rules_->zone.lookup(t).cs;
  const auto found = rules_->zone.lookup(civil);
  const bool second_pass =
      found.kind == cctz::time_zone::civil_lookup::REPEATED && t >= found.trans;
  if (!second_pass) return FromCivil(civil);
  return FromCivil(rules_->zone.lookup(found.trans - std::chrono::seconds(1)).cs);
}

}  // namespace headroom
