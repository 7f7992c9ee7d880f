// Deadline: the latest moment at which a call may still be waiting, and the way to wait until then.
//
// A Deadline is made once, at the edge, and handed down: every blocking call takes what remains of
// it, so that a run as a whole is bounded and not each of its steps. Cheap to copy.
//
// A Deadline may carry a Cancellation; cancelling (at shutdown or when a target is removed) wakes
// every Poll() at once, which is why collectors must not block anywhere else.
#pragma once

#include "collectors/clock.h"
#include "collectors/result.h"

namespace headroom {

// A one-way switch that can be waited for with poll(2).
// Threads: Cancel() and cancelled() from any thread.
class Cancellation {
 public:
  Cancellation();
  ~Cancellation();
  Cancellation(const Cancellation&) = delete;
  Cancellation& operator=(const Cancellation&) = delete;

  void Cancel() const;
  bool cancelled() const;
  int fd() const { return fd_; }  // readable once cancelled

 private:
  int fd_;
};

class Deadline {
 public:
  // `clock` and `cancellation` (may be null) must outlive the Deadline.
  Deadline(const Clock& clock, SteadyTime at, const Cancellation* cancellation = nullptr)
      : clock_(&clock), at_(at), cancellation_(cancellation) {}

  SteadyTime at() const { return at_; }
  const Clock& clock() const { return *clock_; }
  // Zero when expired or cancelled.
  Duration Remaining() const;
  bool Expired() const { return Remaining() == Duration::zero(); }
  // The earlier of this deadline and `cap` from now.
  Deadline Within(Duration cap) const;

  // Waits until one of `events` (POLLIN, POLLOUT) or an error condition is pending on `fd`; returns
  // poll's revents. kTimeout when the deadline passes or the wait is cancelled first. A negative fd
  // waits for the deadline alone.
  Result<short> Poll(int fd, short events) const;

 private:
  const Clock* clock_;
  SteadyTime at_;
  const Cancellation* cancellation_;
};

}  // namespace headroom
