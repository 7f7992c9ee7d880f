#include "exporter/gather.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace headroom {
namespace {

// One request's state; touched on the loop's thread alone. Owned by the timers on the loop, hence
// alive until it has finished.
class State : public std::enable_shared_from_this<State> {
 public:
  using Done = std::function<void(std::vector<TargetView>)>;

  State(EventLoop& loop, const Workers& workers, const std::vector<std::string>& awaited, Done done)
      : loop_(loop),
        workers_(workers),
        waiting_(workers.size()),
        pending_(workers.size(), true),
        awaited_(workers.size(), true),
        answers_(workers.size()),
        done_(std::move(done)) {
    if (!awaited.empty()) {
      for (std::size_t i = 0; i < workers_.size(); ++i) {
        const std::string& name = workers_[i]->options().target;
        awaited_[i] = std::find(awaited.begin(), awaited.end(), name) != awaited.end();
      }
    }
    awaiting_ = static_cast<std::size_t>(std::count(awaited_.begin(), awaited_.end(), true));
  }

  void Start(SteadyTime arrival, SteadyTime deadline) {
    if (workers_.empty()) return Finish();
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      const SteadyTime limit = std::min(deadline, arrival + workers_[i]->options().timeout);
      timers_.push_back(
          loop_.At(limit, [self = shared_from_this(), i] { self->Report(i, nullptr); }));
    }
    for (std::size_t i = 0; i < workers_.size(); ++i) Ask(i, arrival);
    if (awaiting_ == 0) WaitAWhile();
  }

 private:
  void Ask(std::size_t i, SteadyTime arrival) {
    // Weak: a worker must not keep itself alive through what waits for it.
    workers_[i]->Request(arrival, [&loop = loop_, weak = weak_from_this(), i](SnapshotPtr run) {
      loop.Post([weak, i, run = std::move(run)] {
        if (const auto self = weak.lock()) self->Report(i, run);
      });
    });
  }

  // The first report on a target counts: its answer, or that its time is up.
  void Report(std::size_t i, SnapshotPtr run) {
    if (!pending_[i]) return;
    pending_[i] = false;
    answers_[i].run = std::move(run);
    if (awaited_[i] && --awaiting_ == 0) WaitAWhile();
    if (--waiting_ == 0) Finish();
  }

  // For what is left.
  void WaitAWhile() {
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      if (!pending_[i]) continue;
      timers_.push_back(loop_.At(loop_.clock().Now() + kJoinGrace,
                                 [self = shared_from_this(), i] { self->Report(i, nullptr); }));
    }
  }

  void Finish() {
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      const auto& options = workers_[i]->options();
      answers_[i].target = options.target;
      answers_[i].system = options.system;
      answers_[i].status = workers_[i]->status();
      answers_[i].links = options.links;
    }
    const auto self = shared_from_this();  // the timers let go of it
    for (const auto& timer : timers_) loop_.Cancel(timer);
    const Done done = std::exchange(done_, nullptr);
    done(std::move(answers_));
  }

  EventLoop& loop_;
  const Workers workers_;
  std::vector<EventLoop::TimerId> timers_;
  std::size_t waiting_;
  std::vector<bool> pending_;
  std::vector<bool> awaited_;
  std::size_t awaiting_ = 0;
  std::vector<TargetView> answers_;
  Done done_;
};

}  // namespace

void Gather(EventLoop& loop, const Workers& workers, SteadyTime arrival, SteadyTime deadline,
            const std::vector<std::string>& awaited,
            std::function<void(std::vector<TargetView>)> done) {
  auto state = std::make_shared<State>(loop, workers, awaited, std::move(done));
  loop.Post([state = std::move(state), arrival, deadline] { state->Start(arrival, deadline); });
}

}  // namespace headroom
