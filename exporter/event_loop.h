// EventLoop: one thread that runs posted functions and timers, one at a time.
//
// Everything that a scrape does between "all targets asked" and "page sent" happens here, so that
// its state needs no locks. Functions must not block. An exception ends its function and nothing
// else: it is logged, and what the function owned is given up, so that a request whose page could
// not be made gets a 500.
//
// Threads: Post, At and Cancel from any, Stop from one that is not the loop's own.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string_view>
#include <utility>

#include "collectors/clock.h"
#include "exporter/thread.h"

namespace headroom {

class EventLoop {
 public:
  using Task = std::function<void()>;
  // Takes what a function threw, on the loop's thread.
  using Log = std::function<void(std::string_view)>;

  // `clock` must outlive the loop. `log` must not be empty.
  EventLoop(const Clock& clock, Log log);
  ~EventLoop() { Stop(); }
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  const Clock& clock() const { return clock_; }
  // Runs `task` as soon as the loop is free. Dropped after Stop().
  void Post(Task task) { At(SteadyTime::min(), std::move(task)); }
  using TimerId = std::pair<SteadyTime, std::uint64_t>;
  // Runs `task` once clock.Now() >= `when`; tasks of the same moment in the order they came.
  TimerId At(SteadyTime when, Task task);
  // Drops a timer that has not run; no effect on one that has.
  void Cancel(TimerId timer);
  // Drops what is waiting and returns when the task under way is done. Idempotent.
  void Stop();

 private:
  void Run();
  void Guarded(const Task& task) const;

  const Clock& clock_;
  const Log log_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<TimerId, Task> tasks_;  // guarded by mutex_
  std::uint64_t last_id_ = 0;      // guarded by mutex_
  bool stopping_ = false;          // guarded by mutex_
  Thread thread_;                  // last: starts when the rest is there
};

}  // namespace headroom
