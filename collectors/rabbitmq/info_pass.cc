#include "collectors/rabbitmq/info_pass.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace headroom::rabbitmq {
namespace {

constexpr int kRestPerCost = 10;
// After a pass that failed for a reason that may pass, where discovery_interval is longer.
constexpr Duration kRetry = std::chrono::seconds(30);
// Each is a request of a pass; more than this is a definition gone wild.
constexpr std::size_t kMaxExchanges = 200;

}  // namespace

bool InfoPass::Pass::TooMuch() const { return exchanges.size() + to_ask.size() > kMaxExchanges; }

InfoPass::InfoPass(const RabbitmqOptions& options, SteadyTime now)
    : options_(options), next_(now) {}

Status InfoPass::Slice(ManagementSource& management, const Deadline& deadline) {
  const SteadyTime started = deadline.clock().Now();
  if (!pass_) {
    pass_ = std::make_unique<Pass>();
    pass_->started = started;
  }
  Status step = Step(management, deadline);
  const SteadyTime now = deadline.clock().Now();
  pass_->cost += now - started;
  if (!step.ok()) {
    error_ = step.error();
    const Duration interval = options_.discovery_interval;
    // Somebody would have to change definitions or rights first.
    const bool lasts = pass_->TooMuch() || error_->kind == ErrorKind::kPermission;
    EndPass(now, lasts ? interval : std::min(interval, kRetry));
    return step;
  }
  if (pass_->policies && pass_->to_ask.empty()) {
    Finish();
    EndPass(now, options_.discovery_interval);
  } else {
    next_ = now;
  }
  return Ok{};
}

void InfoPass::EndPass(SteadyTime now, Duration rest) {
  next_ = now + std::max(rest, kRestPerCost * pass_->cost);
  pass_.reset();
}

// The next request of the pass.
Status InfoPass::Step(ManagementSource& management, const Deadline& deadline) {
  if (pass_->traits.empty() && !pass_->policies) {
    if (Status read = ReadTraits(management, deadline); !read.ok()) return read;
    if (!options_.wanted.info || pass_->traits.empty()) pass_->policies.emplace();
    return Ok{};
  }
  if (!pass_->policies) {
    auto policies = management.Policies(deadline);
    if (!policies.ok()) return policies.error();
    pass_->policies = std::move(*policies);
  } else if (Status read = ReadExchange(management, deadline); !read.ok()) {
    return read;
  }
  pass_->to_ask = ExchangesToAsk(pass_->traits, *pass_->policies, pass_->exchanges);
  if (pass_->TooMuch()) {
    return Error{ErrorKind::kLimit,
                 fmt::format("more than {} dead-letter exchanges", kMaxExchanges)};
  }
  return Ok{};
}

Status InfoPass::ReadTraits(ManagementSource& management, const Deadline& deadline) {
  const auto& vhosts = options_.vhosts;
  auto traits = management.Traits(vhosts.size() == 1 ? std::optional(vhosts.front()) : std::nullopt,
                                  deadline);
  if (!traits.ok()) return traits.error();
  pass_->traits = std::move(*traits);
  KeepTraits();
  return Ok{};
}

Status InfoPass::ReadExchange(ManagementSource& management, const Deadline& deadline) {
  const ObjectId id = *pass_->to_ask.begin();
  auto exchange = management.AskExchange(id.first, id.second, deadline);
  if (!exchange.ok()) return exchange.error();
  pass_->exchanges.emplace(id, std::move(*exchange));
  return Ok{};
}

void InfoPass::KeepTraits() {
  std::map<ObjectId, Known> before;
  before.swap(known_);
  names_.clear();
  for (const QueueTraits& queue : pass_->traits) {
    if (names_needed_) names_.push_back({queue.vhost, queue.name});
    if (!options_.wanted.info && !options_.wanted.age) continue;
    const ObjectId id{queue.vhost, queue.name};
    const auto old = before.find(id);
    const bool judged = old != before.end() && old->second.judged;
    known_[id] = {queue.kind, queue.durable, queue.priorities, judged};
  }
  listed_ = true;
  names_listed_ = names_needed_;
}

void InfoPass::Finish() {
  for (auto& [id, known] : known_) known.judged = true;
  dead_letters_ = options_.wanted.info
                      ? FindDeadLetters(pass_->traits, *pass_->policies, pass_->exchanges)
                      : DeadLetters();
  completed_at_ = pass_->started;
  error_.reset();
}

void InfoPass::Describe(Queue& queue) const {
  if (!options_.wanted.info) return;
  const ObjectId id{queue.vhost, queue.name};
  const auto known = known_.find(id);
  if (known == known_.end()) return;
  if (queue.kind.empty()) queue.kind = known->second.kind;
  if (!queue.durable) queue.durable = known->second.durable;
  if (error_ || !known->second.judged) return;
  queue.dead_letter_queue = dead_letters_.queues.contains(id);
  const auto exchange = dead_letters_.exchange_of.find(id);
  if (exchange != dead_letters_.exchange_of.end()) queue.dead_letter_exchange = exchange->second;
}

std::optional<bool> InfoPass::Priorities(const QueueId& id) const {
  const auto known = known_.find({id.vhost, id.name});
  return known == known_.end() ? std::nullopt : std::optional(known->second.priorities);
}

}  // namespace headroom::rabbitmq
