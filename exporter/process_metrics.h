// process_*: what Prometheus' own client libraries say about a process, with the names, types and
// units of client_golang. From /proc (proc(5), Linux); what cannot be read is absent.
#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "exporter/exposition/family.h"

namespace headroom {

// From /proc/<pid>/stat, in the kernel's units.
struct ProcessStat {
  std::uint64_t user_ticks = 0;
  std::uint64_t system_ticks = 0;
  std::uint64_t start_ticks = 0;  // since boot
  std::uint64_t virtual_bytes = 0;
  std::uint64_t resident_pages = 0;
};

// Disengaged when any of the fields is missing or is not a number.
std::optional<ProcessStat> ParseProcessStat(std::string_view stat);
// Unix time of the boot in seconds, from /proc/stat.
std::optional<std::uint64_t> ParseBootTime(std::string_view stat);
// The soft limit, from /proc/<pid>/limits. Disengaged also when it is unlimited.
std::optional<std::uint64_t> ParseMaxOpenFiles(std::string_view limits);

struct ProcessUnits {
  double ticks_per_second = 100;
  double page_bytes = 4096;
};
// Those of this system.
ProcessUnits SystemUnits();

// `proc` is where procfs is mounted.
std::vector<prometheus::MetricFamily> ProcessMetrics(const std::filesystem::path& proc,
                                                     const ProcessUnits& units);

// Every family that ProcessMetrics may return.
std::span<const FamilyDesc> ProcessFamilies();

}  // namespace headroom
