#include "collectors/rabbitmq/collector.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "collectors/rabbitmq/flags.h"
#include "collectors/rabbitmq/server_facts.h"

namespace headroom::rabbitmq {
namespace {

constexpr std::string_view kMessagesPart = "messages";
constexpr std::string_view kRatesPart = "rates";
constexpr std::string_view kAgePart = "age";
constexpr std::string_view kInfoPart = "info";
constexpr std::string_view kServerPart = "server";
constexpr std::array<std::string_view, 8> kParts = {
    kMessagesPart, "consumers", "capacity", kRatesPart, kAgePart, "memory", kInfoPart, kServerPart};

// One costs the broker about 3 ms; what is over waits for its turn in a later run.
constexpr std::size_t kMaxLookups = 64;
// Of these, for queues that are known to have gone: whether that is still so.
constexpr std::size_t kMaxAgain = 8;
// What lookups of queues that nobody declared may take of the time that is left. A broker far away
// would else take all of it, and with max_duty make the numbers of all queues old.
constexpr int kShareOfTime = 4;

// Why a queue that the broker listed has no number.
Error WhyUnknown(const QueueRow& row) {
  if (row.running == false) {
    return {ErrorKind::kConnect, "the queue is down: no node that leads it is running"};
  }
  return {ErrorKind::kConnect,
          "the broker has no statistics of it yet; they come every 5 s after a start"};
}

// Are there queues that the pages have but cannot tell?
bool Unreadable(const SourceReply& reply) {
  return reply.choice.way == Way::kPlugin && reply.plugin->unreadable > 0;
}

// Begins where the last run stopped, so that everybody has a turn where only so many have.
void TakeTurns(std::vector<QueueId>& queues, std::size_t turn, std::size_t lookups) {
  if (queues.size() <= lookups) return;
  const auto first = static_cast<std::ptrdiff_t>(turn % queues.size());
  std::rotate(queues.begin(), queues.begin() + first, queues.end());
}

std::vector<std::string_view> AskedReadings(const Wanted& wanted) {
  std::vector<std::string_view> asked;
  if (wanted.consumers) asked.push_back("consumers");
  if (wanted.capacity) asked.push_back("capacity");
  if (wanted.age) asked.push_back(kAgePart);
  if (wanted.memory) asked.push_back("memory");
  return asked;
}

}  // namespace

RabbitmqCollector::RabbitmqCollector(const RabbitmqOptions& options, const Clock& clock)
    : options_(options),
      clock_(clock),
      selection_(options),
      sources_(options),
      book_(options),
      info_(options_, clock.Now()) {}

Result<Reading> RabbitmqCollector::Collect(const Deadline& deadline) {
  auto reply = sources_.Read(deadline);
  if (!reply.ok() || !reply->whole) book_.Doubt();
  if (!reply.ok()) return reply.error();
  const auto uptime = reply->server.ok() ? reply->server->Uptime() : std::nullopt;
  const RunFacts run{clock_.Now(), clock_.WallNow(), uptime,
                     reply->epoch, reply->restarts,  reply->nodes};
  Reading reading;
  const std::vector<QueueId> answered = AddRows(*reply, run, reading);
  AddPageProblems(*reply, reading);
  AddListingProblem(*reply, run, reading);
  LookUp(Open(answered, *reply, run), *reply, run, deadline, reading);
  if (reply->server.ok()) reading.facts = ReadFacts(reply->server->overview, reply->server->nodes);
  reading.source = reply->choice.why;
  reading.discovered_at = info_.completed_at();
  AddParts(*reply, reading);
  return reading;
}

Queue RabbitmqCollector::Describe(const QueueRow& row, bool declared, const RunFacts& run) {
  Queue queue = book_.FromRow(row, declared, run);
  info_.Describe(queue);
  if (!queue.oldest_message_age_seconds) return queue;
  std::optional<bool> priorities = row.priorities;
  if (!priorities && options_.management) {
    info_.NeedPriorities();
    priorities = info_.Priorities({row.vhost, row.name});
  } else if (!priorities) {
    priorities = false;  // a page alone never tells
  }
  // Where it has some, or nobody knows yet, the head is not known to be the oldest message.
  if (priorities != false) queue.oldest_message_age_seconds.reset();
  return queue;
}

std::vector<QueueId> RabbitmqCollector::AddRows(const SourceReply& reply, const RunFacts& run,
                                                Reading& reading) {
  std::vector<QueueId> answered;
  for (const QueueRow& row : reply.rows) {
    if (!selection_.Wants(row.vhost, row.name)) continue;
    const bool declared = selection_.Declared(row.vhost, row.name);
    // A page that contradicts itself may be asked about further; a listing is the last word.
    if (declared && reply.choice.way == Way::kPlugin && !row.ready) continue;
    const Queue& queue = reading.queues.emplace_back(Describe(row, declared, run));
    if (!declared) continue;
    answered.push_back({row.vhost, row.name});
    if (!queue.ready) AddUnknown(answered.back(), WhyUnknown(row), reading);
  }
  return answered;
}

void RabbitmqCollector::AddPageProblems(const SourceReply& reply, Reading& reading) {
  if (reply.choice.way != Way::kPlugin) return;
  const auto add = [&reading](ErrorKind kind, std::string message) {
    reading.problems.push_back(Problem{"queues", {kind, std::move(message)}});
  };
  if (!reply.plugin->contradicted.empty() && !reply.server.ok()) {
    add(ErrorKind::kProtocol,
        fmt::format("the pages of two nodes contradict each other about {} of them, which only the "
                    "management API (url) could settle",
                    reply.plugin->contradicted.size()));
  }
  if (!Unreadable(reply)) return;
  info_.NeedNames();
  if (options_.management && info_.KnowsNames()) return;
  add(ErrorKind::kUnsupported,
      fmt::format(
          "{} of them have names that this version's Prometheus plugin writes in a way that "
          "cannot be told apart: {}",
          reply.plugin->unreadable,
          options_.management ? "the management API will be asked for all names"
                              : "give url, the management API"));
}

// To a user who may see no virtual host the broker lists nothing, and calls that a success. Its
// total lags, so that a queue that was deleted a moment ago looks the same.
void RabbitmqCollector::AddListingProblem(const SourceReply& reply, const RunFacts& run,
                                          Reading& reading) {
  const bool lists_all = reply.choice.way == Way::kList && options_.vhosts.size() != 1;
  const auto total = reply.server.ok() ? reply.server->overview.queues : std::nullopt;
  if (!lists_all || !reply.rows.empty() || total.value_or(0) == 0) {
    nothing_listed_since_.reset();
    return;
  }
  if (!nothing_listed_since_) nothing_listed_since_ = run.now;
  if (run.now - *nothing_listed_since_ < QueueBook::kPatience) return;
  reading.problems.push_back(
      Problem{"queues",
              {ErrorKind::kPermission,
               fmt::format("the broker has {} and lists none of them: has the user a permission in "
                           "their virtual hosts?",
                           *total)}});
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
  if (Unreadable(reply)) add(info_.Names(), open.hidden);
  TakeTurns(open.hidden, hidden_turn_, kMaxLookups - std::min(kMaxLookups, open.declared.size()));
  // Where each has to be asked for in each run, the same ones are, so that they do not flicker.
  const auto vanished =
      book_.Vanished(run, Unreadable(reply) ? QueueBook::Order::kLastSeenFirst
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
  const bool known_gone = !Unreadable(lookups.reply) && book_.KnownGone(id);
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

void RabbitmqCollector::AddParts(const SourceReply& reply, Reading& reading) const {
  const auto add = [&reading](std::string_view name, std::optional<Error> error) {
    reading.parts.push_back(Part{std::string(name), name == kMessagesPart, std::move(error)});
  };
  add(kMessagesPart, std::nullopt);
  for (const std::string_view name : AskedReadings(options_.wanted)) {
    add(name, name == kAgePart ? info_.WhyNoPriorities() : std::nullopt);
  }
  if (options_.wanted.rates) add(kRatesPart, reply.no_rates);
  if (options_.wanted.info) add(kInfoPart, info_.error());
  if (options_.management) {
    add(kServerPart,
        reply.server.ok() ? reply.server->nodes_error : std::optional(reply.server.error()));
  }
  if (!reply.plugin) return;
  for (const PluginNode& node : reply.plugin->nodes) add(node.part, node.error);
}

std::optional<SteadyTime> RabbitmqCollector::NextDiscovery() const {
  if (!info_.HasWork()) return std::nullopt;
  return info_.Next();
}

Status RabbitmqCollector::DiscoverSlice(const Deadline& deadline) {
  return info_.Slice(*sources_.management(), deadline);
}

CollectorType RabbitmqCollectorType() {
  return CollectorType{
      "rabbitmq",
      [](OptionsReader& reader) -> ParsedTarget {
        auto options = ParseOptions(reader);
        if (!options) return {};
        const auto parsed = std::make_shared<RabbitmqOptions>(std::move(*options));
        ParsedTarget target;
        target.make = [parsed](const Clock& clock) {
          return std::make_unique<RabbitmqCollector>(*parsed, clock);
        };
        target.declare = [parsed](const QueueName& queue) { return Declare(queue, *parsed); };
        return target;
      },
      FactTable(),
      kParts,
      std::chrono::seconds(5),
      kFlags,
  };
}

}  // namespace headroom::rabbitmq
