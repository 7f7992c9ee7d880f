// EventLoop: one thread that runs posted functions and timers, one at a time.
//
// Everything that a scrape does between "all targets asked" and "page sent" happens here, so that
// its state needs no locks. Functions must not block. An exception ends its
// function and nothing else: what that owned is given up, so a request whose page could not be made
// gets a 500.
//
// Threads: Post, At and Stop from any thread but Stop not from the loop's own.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include "collectors/clock.h"
#include "exporter/thread.h"

namespace headroom {

class EventLoop {
 public:
  using Task = std::function<void()>;

  // `clock` must outlive the loop.
  explicit EventLoop(const Clock& clock);
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

  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<TimerId, Task> tasks_;  // guarded by mutex_
  std::uint64_t last_id_ = 0;      // guarded by mutex_
  bool stopping_ = false;          // guarded by mutex_
  Thread thread_;                  // last: starts when the rest is there
};

}  // namespace headroom
