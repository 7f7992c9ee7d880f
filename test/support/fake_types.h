// Collector types that read keys as the real ones do but collect nothing: for tests of the
// configuration.
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <span>

#include "collectors/collector.h"
#include "collectors/options.h"
#include "collectors/redis/flags.h"

namespace headroom::test {

class NothingCollector final : public Collector {
 public:
  Result<Reading> Collect(const Deadline&) override { return Reading{}; }
};

inline CollectorFactory MakeNothing() {
  return [](const Clock&) { return std::make_unique<NothingCollector>(); };
}

inline DeclaredGroup ReadFakeWorkers(OptionsReader& group) {
  DeclaredGroup declared;
  group.Require("group");
  declared.group = group.Name("group");
  group.String("keys");
  group.String("state_field");
  declared.states = group.Strings("states");
  declared.knows_staleness = group.String("heartbeat_field").has_value();
  group.DurationAtLeast("heartbeat_ttl", std::chrono::seconds(1));
  group.DurationAtLeast("stale_after", std::chrono::seconds(1));
  group.Finish();
  return declared;
}

// The keys of [[redis]] in the shape that the documentation shows.
inline ParsedTarget ParseFakeRedis(OptionsReader& options) {
  options.Require("url");
  options.ExpandedString("url");
  options.SecretFrom("password");
  options.Strings("lists");
  options.Strings("list_patterns");
  options.DurationAtLeast("discovery_interval", std::chrono::milliseconds(100));
  options.DurationAtLeast("pattern_ttl", std::chrono::seconds(1));
  options.Integer("db", 0, 1'000'000);
  options.Bool("strict");
  if (auto tls = options.Table("tls")) {
    tls->String("ca_file");
    tls->Finish();
  }
  for (OptionsReader& queue : options.Tables("queues")) {
    queue.Require("name");
    queue.String("name");
    queue.OneOf("kind", {"list", "zset"});
    queue.Number("weight", 0, 10);
    queue.Finish();
  }
  ParsedTarget parsed;
  for (OptionsReader& group : options.Tables("workers")) {
    parsed.groups.push_back(ReadFakeWorkers(group));
  }
  parsed.declare = [](const QueueName&) { return DeclaredQueue{.db = "0", .added = true}; };
  if (options.ok()) parsed.make = MakeNothing();
  return parsed;
}

inline ParsedTarget ParseFakeBroker(OptionsReader& options) {
  options.ExpandedString("url");
  return {options.ok() ? MakeNothing() : CollectorFactory(), {}};
}

// Names the server behind it, and may name another one per database.
inline ParsedTarget ParseFakePooler(OptionsReader& options) {
  options.ExpandedString("dsn");
  ParsedTarget parsed;
  const auto link = [&parsed](OptionsReader& table) {
    const auto server = table.String("postgresql");
    if (!server || server->empty()) return;
    parsed.links.push_back(
        {*server, "postgresql", table.PlaceOf("postgresql"), table.KeyPath("postgresql")});
  };
  link(options);
  for (OptionsReader& database : options.Tables("databases")) {
    database.Require("name");
    database.String("name");
    link(database);
    database.Finish();
  }
  if (options.ok()) parsed.make = MakeNothing();
  return parsed;
}

inline std::span<const CollectorType> FakeTypes() {
  static const std::array<CollectorType, 4> types = {{
      {.system = "redis",
       .parse = &ParseFakeRedis,
       .facts = {},
       .parts = {},
       .min_sample_interval = std::chrono::milliseconds(50),
       .flags = redis::kFlags},
      {.system = "broker",
       .parse = &ParseFakeBroker,
       .facts = {},
       .parts = {},
       .min_sample_interval = std::chrono::seconds(5),
       .flags = {}},
      {.system = "postgresql",
       .parse = &ParseFakeBroker,
       .facts = {},
       .parts = {},
       .min_sample_interval = std::chrono::seconds(1),
       .flags = {}},
      {.system = "pgbouncer",
       .parse = &ParseFakePooler,
       .facts = {},
       .parts = {},
       .min_sample_interval = std::chrono::milliseconds(50),
       .flags = {}},
  }};
  return types;
}

}  // namespace headroom::test
