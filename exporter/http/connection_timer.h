// ConnectionTimer: which connections have begun something (sending a request, taking a response)
// and not finished it, and since when.
//
// Threads: one.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "collectors/clock.h"

namespace headroom {

class ConnectionTimer {
 public:
  explicit ConnectionTimer(Duration limit) : limit_(limit) {}

  // It began on `fd`. No effect while it is running.
  void Start(int fd, SteadyTime now) {
    if (const auto [at, fresh] = by_fd_.try_emplace(fd, now + limit_); fresh) {
      by_time_.emplace(at->second, fd);
    }
  }

  // It is complete, or the connection is gone.
  void End(int fd) {
    const auto at = by_fd_.find(fd);
    if (at == by_fd_.end()) return;
    by_time_.erase({at->second, fd});
    by_fd_.erase(at);
  }

  // When TakeExpired() has something to give; empty while nothing is running.
  std::optional<SteadyTime> Next() const {
    if (by_time_.empty()) return std::nullopt;
    return by_time_.begin()->first;
  }

  // Ends and returns a connection whose time is over; call until there is none.
  std::optional<int> TakeExpired(SteadyTime now) {
    if (by_time_.empty() || by_time_.begin()->first > now) return std::nullopt;
    const int fd = by_time_.begin()->second;
    End(fd);
    return fd;
  }

 private:
  Duration limit_;
  std::map<int, SteadyTime> by_fd_;
  std::set<std::pair<SteadyTime, int>> by_time_;
};

}  // namespace headroom
