// Time zones by their IANA name: what a clock on the wall there shows at an instant, and the other
// way round.
//
// The rules come from the zone files of the system (Debian: tzdata) and hold past 2037 too. They
// are read once per process and name, so a new tzdata, or one installed too late, needs a restart.
// The TZ of the process plays no part. The only place that knows the library behind it (cctz).
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "collectors/result.h"

namespace headroom {

// A copy costs a pointer. Threads: const; safe from any thread.
class TimeZone {
 public:
  // "Europe/Berlin", "UTC"; reads the zone's file. An unknown name, an unreadable file and a system
  // without zone files are told apart in the message. Refused too is what names no place: paths,
  // and names that follow this machine ("localtime") or count leap seconds ("right/...").
  static Result<TimeZone> Load(const std::string& name);

  const std::string& name() const;

  std::chrono::local_seconds ToLocal(std::chrono::sys_seconds) const;
  // A local time that is left out (clocks go forward) is the instant of that change, one that comes
  // twice (clocks go back) the first of the two. Never falls when the local time rises.
  std::chrono::sys_seconds ToInstant(std::chrono::local_seconds) const;
  // The latest local time that ToInstant() puts at or before `t`. It is later than ToLocal(t) while
  // local times come for the second time: all of those had their instant in the first pass.
  std::chrono::local_seconds LatestLocal(std::chrono::sys_seconds t) const;

  friend bool operator==(const TimeZone& a, const TimeZone& b) { return a.name() == b.name(); }

 private:
  struct Rules;
  explicit TimeZone(std::shared_ptr<const Rules> rules);

  std::shared_ptr<const Rules> rules_;
};

}  // namespace headroom
