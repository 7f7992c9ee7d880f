#include "exporter/simulate/rehearse.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <queue>
#include <tuple>
#include <utility>
#include <vector>

#include "exporter/calendar/floor.h"
#include "exporter/simulate/arrivals.h"
#include "exporter/simulate/database.h"
#include "exporter/simulate/fleet.h"
#include "exporter/simulate/meter.h"
#include "exporter/simulate/round_step.h"
#include "exporter/simulate/summary.h"

namespace headroom {
namespace {

struct Event {
  // In the order in which they happen within an instant. Arrivals, which come last, are no events.
  enum class Kind { kFinish, kKill, kReady, kSync, kScrape };
  Duration at{};
  Kind kind = Kind::kFinish;
  std::size_t number = 0;  // of the message or the worker
  std::uint32_t attempt = 0;
  std::uint64_t order = 0;  // first come, first served
};

struct Later {
  bool operator()(const Event& a, const Event& b) const {
    return std::tie(a.at, a.kind, a.order) > std::tie(b.at, b.kind, b.order);
  }
};

// Instants at even distances, one after the other.
class Ticks {
 public:
  explicit Ticks(Duration step) : step_(step) {}
  bool Before(Duration until) const { return next_ < until; }
  Duration Take() { return std::exchange(next_, next_ + step_); }

 private:
  Duration step_;
  Duration next_{};
};

std::vector<Message> MessagesOf(const Scenario& scenario) {
  const std::vector<Duration> times = ArrivalTimes(scenario.arrivals);
  const std::vector<Duration> services = DrawServiceTimes(scenario.service, times.size());
  std::vector<Message> messages(times.size());
  for (std::size_t i = 0; i < times.size(); ++i) {
    messages[i].arrives = times[i];
    messages[i].service = services[i];
  }
  return messages;
}

class Player {
 public:
  explicit Player(const Scenario& scenario)
      : scenario_(scenario),
        fleet_(MessagesOf(scenario), scenario.workload.concurrency),
        meter_(scenario),
        table_(RoundStep(scenario.play, kMostRows)),
        curve_(std::max<Duration>(scenario.play / kCurvePoints, Duration(1))) {
    for (std::uint64_t i = 0; i < scenario.workers.initial; ++i) fleet_.MakeReady(fleet_.Create());
    if (!scenario.workers.scaling) return;
    hpa_.emplace(scenario.workers.scaling->hpa);
    Schedule({Duration::zero(), Event::Kind::kScrape});
    Schedule({scenario.workers.scaling->hpa.sync, Event::Kind::kSync});
  }

  // False when there were too many events.
  bool Play(std::uint64_t most_events) {
    most_events_ = most_events;
    while (const auto next = NextInstant()) {
      if (*next > scenario_.play) break;
      AdvanceTo(*next);
      HandleInstant();
      if (order_ > most_events_) return false;
    }
    AdvanceTo(scenario_.play);
    return true;
  }

  Outcome Report() {
    Outcome outcome = std::move(outcome_);
    outcome.table.push_back(MomentAt(scenario_.play));
    outcome.curve.push_back(outcome.table.back());
    outcome.curve.back().most_backlog = meter_.TakeMostBacklog();
    meter_.Report(outcome);
    Summarize(scenario_, fleet_, outcome);
    return outcome;
  }

 private:
  void Schedule(Event event) {
    event.order = order_++;
    events_.push(event);
  }

  std::optional<Duration> NextInstant() const {
    std::optional<Duration> next;
    if (!events_.empty()) next = events_.top().at;
    if (arrived_ < fleet_.messages().size()) {
      const Duration arrival = fleet_.messages()[arrived_].arrives;
      next = next ? std::min(*next, arrival) : arrival;
    }
    return next;
  }

  void AdvanceTo(Duration instant) {
    // Points of the curve part the time, so that each has the most of its own part.
    while (curve_.Before(instant)) {
      const Duration at = curve_.Take();
      meter_.Hold(fleet_.counts(), now_, at);
      now_ = at;
      outcome_.curve.push_back(MomentAt(at));
      outcome_.curve.back().most_backlog = meter_.TakeMostBacklog();
    }
    while (table_.Before(instant)) outcome_.table.push_back(MomentAt(table_.Take()));
    meter_.Hold(fleet_.counts(), now_, instant);
    now_ = instant;
  }

  void HandleInstant() {
    while (!events_.empty() && events_.top().at == now_) {
      const Event event = events_.top();
      events_.pop();
      Handle(event);
      Dispatch();
    }
    const auto& messages = fleet_.messages();
    for (; arrived_ < messages.size() && messages[arrived_].arrives == now_; ++arrived_) {
      fleet_.Arrive(arrived_);
      ++order_;
    }
    Dispatch();
  }

  void Handle(const Event& event) {
    switch (event.kind) {
      case Event::Kind::kFinish:
        return fleet_.Finish(event.number, event.attempt, now_);
      case Event::Kind::kKill:
        return fleet_.Kill(event.number);
      case Event::Kind::kReady:
        return fleet_.MakeReady(event.number);
      case Event::Kind::kSync:
        return Sync();
      case Event::Kind::kScrape:
        return Scrape();
    }
  }

  void Dispatch() {
    begun_.clear();
    fleet_.Dispatch(now_, begun_);
    for (const Fleet::Begun& begun : begun_) {
      Schedule({begun.end, Event::Kind::kFinish, begun.message, begun.attempt});
    }
  }

  void Scrape() {
    const ScalingPlan& plan = *scenario_.workers.scaling;
    const WorkloadResult says = Evaluate(scenario_.workload, InputsAt(now_));
    const auto metric = [&plan](std::optional<std::uint64_t> value) {
      return HpaMetric{value, plan.target_type, plan.target};
    };
    switch (plan.signal) {
      case Signal::kRecommended:
        metrics_ = {metric(says.recommended_workers), metric(says.minimum_workers)};
        break;
      case Signal::kWanted:
        metrics_ = {metric(says.wanted_workers)};
        break;
      case Signal::kBacklog:
        metrics_ = {metric(says.backlog_messages)};
        break;
    }
    Schedule({now_ + plan.scrape_interval, Event::Kind::kScrape});
  }

  void Sync() {
    const ScalingPlan& plan = *scenario_.workers.scaling;
    const std::uint64_t replicas = fleet_.replicas();
    const std::uint64_t desired = hpa_->Sync(now_, {replicas, fleet_.counts().working}, metrics_);
    for (std::uint64_t i = replicas; i < desired && order_ <= most_events_; ++i) {
      Schedule({now_ + plan.startup, Event::Kind::kReady, fleet_.Create()});
    }
    if (desired < replicas) {
      for (const std::size_t worker : fleet_.Remove(replicas - desired)) {
        Schedule({now_ + plan.grace, Event::Kind::kKill, worker});
      }
    }
    Schedule({now_ + plan.hpa.sync, Event::Kind::kSync});
  }

  // What the exporter reads at that instant.
  WorkloadInputs InputsAt(Duration at) const {
    const FleetCounts& counts = fleet_.counts();
    WorkloadInputs inputs;
    QueueInput& queue = inputs.queues.emplace_back();
    queue.ready = counts.waiting;
    queue.has_in_flight = queue.has_consumers = scenario_.counts_in_flight;
    if (scenario_.counts_in_flight) {
      queue.in_flight = counts.in_flight;
      queue.consumers = counts.working;
    }
    inputs.group.live = counts.working + counts.stopping;
    inputs.group.busy = counts.busy;
    if (scenario_.database) {
      inputs.cap = CapScopesOf(*scenario_.database, ConnectionsNow());
    }
    if (scenario_.start) inputs.floor = FloorsAt(scenario_.workload.floors, *scenario_.start + at);
    return inputs;
  }

  std::uint64_t ConnectionsNow() const {
    return ConnectionsOf(scenario_.workload, fleet_.counts().working + fleet_.counts().stopping);
  }

  Moment MomentAt(Duration at) const {
    const FleetCounts& counts = fleet_.counts();
    Moment moment;
    moment.at = at;
    moment.arrived = counts.arrived;
    moment.done = counts.done;
    moment.waiting = counts.waiting;
    moment.in_flight = counts.in_flight;
    moment.starting = counts.starting;
    moment.working = counts.working;
    moment.stopping = counts.stopping;
    moment.connections = ConnectionsNow();
    moment.says = Evaluate(scenario_.workload, InputsAt(at));
    return moment;
  }

  const Scenario& scenario_;
  Fleet fleet_;
  Meter meter_;
  Ticks table_;
  Ticks curve_;
  std::optional<Hpa> hpa_;
  std::vector<HpaMetric> metrics_;  // of the last scrape
  std::priority_queue<Event, std::vector<Event>, Later> events_;
  std::uint64_t order_ = 0;  // counts events and arrivals
  std::uint64_t most_events_ = 0;
  std::size_t arrived_ = 0;  // messages that have
  Duration now_{};
  std::vector<Fleet::Begun> begun_;
  Outcome outcome_;
};

}  // namespace

Result<Outcome> Rehearse(const Scenario& scenario, std::uint64_t most_events) {
  Player player(scenario);
  if (player.Play(most_events)) return player.Report();
  return Error{ErrorKind::kLimit,
               fmt::format("the rehearsal has more than {} events: play for a shorter time, with "
                           "fewer messages or fewer workers",
                           most_events)};
}

}  // namespace headroom
