// Logger: one line per event on standard error, logfmt or JSON.
//
// Values are hostile (server-supplied names, error texts): control characters and invalid UTF-8 are
// escaped, and a line is one write(2), so that lines of several threads do not mix. A pipe takes no
// more than PIPE_BUF bytes as one: in a line that would be longer the longest values are cut.
// Threads: any.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "collectors/clock.h"

namespace headroom {

enum class LogLevel { kDebug, kInfo, kWarn, kError };
enum class LogFormat { kLogfmt, kJson };

using LogField = std::pair<std::string_view, std::string_view>;

// One line of at most PIPE_BUF bytes, with its newline. A value that is cut ends in "…". Pure.
std::string FormatLogLine(LogFormat format, WallTime time, LogLevel level, std::string_view message,
                          std::initializer_list<LogField> fields);

class Logger {
 public:
  // `clock` must outlive the logger. `fd` is not closed.
  Logger(LogLevel least, LogFormat format, const Clock& clock, int fd);

  void Log(LogLevel level, std::string_view message,
           std::initializer_list<LogField> fields = {}) const;

 private:
  LogLevel least_;
  LogFormat format_;
  const Clock& clock_;
  int fd_;
};

}  // namespace headroom
