// RabbitmqCollector: what the rows of a run leave open, looked up by name.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "collectors/rabbitmq/collector.h"

namespace headroom::rabbitmq {
namespace {

// One costs the broker about 3 ms; what is over waits for its turn in a later run.
constexpr std::size_t kMaxLookups = 64;
// Of these, for queues that are known to have gone: whether that is still so.
constexpr std::size_t kMaxAgain = 8;
// What lookups of queues that nobody declared may take of the time that is left. A broker far away
// would else take all of it, and with max_duty make the numbers of all queues old.
constexpr int kShareOfTime = 4;

// Begins where the last run stopped, so that everybody has a turn where only so many have.
void TakeTurns(std::vector<QueueId>& queues, std::size_t turn, std::size_t lookups) {
  if (queues.size() <= lookups) return;
  const auto first = static_cast<std::ptrdiff_t>(turn % queues.size());
  std::rotate(queues.begin(), queues.begin() + first, queues.end());
}

}  // namespace

Error RabbitmqCollector::WhyUnknown(const QueueRow& row) {
  if (row.running == false) {
    return {ErrorKind::kConnect, "the queue is down: no node that leads it is running"};
  }
  return {ErrorKind::kConnect,
          "the broker has no statistics of it yet; they come every 5 s after a start"};
}

RabbitmqCollector::OpenQueues RabbitmqCollector::Open(const std::vector<QueueId>& answered,
                                                      const SourceReply& reply,
                                                      const RunFacts& run) {
  const std::set<QueueId> closed(answered.begin(), answered.end());
  OpenQueues open;
  for (const QueueId& id : options_.queues) {
    if (!closed.contains(id)) open.declared.push_back(id);
  }
  TakeTurns(open.declared, declared_turn_, kMaxLookups);
  std::set<QueueId> listed(open.declared.begin(), open.declared.end());
  const auto add = [&](const std::vector<QueueId>& from, std::vector<QueueId>& to) {
    for (const QueueId& id : from) {
      if (!selection_.Wants(id.vhost, id.name) || book_.SeenIn(id, run)) continue;
      if (listed.insert(id).second) to.push_back(id);
    }
  };
  if (reply.choice.way == Way::kPlugin) add(reply.plugin->contradicted, open.hidden);
  if (reply.Unreadable()) add(info_.Names(), open.hidden);
  TakeTurns(open.hidden, hidden_turn_, kMaxLookups - std::min(kMaxLookups, open.declared.size()));
  // Where each has to be asked for in each run, the same ones are, so that they do not flicker.
  const auto vanished =
      book_.Vanished(run, reply.Unreadable() ? QueueBook::Order::kLastSeenFirst
                                             : QueueBook::Order::kLongestUnaskedFirst);
  // With a node down there may be thousands, and nothing that is said of them would be final.
  if (reply.whole) add(vanished, open.vanished);
  return open;
}

struct RabbitmqCollector::Lookups {
  const SourceReply& reply;
  const RunFacts& run;
  Deadline deadline;  // of the run
  Reading& reading;
  // Engaged: there is no use in another one.
  std::optional<Error> stopped = std::nullopt;
  std::size_t asked = 0;
  std::size_t again = 0;  // of these, for queues that are known to have gone
  // Of those that nobody declared: none begins after the first, and each has the second.
  std::optional<Deadline> share = std::nullopt;
  Duration longest = Duration::zero();

  bool MayAsk() const { return !stopped && asked < kMaxLookups && !(share && share->Expired()); }
};

void RabbitmqCollector::LookUp(const OpenQueues& open, const SourceReply& reply,
                               const RunFacts& run, const Deadline& deadline, Reading& reading) {
  Lookups lookups{.reply = reply, .run = run, .deadline = deadline, .reading = reading};
  if (!reply.server.ok()) lookups.stopped = reply.server.error();
  for (const QueueId& id : open.declared) LookUpDeclared(id, lookups);
  declared_turn_ += lookups.asked;
  lookups.longest = deadline.Remaining() / kShareOfTime;
  lookups.share = deadline.Within(lookups.longest);
  for (const QueueId& id : open.hidden) {
    if (!lookups.MayAsk()) break;
    ++hidden_turn_;
    Ask(id, deadline.Within(lookups.longest), lookups);
  }
  for (const QueueId& id : open.vanished) LookUpVanished(id, lookups);
}

// A declared one is asked for in each run: nothing else may say that it has come.
void RabbitmqCollector::LookUpDeclared(const QueueId& id, Lookups& lookups) {
  if (lookups.MayAsk()) return Ask(id, lookups.deadline, lookups);
  if (!lookups.stopped && lookups.reply.whole && book_.GoneLately(id, lookups.run)) {
    lookups.reading.queues.push_back(book_.Missing(id, true));
    return;
  }
  AddUnknown(id,
             lookups.stopped
                 ? lookups.stopped->Within("not on any page, and cannot be looked up")
                 : Error{ErrorKind::kLimit,
                         "more queues are to be looked up by name than one run does; this one had "
                         "no turn"},
             lookups.reading);
}

void RabbitmqCollector::LookUpVanished(const QueueId& id, Lookups& lookups) {
  // Where a page cannot show every name, neither can it say that a queue is back.
  const bool known_gone = !lookups.reply.Unreadable() && book_.KnownGone(id);
  const bool ask = !known_gone || (!book_.GoneLately(id, lookups.run) && lookups.again < kMaxAgain);
  if (ask && lookups.MayAsk()) {
    if (known_gone) ++lookups.again;
    Ask(id, lookups.deadline.Within(lookups.longest), lookups);
  } else if (known_gone && !lookups.stopped) {
    lookups.reading.queues.push_back(book_.Missing(id, false));
  }
}

void RabbitmqCollector::Ask(const QueueId& id, const Deadline& deadline, Lookups& lookups) {
  ++lookups.asked;
  book_.MarkAsked(id, lookups.run);
  Status outcome = LookUpOne(id, lookups.reply, lookups.run, deadline, lookups.reading);
  if (!outcome.ok()) lookups.stopped = outcome.error();
}

Status RabbitmqCollector::LookUpOne(const QueueId& id, const SourceReply& reply,
                                    const RunFacts& run, const Deadline& deadline,
                                    Reading& reading) {
  const bool declared = selection_.Declared(id.vhost, id.name);
  auto row = sources_.management()->Lookup(id, deadline);
  if (!row.ok()) {
    AddUnknown(id, row.error(), reading);
    const bool only_this =
        row.error().kind == ErrorKind::kPermission || row.error().kind == ErrorKind::kProtocol;
    if (only_this) return Ok{};
    return row.error();
  }
  if (*row) {
    RunFacts facts = run;
    // What the management API has counted is not what the pages have.
    if (reply.choice.way == Way::kPlugin) facts.epoch.reset();
    const Queue& queue = reading.queues.emplace_back(Describe(**row, declared, facts));
    if (!queue.ready) AddUnknown(id, WhyUnknown(**row), reading);
    return Ok{};
  }
  if (!reply.whole) {
    AddUnknown(
        id,
        {ErrorKind::kConnect, "not found, but a node that may hold it is down or has not answered"},
        reading);
    return Ok{};
  }
  if (book_.BelieveGone(id, run)) {
    reading.queues.push_back(book_.Missing(id, declared));
  } else {
    AddUnknown(id, {ErrorKind::kConnect, "not found; believed once that is so for 10 s"}, reading);
  }
  return Ok{};
}

// Queues that nobody named are absent without a word: there may be thousands.
void RabbitmqCollector::AddUnknown(const QueueId& id, Error error, Reading& reading) const {
  if (!selection_.Declared(id.vhost, id.name)) return;
  reading.problems.push_back(
      Problem{.object = fmt::format("queue {} (virtual host {})", id.name, id.vhost),
              .error = std::move(error),
              .queue = id.name,
              .vhost = id.vhost});
}

}  // namespace headroom::rabbitmq
