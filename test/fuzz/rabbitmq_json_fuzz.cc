// Replies of a hostile management API. The first byte chooses the parser. What is handed out must
// have names, each once; the body must be what it was, and a second reading must say the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "collectors/rabbitmq/dead_letters.h"
#include "collectors/rabbitmq/management_reply.h"
#include "collectors/rabbitmq/server_facts.h"
#include "collectors/utf8.h"

namespace headroom::rabbitmq {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

template <class T>
bool Refused(const Result<T>& result, std::string_view body) {
  if (result.ok()) return false;
  Require(result.error().kind == ErrorKind::kProtocol && !result.error().message.empty());
  Require(body.empty() || result.error().message != body);
  return true;
}

template <class T>
void CheckIdentities(const std::vector<T>& all) {
  std::set<std::pair<std::string, std::string>> seen;
  for (const T& one : all) {
    Require(!one.name.empty());
    Require(ReplaceInvalidUtf8(one.name) == one.name);
    Require(seen.emplace(one.vhost, one.name).second);
  }
}

void CheckRow(const QueueRow& row) {
  Require(!row.name.empty());
  Require(!row.consumer_capacity || (*row.consumer_capacity >= 0 && *row.consumer_capacity <= 1));
  Require(!row.head_timestamp || *row.head_timestamp > 0);
  if (row.running != false) return;
  Require(!row.ready && !row.unacked && !row.consumers && !row.consumer_capacity);
  Require(!row.memory_bytes && !row.head_timestamp && !row.published && !row.delivered);
  Require(!row.acknowledged && !row.redelivered);
}

void CheckQueues(std::string& body) {
  const Result<std::vector<QueueRow>> rows = ParseQueueList(body);
  if (Refused(rows, body)) return;
  CheckIdentities(*rows);
  for (const QueueRow& row : *rows) CheckRow(row);
}

void CheckQueue(std::string& body) {
  const Result<QueueRow> row = ParseQueue(body);
  if (!Refused(row, body)) CheckRow(*row);
}

void CheckOverview(std::string& body) {
  const Result<Overview> overview = ParseOverview(body);
  if (Refused(overview, body)) return;
  Require(!overview->stats_disabled || (!overview->connections && !overview->channels));
  ReadFacts(*overview, {});
}

void CheckNodes(std::string& body) {
  const Result<std::vector<Node>> nodes = ParseNodes(body);
  if (Refused(nodes, body)) return;
  std::set<std::string> seen;
  for (const Node& node : *nodes) {
    Require(!node.name.empty() && seen.insert(node.name).second);
    Require(node.running != false || (!node.memory_used && !node.fds_used && !node.disk_free));
  }
  for (const Fact& fact : ReadFacts({}, *nodes)) {
    Require(fact.value >= 0 && fact.label_values.size() == fact.desc->labels.size());
  }
}

void CheckTraits(std::string& body) {
  const Result<std::vector<QueueTraits>> traits = ParseQueueTraits(body);
  if (Refused(traits, body)) return;
  CheckIdentities(*traits);
  const DeadLetters found = FindDeadLetters(*traits, {}, {});
  Require(found.exchange_of.size() <= traits->size());
  for (const auto& [vhost, exchange] : ExchangesToAsk(*traits, {}, {})) Require(!exchange.empty());
}

void CheckPolicies(std::string& body) {
  const Result<std::vector<Policy>> policies = ParsePolicies(body);
  if (!Refused(policies, body)) CheckIdentities(*policies);
}

void CheckBindings(std::string& body) {
  const Result<std::vector<Binding>> bindings = ParseBindings(body);
  if (Refused(bindings, body)) return;
  for (const Binding& binding : *bindings) {
    Require(binding.queue.empty() != binding.exchange.empty());
  }
}

}  // namespace
}  // namespace headroom::rabbitmq

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace headroom::rabbitmq;  // NOLINT(google-build-using-namespace): the entry point
  constexpr void (*kChecks[])(std::string&) = {CheckQueues,  CheckQueue,  CheckOverview,
                                               CheckNodes,   CheckTraits, CheckPolicies,
                                               CheckBindings};
  if (size == 0) return 0;
  const std::string text(data + 1, data + size);
  std::string body = text;
  kChecks[data[0] % std::size(kChecks)](body);
  if (body != text) std::abort();
  return 0;
}
