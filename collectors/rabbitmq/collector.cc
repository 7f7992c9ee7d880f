#include "collectors/rabbitmq/collector.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <memory>
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
  if (!reply.Unreadable()) return;
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
