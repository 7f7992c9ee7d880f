#include "exporter/config/toml_value.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <system_error>
#include <utility>

#include "collectors/suggest.h"
#include "exporter/config/toml_precheck.h"
#include "exporter/config/tomlplusplus.h"

namespace headroom {
namespace {

Position PlaceOf(const toml::source_region& region, const std::string& source) {
  return {source, std::max<std::uint32_t>(1, region.begin.line),
          std::max<std::uint32_t>(1, region.begin.column)};
}

bool Before(const Position& a, const Position& b) {
  return a.line != b.line ? a.line < b.line : a.column < b.column;
}

WrittenDateTime ConvertDateTime(const toml::date_time& written) {
  const std::chrono::year_month_day date(std::chrono::year(written.date.year),
                                         std::chrono::month(written.date.month),
                                         std::chrono::day(written.date.day));
  WrittenDateTime time;
  time.local = std::chrono::local_days(date) + std::chrono::hours(written.time.hour) +
               std::chrono::minutes(written.time.minute) +
               std::chrono::seconds(written.time.second);
  time.fraction = std::chrono::nanoseconds(written.time.nanosecond);
  if (written.offset) time.offset = std::chrono::minutes(written.offset->minutes);
  return time;
}

Value Convert(const toml::node& node, Position place);

Value::Table ConvertTable(const toml::table& table, const std::string& source) {
  Value::Table entries;
  entries.reserve(table.size());
  for (const auto& [key, node] : table) {
    entries.push_back({std::string(key.str()), Convert(node, PlaceOf(key.source(), source))});
  }
  // The library sorts by name; messages come in the order of the file.
  std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    return Before(a.value.position, b.value.position);
  });
  return entries;
}

Value::List ConvertList(const toml::array& array, const std::string& source) {
  Value::List items;
  items.reserve(array.size());
  for (const toml::node& item : array) {
    items.push_back(Convert(item, PlaceOf(item.source(), source)));
  }
  return items;
}

// Recursion is bounded by kMaxConfigDepth.
Value Convert(const toml::node& node, Position place) {
  Value value;
  if (const auto* table = node.as_table()) {
    value.data = ConvertTable(*table, place.source);
  } else if (const auto* array = node.as_array()) {
    value.data = ConvertList(*array, place.source);
  } else if (const auto* text = node.as_string()) {
    value.data = text->get();
  } else if (const auto* integer = node.as_integer()) {
    value.data = integer->get();
  } else if (const auto* real = node.as_floating_point()) {
    value.data = real->get();
  } else if (const auto* flag = node.as_boolean()) {
    value.data = flag->get();
  } else if (const auto* time = node.as_date_time()) {
    value.data = ConvertDateTime(time->get());
  } else {
    value.text = node.is_date() ? "a date" : "a time";
  }
  value.position = std::move(place);
  return value;
}

// The library says what it expected; what people get wrong is quotes.
std::string Explain(std::string_view description) {
  const bool value = description.find("parsing value") != std::string_view::npos ||
                     description.find("parsing boolean") != std::string_view::npos ||
                     description.find("parsing decimal integer") != std::string_view::npos ||
                     description.find("parsing floating-point") != std::string_view::npos;
  const bool open = description.find("control characters") != std::string_view::npos;
  const bool escape = description.find("escape sequence") != std::string_view::npos;
  const std::string_view hint =
      open     ? " (is a closing quote missing?)"
      : escape ? " (in double quotes a backslash is written \\\\; single quotes take it as it is)"
      : value  ? " (text and durations stand in straight quotes: \"5s\")"
               : "";
  return fmt::format("not valid TOML: {}{}", Printable(description), hint);
}

}  // namespace

std::optional<Value> ParseToml(std::string_view text, const std::string& source,
                               Diagnostics& diagnostics) {
  const Position start{source, 1, 1};
  if (text.size() > kMaxConfigBytes) {
    diagnostics.Error(start, "", "the file is larger than 1 MiB");
    return std::nullopt;
  }
  if (std::optional<TomlFault> fault = CheckBeforeParsing(text, kMaxConfigDepth)) {
    diagnostics.Error({source, fault->line, fault->column}, "", std::move(fault->message));
    return std::nullopt;
  }
  try {
    const toml::table root = toml::parse(text, source);
    Value value;
    value.position = start;
    value.data = ConvertTable(root, source);
    return value;
  } catch (const toml::parse_error& error) {
    diagnostics.Error(PlaceOf(error.source(), source), "", Explain(error.description()));
    return std::nullopt;
  }
}

std::optional<Value> ReadTomlFile(const std::string& path, Diagnostics& diagnostics) {
  const auto refuse = [&](std::string_view why) {
    diagnostics.Error({path, 1, 1}, "", fmt::format("cannot read the configuration: {}", why));
    return std::nullopt;
  };
  // Not blocking: a pipe that nobody writes to would hold up a reload, and with it the shutdown.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return refuse(std::generic_category().message(errno));
  const std::unique_ptr<const int, void (*)(const int*)> close(&fd,
                                                               [](const int* f) { ::close(*f); });
  struct stat status {};
  if (::fstat(fd, &status) != 0) return refuse(std::generic_category().message(errno));
  if (S_ISDIR(status.st_mode)) return refuse(std::generic_category().message(EISDIR));
  if (!S_ISREG(status.st_mode)) return refuse("not a regular file");
  // One byte over the limit is enough to refuse it.
  std::string text(kMaxConfigBytes + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(fd, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return refuse(std::generic_category().message(errno));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return ParseToml(text, path, diagnostics);
}

}  // namespace headroom
