// The words that the parts of an explanation share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "exporter/workload/inputs.h"
#include "exporter/workload/options.h"

namespace headroom {

// "1 worker", "12 workers".
std::string Count(std::uint64_t number, std::string_view one, std::string_view many);
std::string WorkersText(std::uint64_t workers);

// "queue orders of target main".
std::string NameOf(const WorkloadQueue& queue);

// "pool app/decisions of pooler-a", "server db", "server's role web of db"; several: "pools a, b".
std::string NamesOf(const CapScope& scope);
// What is unknown of a scope: "pool app/decisions of pooler-a is unknown: ...". Empty: nothing is.
std::string UnknownOf(const CapScope& scope);

// "11:00 Asia/Seoul"; on another day than `now`, with the date before it. `floor`: of the event;
// one without a zone, or no event at all, is told in UTC.
std::string TimeText(WallTime time, WallTime now, const Floor* floor);

// To the millisecond, which nobody waits for above a minute.
std::string SecondsText(double seconds);

// One line: characters that would break it become spaces.
std::string OneLine(std::string text);

}  // namespace headroom
