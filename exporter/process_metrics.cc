#include "exporter/process_metrics.h"

#include <unistd.h>

#include <array>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <string>

#include "collectors/parse_whole.h"

namespace headroom {
namespace {

enum Index : std::size_t {
  kCpuSeconds,
  kStartTime,
  kResidentBytes,
  kVirtualBytes,
  kOpenFds,
  kMaxFds,
  kCount,
};

constexpr std::array<FamilyDesc, kCount> kFamilies = {{
    {"process_cpu_seconds_total", "Total user and system CPU time spent in seconds.",
     MetricType::kCounter},
    {"process_start_time_seconds", "Start time of the process since unix epoch in seconds."},
    {"process_resident_memory_bytes", "Resident memory size in bytes."},
    {"process_virtual_memory_bytes", "Virtual memory size in bytes."},
    {"process_open_fds", "Number of open file descriptors."},
    {"process_max_fds", "Maximum number of open file descriptors."},
}};

std::string_view NextWord(std::string_view& text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t\n"), text.size());
  const std::size_t end = std::min(text.find_first_of(" \t\n", begin), text.size());
  const std::string_view word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

// What follows `key` at the start of a line.
std::optional<std::string_view> AfterKey(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (line.starts_with(key)) return line.substr(key.size());
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return std::nullopt;
}

// Disengaged when the file cannot be read.
std::optional<std::string> ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) return std::nullopt;
  return text;
}

// Without the one that the listing itself takes.
std::optional<std::size_t> CountOpenFds(const std::filesystem::path& directory) {
  std::error_code error;
  std::size_t count = 0;
  for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    ++count;
  }
  if (error || count == 0) return std::nullopt;
  return count - 1;
}

void Set(prometheus::MetricFamily& family, double value) {
  prometheus::ClientMetric& metric = family.metric.emplace_back();
  metric.counter.value = value;
  metric.gauge.value = value;
}

}  // namespace

std::optional<ProcessStat> ParseProcessStat(std::string_view stat) {
  // The second field is the program's name in parentheses; the name may hold spaces and ')'.
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  stat.remove_prefix(name_end + 1);

  // Fields are counted from 1 as proc(5) does; the next one is the third.
  constexpr std::size_t kFirst = 3;
  constexpr std::size_t kLast = 24;
  std::array<std::string_view, kLast + 1> field;
  for (std::size_t i = kFirst; i <= kLast; ++i) field[i] = NextWord(stat);

  const auto user = ParseWhole<std::uint64_t>(field[14]);
  const auto system = ParseWhole<std::uint64_t>(field[15]);
  const auto start = ParseWhole<std::uint64_t>(field[22]);
  const auto virtual_bytes = ParseWhole<std::uint64_t>(field[23]);
  const auto resident = ParseWhole<std::uint64_t>(field[24]);
  if (!user || !system || !start || !virtual_bytes || !resident) return std::nullopt;
  return ProcessStat{*user, *system, *start, *virtual_bytes, *resident};
}

std::optional<std::uint64_t> ParseBootTime(std::string_view stat) {
  std::optional<std::string_view> rest = AfterKey(stat, "btime ");
  if (!rest) return std::nullopt;
  return ParseWhole<std::uint64_t>(NextWord(*rest));
}

std::optional<std::uint64_t> ParseMaxOpenFiles(std::string_view limits) {
  std::optional<std::string_view> rest = AfterKey(limits, "Max open files ");
  if (!rest) return std::nullopt;
  return ParseWhole<std::uint64_t>(NextWord(*rest));
}

ProcessUnits SystemUnits() {
  return {static_cast<double>(sysconf(_SC_CLK_TCK)), static_cast<double>(sysconf(_SC_PAGESIZE))};
}

std::vector<prometheus::MetricFamily> ProcessMetrics(const std::filesystem::path& proc,
                                                     const ProcessUnits& units) {
  std::vector<prometheus::MetricFamily> families;
  families.reserve(kCount);
  for (const FamilyDesc& family : kFamilies) families.push_back(ModelOf(family));

  const std::filesystem::path self = proc / "self";
  const auto stat_text = ReadFile(self / "stat");
  if (const auto stat = stat_text ? ParseProcessStat(*stat_text) : std::nullopt) {
    const auto ticks = static_cast<double>(stat->user_ticks + stat->system_ticks);
    Set(families[kCpuSeconds], ticks / units.ticks_per_second);
    Set(families[kVirtualBytes], static_cast<double>(stat->virtual_bytes));
    Set(families[kResidentBytes], static_cast<double>(stat->resident_pages) * units.page_bytes);
    const auto system_text = ReadFile(proc / "stat");
    if (const auto boot = system_text ? ParseBootTime(*system_text) : std::nullopt) {
      Set(families[kStartTime],
          static_cast<double>(*boot) +
              static_cast<double>(stat->start_ticks) / units.ticks_per_second);
    }
  }
  if (const auto fds = CountOpenFds(self / "fd")) {
    Set(families[kOpenFds], static_cast<double>(*fds));
  }
  const auto limits_text = ReadFile(self / "limits");
  if (const auto max = limits_text ? ParseMaxOpenFiles(*limits_text) : std::nullopt) {
    Set(families[kMaxFds], static_cast<double>(*max));
  }
  return families;
}

std::span<const FamilyDesc> ProcessFamilies() { return kFamilies; }

}  // namespace headroom
