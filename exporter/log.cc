#include "exporter/log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <deque>
#include <iterator>
#include <span>
#include <vector>

#include "exporter/exposition/labels.h"

namespace headroom {
namespace {

std::string_view NameOf(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarn:
      return "warn";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

std::string Timestamp(WallTime time) {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto s = std::chrono::floor<std::chrono::seconds>(ms);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(s)), (ms - s).count());
}

// The escapes that JSON and logfmt (as Go's strconv.Quote writes it) share.
void AppendQuoted(std::string& out, std::string_view raw) {
  out += '"';
  for (const char c : ReplaceInvalidUtf8(raw)) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  out += '"';
}

void AppendLogfmtValue(std::string& out, std::string_view value) {
  const bool plain = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\';
  });
  if (plain) {
    out += value;
  } else {
    AppendQuoted(out, value);
  }
}

std::string Format(LogFormat format, std::span<const LogField> fields) {
  const bool json = format == LogFormat::kJson;
  std::string line = json ? "{" : "";
  const auto append = [&](std::string_view key, std::string_view value) {
    if (line.size() > 1) line += json ? ',' : ' ';
    if (json) {
      AppendQuoted(line, key);
      line += ':';
      AppendQuoted(line, value);
    } else {
      line += key;
      line += '=';
      AppendLogfmtValue(line, value);
    }
  };
  for (const auto& [key, value] : fields) append(key, value);
  line += json ? "}\n" : "\n";
  return line;
}

// `value` without its last bytes, at least so many as `excess`, unless it is shorter.
std::string Cut(std::string_view value, std::size_t excess) {
  constexpr std::string_view kMark = "…";
  std::size_t kept = value.size() - std::min(value.size(), excess + kMark.size());
  while (kept > 0 && (static_cast<unsigned char>(value[kept]) & 0xC0U) == 0x80U) --kept;
  return std::string(value.substr(0, kept)).append(kMark);
}

}  // namespace

std::string FormatLogLine(LogFormat format, WallTime time, LogLevel level, std::string_view message,
                          std::initializer_list<LogField> fields) {
  const std::string timestamp = Timestamp(time);
  std::vector<LogField> all = {{"time", timestamp}, {"level", NameOf(level)}, {"msg", message}};
  all.insert(all.end(), fields.begin(), fields.end());
  std::deque<std::string> cut;
  std::string line = Format(format, all);
  while (line.size() > PIPE_BUF) {
    const auto longest = std::max_element(all.begin(), all.end(), [](const auto& a, const auto& b) {
      return a.second.size() < b.second.size();
    });
    longest->second = cut.emplace_back(Cut(longest->second, line.size() - PIPE_BUF));
    line = Format(format, all);
  }
  return line;
}

Logger::Logger(LogLevel least, LogFormat format, const Clock& clock, int fd)
    : least_(least), format_(format), clock_(clock), fd_(fd) {}

void Logger::Log(LogLevel level, std::string_view message,
                 std::initializer_list<LogField> fields) const {
  if (level < least_) return;
  const std::string line = FormatLogLine(format_, clock_.WallNow(), level, message, fields);
  // A log that nobody reads is no reason to stop watching: where there is no room for a line (a
  // full pipe, a stopped terminal) it is lost. A pipe that polls as writable takes PIPE_BUF bytes
  // at once.
  pollfd room{fd_, POLLOUT, 0};
  if (::poll(&room, 1, 0) != 1) return;
  while (::write(fd_, line.data(), line.size()) < 0 && errno == EINTR) {
  }
}

}  // namespace headroom
