// RedisCollector: lists, sorted sets, worker groups and the server's own facts from one standalone
// Redis (or Valkey) server.
//
// One run is one pipelined batch; a second follows only where the first says what else to ask.
// Cluster and Sentinel will come in here, in place of `client_`, as something that finds the node
// and hands out a connected Client; the rest of the collector does not know where it is connected.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collectors/collector.h"
#include "collectors/redis/client.h"
#include "collectors/redis/discovery.h"
#include "collectors/redis/json_fields.h"
#include "collectors/redis/options.h"
#include "collectors/redis/queues_part.h"

namespace headroom::redis {

class RedisCollector final : public Collector {
 public:
  RedisCollector(RedisOptions options, const Clock& clock);

  Result<Reading> Collect(const Deadline& deadline) override;
  std::optional<SteadyTime> NextDiscovery() const override;
  Status DiscoverSlice(const Deadline& deadline) override;
  bool Discovered() const override { return discovery_.Complete(); }

 private:
  Status Connect(const Deadline& deadline);
  // What INFO says about whether the keys can be believed; by default nothing.
  struct ServerState {
    bool cut_off = false;  // a replica without its primary
    bool of_a_cluster = false;
    std::string run_id;  // empty: not said
  };
  // Reports its part. An Error: the server serves nobody.
  Result<ServerState> ReadServer(const Reply& reply, Reading& reading) const;
  bool MayBeAnother(const std::string& run_id) const;
  // At the first run after the replica was cut off from its primary, and of another server.
  void LookForGroupsAnew(SteadyTime now, Reading& reading);
  void TakeOutPartsOfAWhole(Reading& reading) const;
  // Those that discovery finds the keys of.
  void TakeOutFoundGroups(Reading& reading) const;
  // The part, and the groups that are unknown because discovery fails.
  void ReadDiscovery(SteadyTime now, Reading& reading) const;

  const RedisOptions options_;
  QueueNames declared_names_;
  const Clock& clock_;
  Client client_;
  Discovery discovery_;
  Duration fastest_slice_ = Duration::max();  // on the present connection, with its round trip
  std::vector<KnownKeys> members_;            // of groups that are named by a set; by group
  JsonFields json_;
  bool cut_off_ = false;              // at the last run: a replica without its primary
  std::string run_id_;                // at the last run; empty: not said
  std::uint64_t run_connection_ = 0;  // which was the last run's
};

// The row of the collector table.
CollectorType RedisCollectorType();

}  // namespace headroom::redis
