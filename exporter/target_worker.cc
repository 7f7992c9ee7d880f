#include "exporter/target_worker.h"

#include <malloc.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include "exporter/run_collector.h"

namespace headroom {
namespace {

// glibc keeps freed small blocks; a run this large is worth the millisecond that giving them back
// costs.
constexpr std::size_t kLargeRunBytes = std::size_t{1} << 20;

// Of a target that is sampled: several runs a second would else hand the same memory back and
// forth.
constexpr Duration kGiveBackInterval = std::chrono::seconds(10);

std::unique_ptr<Pressure> PressureOf(const WorkerOptions& options) {
  if (!options.sample_interval) return nullptr;
  return std::make_unique<Pressure>(options.target, options.system);
}

TargetStatus BeforeTheFirstRun(const Pressure* pressure) {
  TargetStatus status;
  if (pressure != nullptr) status.pressure = pressure->blocks();
  return status;
}

}  // namespace

TargetWorker::TargetWorker(WorkerOptions options, CollectorFactory make, const Clock& clock,
                           Observer observer)
    : options_(std::move(options)),
      make_(std::move(make)),
      clock_(clock),
      observer_(std::move(observer)),
      renderer_(options_.target, options_.system, options_.max_series),
      pressure_(PressureOf(options_)),
      status_(BeforeTheFirstRun(pressure_.get())),
      backoff_(std::random_device{}()),
      thread_(options_.target, [this] { Loop(); }) {}

void TargetWorker::Request(SteadyTime arrival, Callback callback) {
  std::unique_lock lock(mutex_);
  const SteadyTime oldest_start = arrival - AcceptedAge();
  const SnapshotPtr last = status_.last;
  const bool fresh = last && last->ok() && last->started >= oldest_start;
  if (!fresh && !backoff_.active() && !stopping_) {
    waiters_.push_back({oldest_start, std::move(callback)});
    wake_.notify_one();
    return;
  }
  lock.unlock();
  callback(fresh ? last : nullptr);
}

TargetStatus TargetWorker::status() const {
  const std::lock_guard lock(mutex_);
  TargetStatus status = status_;
  status.backing_off = backoff_.active();
  return status;
}

void TargetWorker::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    cancellation_.Cancel();
    wake_.notify_one();
  }
  thread_.Join();
}

void TargetWorker::Loop() {
  collector_ = make_(clock_);
  std::unique_lock lock(mutex_);
  if (options_.sample_interval) next_tick_ = clock_.Now();
  while (!stopping_) {
    const SteadyTime now = clock_.Now();
    // In back-off the collector is left alone altogether; discovery resumes with the next success.
    const auto discovery = backoff_.active() ? std::nullopt : collector_->NextDiscovery();
    if (RunDue(now)) {
      RunOnce(lock);
    } else if (discovery && *discovery <= now) {
      DiscoverOnce(lock);
    } else {
      clock_.WaitUntil(wake_, lock, NextWake(discovery));
    }
  }
  auto waiters = std::exchange(waiters_, {});
  lock.unlock();
  for (auto& waiter : waiters) waiter.callback(nullptr);
  collector_.reset();
}

bool TargetWorker::RunDue(SteadyTime now) const {
  if (backoff_.active()) return now >= backoff_.retry_at();
  return !waiters_.empty() || now >= next_tick_;
}

SteadyTime TargetWorker::NextWake(std::optional<SteadyTime> discovery) const {
  if (backoff_.active()) return backoff_.retry_at();
  return std::min(next_tick_, discovery ? *discovery : SteadyTime::max());
}

// Of a target that is sampled, what a run takes as a rule: one that stalls, which happens under
// load, must not cost the samples after it. Without ticks there is no rule, and the last run
// counts.
Duration TargetWorker::Cost() const {
  return options_.sample_interval ? typical_cost_.Median() : last_good_duration_;
}

SamplePace TargetWorker::Pace() const {
  return {*options_.sample_interval, options_.max_duty, Cost()};
}

Duration TargetWorker::AcceptedAge() const {
  const Duration age = std::max(options_.max_age, SpreadOver(Cost(), options_.max_duty));
  return options_.sample_interval ? std::max(age, 2 * *options_.sample_interval) : age;
}

Deadline TargetWorker::RunDeadline() const {
  return Deadline(clock_, clock_.Now() + options_.timeout, &cancellation_);
}

void TargetWorker::RunOnce(std::unique_lock<std::mutex>& lock) {
  std::optional<Sampling> sampling;
  if (pressure_) sampling.emplace(Sampling{*pressure_, Pace()});
  lock.unlock();
  RunOutcome outcome =
      RunCollector(*collector_, renderer_, RunDeadline(), sampling ? &*sampling : nullptr);
  if (outcome.threw) collector_ = make_(clock_);
  Publish(outcome.snapshot, lock);
}

void TargetWorker::Publish(const SnapshotPtr& run, std::unique_lock<std::mutex>& lock) {
  if (cancellation_.cancelled()) {  // cut short by Stop(): says nothing about the target
    lock.lock();
    return;
  }
  observer_(*run);
  lock.lock();
  SnapshotPtr previous = status_.last;
  Update(status_, run, clock_.WallNow());
  if (run->ok()) {
    backoff_.OnSuccess();
    last_good_duration_ = run->replied - run->started;
    typical_cost_.Add(last_good_duration_);
  } else {
    backoff_.OnFailure(run->finished);
  }
  ScheduleTick(*run);
  auto answered = TakeAnswered(run->started);
  lock.unlock();
  for (auto& waiter : answered) waiter.callback(run->ok() ? run : nullptr);
  GiveBack(std::move(previous));
  lock.lock();
}

std::vector<TargetWorker::Waiter> TargetWorker::TakeAnswered(SteadyTime run_started) {
  const auto unanswered = std::partition(waiters_.begin(), waiters_.end(), [&](const Waiter& w) {
    return !backoff_.active() && w.oldest_start > run_started;
  });
  std::vector<Waiter> answered(std::make_move_iterator(unanswered),
                               std::make_move_iterator(waiters_.end()));
  waiters_.erase(unanswered, waiters_.end());
  return answered;
}

void TargetWorker::ScheduleTick(const Snapshot& run) {
  if (!options_.sample_interval) return;
  // A run that somebody asked for between two ticks is a sample more; the ticks stay where they
  // are. Those that were missed are not made up for, and do not move the ones after them.
  if (run.started >= next_tick_) {
    const auto passed = (clock_.Now() - next_tick_) / *options_.sample_interval;
    next_tick_ += (passed + 1) * *options_.sample_interval;
  }
  // The duty-cycle bound holds for ticks as well.
  next_tick_ = std::max(next_tick_, run.started + SpreadOver(Cost(), options_.max_duty));
}

void TargetWorker::GiveBack(SnapshotPtr previous) {
  if (!previous || previous->blocks.text.size() <= kLargeRunBytes) return;
  const SteadyTime now = clock_.Now();
  if (options_.sample_interval && now < memory_given_back_ + kGiveBackInterval) return;
  memory_given_back_ = now;
  previous.reset();  // else it would still be in use
  malloc_trim(0);
}

std::optional<std::string> TargetWorker::DiscoverSlice() {
  try {
    // A failure is kept by the collector and reported as a part of the next run, where it is
    // counted and logged; the collector says when the next attempt is due.
    static_cast<void>(collector_->DiscoverSlice(RunDeadline()));
    return std::nullopt;
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "unknown";
  }
}

void TargetWorker::DiscoverOnce(std::unique_lock<std::mutex>& lock) {
  lock.unlock();
  const SteadyTime started = clock_.Now();
  const std::optional<std::string> thrown = DiscoverSlice();
  if (!thrown) return lock.lock();
  // The new collector would try again at once: a failed run counts, is logged and leads to
  // back-off.
  collector_ = make_(clock_);
  Publish(FailedRun({ErrorKind::kInternal, "discovery: exception: " + *thrown}, started,
                    clock_.Now(), pressure_.get()),
          lock);
}

}  // namespace headroom
