// Control: what main's thread waits for: signals, and reloads that were asked for over HTTP.
//
// Signals are blocked in every thread and read from a descriptor, so no code runs in a signal
// handler. Threads: RequestReload from any thread; the rest from main's.
#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "collectors/result.h"

namespace headroom {

class Control {
 public:
  using ReloadDone = std::function<void(Status)>;

  // Blocks SIGTERM, SIGINT and SIGHUP for this thread and those it makes from now on; construct
  // before any other thread. Throws std::system_error.
  Control();
  ~Control();
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;

  void RequestReload(ReloadDone done);
  // Calls `reload` on this thread for each SIGHUP and each request; returns the signal (SIGTERM or
  // SIGINT) that ends the program.
  int Wait(const std::function<Status()>& reload);

 private:
  void ServeReloads(const std::function<Status()>& reload);

  int signals_;
  int requests_;
  std::mutex mutex_;
  std::vector<ReloadDone> waiting_;  // guarded by mutex_
};

}  // namespace headroom
