// TargetWorker: one thread that owns the collector of one target, and the rule of freshness.
//
// Requests and ticks lead to the same thing, a run; there is one path, not two. A request takes a
// successful run that started no earlier than (its arrival - the accepted age); a run in flight
// that qualifies is joined. Age is judged at arrival, so a run that takes longer than the age still
// counts. After repeated failures the target is left alone (Backoff): then no request waits, and
// retries run on the back-off's own timer.
//
// Threads: Request and status from any thread, Stop from one. Callbacks run on the worker's thread,
// or on the caller's when the answer is there at once; never with a lock held.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "collectors/collector.h"
#include "collectors/deadline.h"
#include "exporter/backoff.h"
#include "exporter/exposition/reading_renderer.h"
#include "exporter/pressure/pressure.h"
#include "exporter/sample_pace.h"
#include "exporter/snapshot.h"
#include "exporter/target_view.h"
#include "exporter/thread.h"
#include "exporter/typical_cost.h"

namespace headroom {

struct WorkerOptions {
  std::string target;
  std::string system;
  Duration timeout{};                       // of one run
  Duration max_age{};                       // requests closer than this share a run
  std::optional<Duration> sample_interval;  // ticks by itself when set
  double max_duty = 0.1;                    // the share of time in which the target may be asked
  std::size_t max_series = 0;
  std::vector<std::string> links = {};  // other targets that this one's configuration names
};

class TargetWorker {
 public:
  // Null: unknown (no good run in time).
  using Callback = std::function<void(SnapshotPtr)>;
  // Called on the worker's thread after each run, before anybody is answered.
  using Observer = std::function<void(const Snapshot&)>;

  // `clock` must outlive the worker. `make` is called on the worker's thread.
  TargetWorker(WorkerOptions options, CollectorFactory make, const Clock& clock, Observer observer);
  ~TargetWorker() { Stop(); }
  TargetWorker(const TargetWorker&) = delete;
  TargetWorker& operator=(const TargetWorker&) = delete;

  const WorkerOptions& options() const { return options_; }
  // Answers exactly once: with a good run that is fresh enough for `arrival`, or null. May take as
  // long as two runs (one in flight that does not qualify, then one that does); the caller has its
  // own limit.
  void Request(SteadyTime arrival, Callback callback);
  TargetStatus status() const;
  // Ends a run in flight at once (its deadline is cancelled), answers all who wait with null and
  // joins. Not from a callback. Idempotent.
  void Stop();

 private:
  struct Waiter {
    SteadyTime oldest_start;  // a run that started earlier is too old for it
    Callback callback;
  };

  void Loop();
  void RunOnce(std::unique_lock<std::mutex>& lock);
  // Takes `lock` open and returns with it held, as the functions around it do.
  void Publish(const SnapshotPtr& run, std::unique_lock<std::mutex>& lock);
  // What a collector threw, if it did.
  std::optional<std::string> DiscoverSlice();
  void GiveBack(SnapshotPtr previous);
  void DiscoverOnce(std::unique_lock<std::mutex>& lock);
  std::vector<Waiter> TakeAnswered(SteadyTime run_started);
  bool RunDue(SteadyTime now) const;
  SteadyTime NextWake(std::optional<SteadyTime> discovery) const;
  void ScheduleTick(const Snapshot& run);
  Duration AcceptedAge() const;
  Duration Cost() const;
  // Precondition: the target is sampled.
  SamplePace Pace() const;
  Deadline RunDeadline() const;

  const WorkerOptions options_;
  const CollectorFactory make_;
  const Clock& clock_;
  const Observer observer_;
  const Cancellation cancellation_;

  // The worker thread's own.
  std::unique_ptr<Collector> collector_;
  ReadingRenderer renderer_;
  std::unique_ptr<Pressure> pressure_;  // null: not sampled
  SteadyTime memory_given_back_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  // Guarded by mutex_.
  std::vector<Waiter> waiters_;
  TargetStatus status_;
  Backoff backoff_;
  Duration last_good_duration_ = Duration::zero();
  TypicalCost typical_cost_;
  SteadyTime next_tick_ = SteadyTime::max();
  bool stopping_ = false;

  Thread thread_;  // last: starts when the rest is there
};

}  // namespace headroom
