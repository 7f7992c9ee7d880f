// Takes every member out of every recorded reply, and turns it into what it must not be: what is
// left must be what was there, less what that member said.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "collectors/rabbitmq/management_reply.h"
#include "test/support/fixtures.h"
#include "test/support/json_mutation.h"

namespace headroom::rabbitmq {
namespace {

using Fields = std::map<std::string, std::string>;

// Fills a map with what is engaged.
class Said {
 public:
  template <class T>
  Said& Add(const std::string& name, const std::optional<T>& value) {
    if (value) fields_[name] = fmt::format("{}", *value);
    return *this;
  }
  Said& Add(const std::string& name, const std::string& value) {
    if (!value.empty()) fields_[name] = value;
    return *this;
  }
  Fields Take() { return std::move(fields_); }

 private:
  Fields fields_;
};

Fields Of(const QueueRow& row) {
  return Said()
      .Add("vhost", row.vhost)
      .Add("name", row.name)
      .Add("kind", row.kind)
      .Add("node", row.node)
      .Add("durable", row.durable)
      .Add("running", row.running)
      .Add("ready", row.ready)
      .Add("unacked", row.unacked)
      .Add("consumers", row.consumers)
      .Add("capacity", row.consumer_capacity)
      .Add("memory", row.memory_bytes)
      .Add("head", row.head_timestamp)
      .Add("published", row.published)
      .Add("delivered", row.delivered)
      .Add("acknowledged", row.acknowledged)
      .Add("redelivered", row.redelivered)
      .Take();
}

Fields Of(const Node& node) {
  return Said()
      .Add("name", node.name)
      .Add("running", node.running)
      .Add("uptime", node.uptime_ms)
      .Add("memory_used", node.memory_used)
      .Add("memory_limit", node.memory_limit)
      .Add("memory_alarm", node.memory_alarm)
      .Add("disk_free", node.disk_free)
      .Add("disk_free_limit", node.disk_free_limit)
      .Add("disk_alarm", node.disk_alarm)
      .Add("fds_used", node.fds_used)
      .Add("fds_total", node.fds_total)
      .Add("partitions", node.partitions)
      .Take();
}

Fields Of(const Overview& overview) {
  return Said()
      .Add("node", overview.node)
      .Add("version", overview.version)
      .Add("erlang", overview.erlang_version)
      .Add("cluster", overview.cluster_name)
      .Add("stats_disabled", std::string(overview.stats_disabled ? "yes" : ""))
      .Add("queues", overview.queues)
      .Add("connections", overview.connections)
      .Add("channels", overview.channels)
      .Take();
}

Fields Of(const QueueTraits& traits) {
  return Said()
      .Add("vhost", traits.vhost)
      .Add("name", traits.name)
      .Add("kind", traits.kind)
      .Add("durable", traits.durable)
      .Add("policy", traits.policy)
      .Add("dlx", traits.dead_letter_exchange)
      .Add("key", traits.dead_letter_routing_key)
      .Take();
}

Fields Of(const Policy& policy) {
  return Said()
      .Add("vhost", policy.vhost)
      .Add("name", policy.name)
      .Add("dlx", policy.dead_letter_exchange)
      .Add("key", policy.dead_letter_routing_key)
      .Take();
}

Fields Of(const Binding& binding) {
  return Said()
      .Add("queue", binding.queue)
      .Add("exchange", binding.exchange)
      .Add("key", binding.routing_key)
      .Take();
}

template <class T>
Fields Of(const std::vector<T>& all) {
  EXPECT_EQ(all.size(), 1U);  // the replies are taken apart first
  return Of(all.at(0));
}

using Parser = std::function<std::optional<Fields>(std::string)>;

template <class T>
Parser With(Result<T> (*parse)(std::string&)) {
  return [parse](std::string body) -> std::optional<Fields> {
    Result<T> parsed = parse(body);
    if (!parsed.ok()) return std::nullopt;
    return Of(*parsed);
  };
}

// Without these there is no telling which object it is.
const std::set<std::string> kIdentity = {"vhost", "name", "destination", "destination_type",
                                         "routing_key"};

bool MayAdd(const std::string& key, const Fields& whole) {
  // The share of time has an older name, too.
  if (key == "consumer_capacity") return true;
  // Numbers of a queue that does not run are kept back.
  return key == "state" && whole.contains("running") && whole.at("running") == "false";
}

// A reply with `key` changed, against the whole one; what it lost goes to `lost`.
void Compare(const Fields& whole, const std::optional<Fields>& changed, const std::string& key,
             std::set<std::string>& lost) {
  if (!changed) {
    EXPECT_TRUE(kIdentity.contains(key)) << key << " failed the reply";
    return;
  }
  for (const auto& [name, value] : *changed) {
    if (MayAdd(key, whole)) continue;
    auto before = whole.find(name);
    ASSERT_NE(before, whole.end()) << key << " brought " << name << " " << value;
    EXPECT_EQ(value, before->second) << key << " changed " << name;
  }
  for (const auto& [name, value] : whole) {
    if (!changed->contains(name)) lost.insert(name);
  }
}

void Sweep(const std::string& json, const Parser& parse, std::set<std::string>& never_lost) {
  const std::optional<Fields> whole = parse(json);
  ASSERT_TRUE(whole.has_value()) << json;
  std::set<std::string> lost;
  for (const test::JsonSpot& spot : test::FindMembers(json)) {
    const std::optional<Fields> without = parse(test::Without(json, spot));
    Compare(*whole, without, spot.key, lost);
    if (without == whole && json[spot.value] != '{') continue;  // nobody reads it
    const bool text = json[spot.value] == '"';
    for (const char* value : {"null", "1.5", "-1", "\"1\"", "[]", "{}", "18446744073709551616"}) {
      // One text is as good as another; a list of nobody is empty.
      if (text && value[0] == '"') continue;
      if (spot.key == "partitions" && value[0] == '[') continue;
      const std::optional<Fields> changed = parse(test::Replaced(json, spot, value));
      if (spot.key == "consumer_capacity") {
        ASSERT_TRUE(changed && !changed->contains("capacity")) << value;
      } else {
        EXPECT_EQ(changed, without) << spot.key << " as " << value << " in " << json;
      }
    }
  }
  for (const auto& [name, value] : *whole) {
    if (!lost.contains(name)) never_lost.insert(name);
  }
}

struct Reply {
  const char* file;
  Parser parser;
  bool is_array;
};

class RabbitMqReplyMember : public testing::TestWithParam<std::tuple<const char*, Reply>> {};

TEST_P(RabbitMqReplyMember, FeedsWhatItSaysAndNothingElse) {
  const auto& [version, reply] = GetParam();
  const std::string text =
      test::ReadFixture(fmt::format("rabbitmq/{}/api_{}.json", version, reply.file));
  std::set<std::string> never_lost;
  if (!reply.is_array) {
    Sweep(text, reply.parser, never_lost);
  } else {
    const std::vector<std::string> elements = test::FindElements(text);
    EXPECT_FALSE(elements.empty());
    for (const std::string& element : elements) {
      Sweep("[" + element + "]", reply.parser, never_lost);
      if (HasFatalFailure()) return;
    }
  }
  for (const char* identity : {"vhost", "name", "queue", "exchange"}) never_lost.erase(identity);
  // Each is said twice: consumer_utilisation, x-queue-type, and a binding's key is its identity.
  for (const char* twice : {"capacity", "kind", "key"}) never_lost.erase(twice);
  EXPECT_EQ(never_lost, std::set<std::string>{});
}

std::vector<Reply> Replies() {
  const Parser list = With(&ParseQueueList);
  const Parser queue = With(&ParseQueue);
  const Parser overview = With(&ParseOverview);
  const Parser nodes = With(&ParseNodes);
  return {
      {"queues", list, true},
      {"queues_totals", list, true},
      {"queues_node_down", list, true},
      {"queues_disable_stats", list, true},
      {"queues_no_collector", list, true},
      {"queue_orders", queue, false},
      {"queue_quorum", queue, false},
      {"queue_stream", queue, false},
      {"overview", overview, false},
      {"overview_disable_stats", overview, false},
      {"overview_management_tag", overview, false},
      {"nodes", nodes, true},
      {"nodes_node_down", nodes, true},
      {"nodes_disable_stats", nodes, true},
      {"queues_traits", With(&ParseQueueTraits), true},
      {"policies", With(&ParsePolicies), true},
      {"bindings_dlx", With(&ParseBindings), true},
  };
}

INSTANTIATE_TEST_SUITE_P(Fixtures, RabbitMqReplyMember,
                         testing::Combine(testing::Values("3.10", "4.0"),
                                          testing::ValuesIn(Replies())),
                         [](const auto& reply) {
                           const std::string version = std::get<0>(reply.param);
                           return (version == "4.0" ? "V4_0_" : "V3_10_") +
                                  std::string(std::get<1>(reply.param).file);
                         });

}  // namespace
}  // namespace headroom::rabbitmq
