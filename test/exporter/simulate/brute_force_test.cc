// The simulator against a second one that was written to be simple: it walks second by second over
// everything there is. Only the HPA's arithmetic and the formulas of the exporter are shared; they
// have tests of their own.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "exporter/simulate/arrivals.h"
#include "exporter/workload/evaluate.h"
#include "test/support/rehearsal.h"

namespace headroom {
namespace {

using std::chrono::seconds;

struct Job {
  long arrives, takes;
  long started = -1, done = -1, worker = -1, begun = 0;
};

// One message at a time.
struct Pod {
  long ready;       // when it is to work
  long ends;        // when it is killed; -1: nobody asked it to stop
  long free_since;  // a sequence number
  bool works = false;
  bool gone = false;
  long job = -1;
};

class Ticking {
 public:
  explicit Ticking(const Scenario& s) : s_(s), hpa_(s.workers.scaling->hpa) {
    const auto times = ArrivalTimes(s.arrivals);
    const auto takes = DrawServiceTimes(s.service, times.size());
    for (std::size_t i = 0; i < times.size(); ++i) {
      jobs.push_back({times[i] / seconds(1), takes[i] / seconds(1)});
    }
    for (std::uint64_t i = 0; i < s.workers.initial; ++i) pods.push_back({0, -1, sequence_++});
  }

  void Run() {
    const ScalingPlan& plan = *s_.workers.scaling;
    const long end = s_.play / seconds(1);
    for (now_ = 0; now_ <= end; ++now_) {
      Finish();
      HandOut();
      Kill();
      HandOut();
      for (Pod& pod : pods) {
        if (!Replica(pod) || pod.works || pod.ready > now_) continue;
        pod.works = true;
        pod.free_since = sequence_++;
      }
      HandOut();
      if (now_ > 0 && now_ % (plan.hpa.sync / seconds(1)) == 0) Sync();
      HandOut();
      if (now_ % (plan.scrape_interval / seconds(1)) == 0) Scrape();
      HandOut();
      if (now_ < end) Count();
    }
  }

  std::vector<Job> jobs;
  std::vector<Pod> pods;
  long interrupted = 0, pod_seconds = 0, most_backlog = 0, most_working = 0;

 private:
  bool Replica(const Pod& pod) const { return !pod.gone && pod.ends < 0; }
  bool Works(const Pod& pod) const { return Replica(pod) && pod.works; }
  bool Waits(const Job& job) const {
    return job.worker < 0 && job.done < 0 &&
           (job.arrives < now_ || (arrived_now_ && job.arrives == now_));
  }

  void Finish() {
    arrived_now_ = false;
    std::vector<Job*> finished;
    for (Job& job : jobs) {
      if (job.worker >= 0 && job.done < 0 && job.started + job.takes == now_) {
        finished.push_back(&job);
      }
    }
    std::sort(finished.begin(), finished.end(),
              [](const Job* a, const Job* b) { return a->begun < b->begun; });
    for (Job* job : finished) {
      Pod& pod = pods[static_cast<std::size_t>(job->worker)];
      job->done = now_;
      job->worker = -1;
      pod.job = -1;
      pod.free_since = sequence_++;
      if (pod.ends >= 0) pod.gone = true;
      HandOut();
    }
  }

  void Kill() {
    for (Pod& pod : pods) {
      if (pod.gone || pod.ends != now_) continue;
      pod.gone = true;
      jobs[static_cast<std::size_t>(pod.job)].worker = -1;
      pod.job = -1;
      ++interrupted;
    }
  }

  void HandOut() {
    for (std::size_t j = 0; j < jobs.size(); ++j) {
      if (!Waits(jobs[j])) continue;
      long best = -1;
      for (std::size_t p = 0; p < pods.size(); ++p) {
        if (!Works(pods[p]) || pods[p].job >= 0) continue;
        if (best < 0 || pods[p].free_since < pods[static_cast<std::size_t>(best)].free_since) {
          best = static_cast<long>(p);
        }
      }
      if (best < 0) return;
      jobs[j].worker = best;
      jobs[j].started = now_;
      jobs[j].begun = sequence_++;
      pods[static_cast<std::size_t>(best)].job = static_cast<long>(j);
    }
  }

  void Scrape() {
    WorkloadInputs inputs;
    std::uint64_t waiting = 0;
    std::uint64_t busy = 0;
    std::uint64_t working = 0;
    std::uint64_t in_flight = 0;
    for (const Job& job : jobs) {
      waiting += Waits(job) ? 1 : 0;
      in_flight += job.worker >= 0 ? 1 : 0;
    }
    for (const Pod& pod : pods) {
      working += Works(pod) ? 1 : 0;
      busy += Works(pod) && pod.job >= 0 ? 1 : 0;
    }
    QueueInput queue;
    queue.ready = waiting;
    queue.has_in_flight = queue.has_consumers = s_.counts_in_flight;
    if (s_.counts_in_flight) {
      queue.in_flight = in_flight;
      queue.consumers = working;
    }
    inputs.queues = {queue};
    inputs.group.busy = busy;
    const WorkloadResult says = Evaluate(s_.workload, inputs);
    metrics_ = {{says.recommended_workers}, {says.minimum_workers}};
    arrived_now_ = true;  // after the scrape
  }

  void Sync() {
    std::uint64_t replicas = 0;
    std::uint64_t ready = 0;
    for (const Pod& pod : pods) {
      replicas += Replica(pod) ? 1 : 0;
      ready += Works(pod) ? 1 : 0;
    }
    std::uint64_t desired = hpa_.Sync(seconds(now_), {replicas, ready}, metrics_);
    const ScalingPlan& plan = *s_.workers.scaling;
    for (; desired > replicas; --desired) {
      pods.push_back({now_ + plan.startup / seconds(1), -1, sequence_++});
    }
    for (std::size_t p = pods.size(); p-- > 0 && desired < replicas;) {
      if (!Replica(pods[p])) continue;
      pods[p].ends = now_ + plan.grace / seconds(1);
      if (pods[p].job < 0) pods[p].gone = true;
      --replicas;
    }
  }

  // What lasts until the next second.
  void Count() {
    arrived_now_ = true;
    HandOut();
    long backlog = 0;
    long working = 0;
    for (const Job& job : jobs) backlog += job.arrives <= now_ && job.done < 0 ? 1 : 0;
    for (const Pod& pod : pods) {
      pod_seconds += pod.gone ? 0 : 1;
      working += Works(pod) ? 1 : 0;
    }
    most_backlog = std::max(most_backlog, backlog);
    most_working = std::max(most_working, working);
  }

  const Scenario& s_;
  Hpa hpa_;
  std::vector<HpaMetric> metrics_;
  long now_ = 0, sequence_ = 0;
  bool arrived_now_ = false;
};

std::string RandomScenario(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto pick = [&random](std::uint64_t from, std::uint64_t until) {
    return from + random() % (until - from + 1);
  };
  const std::uint64_t service = pick(1, 40);
  std::string text = fmt::format(
      "play = \"{}s\"\ncounts_in_flight = {}\n[workload]\nservice_time = \"{}s\"\n"
      "messages_per_worker = {}\nmin = {}\nmax = {}\n",
      pick(300, 900), pick(0, 1) == 1, service, pick(1, 4), pick(1, 3), pick(3, 20));
  for (std::uint64_t i = pick(1, 3); i > 0; --i) {
    text += fmt::format("[[arrivals]]\nat = \"{}s\"\nmessages = {}\n", pick(0, 250), pick(1, 30));
  }
  text += fmt::format(
      "[workers]\nstartup = \"{}s\"\ngrace = \"{}s\"\n[workers.hpa]\n"
      "sync = \"{}s\"\nscrape_interval = \"{}s\"\n",
      pick(1, 30), pick(1, 30), pick(1, 20), pick(1, 20));
  text += fmt::format("scale_down = {{ stabilization_window = \"{}s\" }}\n", pick(0, 60));
  if (pick(0, 1) == 1) {
    text += fmt::format("[service]\ntimes = [\"{}s\", \"{}s\", \"{}s\"]\nseed = {}\n", service,
                        service + 7, service * 2 + 20, pick(0, 99));
  }
  return text;
}

Duration MaxOf(const std::vector<Job>& jobs, long Job::*until) {
  long most = 0;
  for (const Job& job : jobs) {
    const bool counts = job.done >= 0 || (until == &Job::started && job.worker >= 0);
    if (counts) most = std::max(most, job.*until - job.arrives);
  }
  return seconds(most);
}

TEST(RehearsalAgainstBruteForce, SaysTheSameOfScaledWorkers) {
  long interrupted = 0;
  long drained = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const std::string text = RandomScenario(seed);
    SCOPED_TRACE(text);
    const Scenario scenario = test::ScenarioOf(text);
    const Outcome outcome = test::Played(scenario);
    Ticking brute(scenario);
    brute.Run();
    const auto done = std::count_if(brute.jobs.begin(), brute.jobs.end(),
                                    [](const Job& job) { return job.done >= 0; });
    ASSERT_EQ(outcome.done, static_cast<std::uint64_t>(done));
    ASSERT_EQ(outcome.interrupted, static_cast<std::uint64_t>(brute.interrupted));
    ASSERT_EQ(outcome.until_done.max, MaxOf(brute.jobs, &Job::done));
    ASSERT_EQ(outcome.until_start.max, MaxOf(brute.jobs, &Job::started));
    ASSERT_EQ(outcome.backlog.number, static_cast<std::uint64_t>(brute.most_backlog));
    ASSERT_EQ(outcome.workers.number, static_cast<std::uint64_t>(brute.most_working));
    ASSERT_EQ(outcome.pod_nanoseconds, static_cast<Wide>(brute.pod_seconds) * 1'000'000'000);
    interrupted += brute.interrupted;
    drained += outcome.drained ? 1 : 0;
  }
  // The scenarios must meet what is compared.
  EXPECT_GT(interrupted, 30);
  EXPECT_GT(drained, 150);
  EXPECT_LT(drained, 300);
}

// Whoever comes first is served first, by the slot that is free first: with fixed workers each
// message's start follows from those before it.
TEST(RehearsalAgainstBruteForce, SaysTheSameOfFixedWorkersWithSeveralSlots) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    std::mt19937_64 random(seed);
    const std::uint64_t workers = 1 + random() % 6;
    const std::uint64_t slots = 1 + random() % 4;
    const std::string text = fmt::format(
        "play = \"7d\"\n[workload]\nservice_time = \"1s\"\nmessages_per_worker = 5\nmax = 9\n"
        "concurrency = {}\n[[arrivals]]\nover = \"{}ms\"\nmessages = {}\n[[arrivals]]\n"
        "at = \"500ms\"\nover = \"3s\"\nfrom_per_minute = {}\nto_per_minute = {}\n"
        "[service]\nspread = \"900ms\"\nseed = {}\n[workers]\nfixed = {}\n",
        slots, 1 + random() % 4000, 1 + random() % 80, 1 + random() % 900, random() % 900, seed,
        workers);
    SCOPED_TRACE(text);
    const Scenario scenario = test::ScenarioOf(text);
    const auto times = ArrivalTimes(scenario.arrivals);
    const auto takes = DrawServiceTimes(scenario.service, times.size());
    std::vector<Duration> free(workers * slots);
    Duration last{};
    Duration longest{};
    Wide waited = 0;
    for (std::size_t i = 0; i < times.size(); ++i) {
      const auto slot = std::min_element(free.begin(), free.end());
      const Duration start = std::max(times[i], *slot);
      *slot = start + takes[i];
      last = std::max(last, *slot);
      longest = std::max(longest, start - times[i]);
      waited += (start - times[i]).count();
    }
    const Outcome outcome = test::Played(scenario);
    ASSERT_EQ(outcome.drained, last);
    ASSERT_EQ(outcome.until_start.max, longest);
    ASSERT_EQ(outcome.until_start.mean.count(), waited / static_cast<Wide>(times.size()));
  }
}

}  // namespace
}  // namespace headroom
