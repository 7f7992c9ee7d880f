// RedisCollector: lists, sorted sets, worker groups and the server's own facts from one standalone
// Redis (or Valkey) server.
//
// One run is one pipelined batch; a second follows only where the first says what else to ask.
// Cluster and Sentinel will come in here, in place of `client_`, as something that finds the node
// and hands out a connected Client; the rest of the collector does not know where it is connected.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "collectors/collector.h"
#include "collectors/redis/client.h"
#include "collectors/redis/discovery.h"
#include "collectors/redis/group_reader.h"
#include "collectors/redis/json_fields.h"
#include "collectors/redis/options.h"

namespace headroom::redis {

class RedisCollector final : public Collector {
 public:
  RedisCollector(RedisOptions options, const Clock& clock);

  Result<Reading> Collect(const Deadline& deadline) override;
  std::optional<SteadyTime> NextDiscovery() const override;
  Status DiscoverSlice(const Deadline& deadline) override;
  bool Discovered() const override { return discovery_.Complete(); }

 private:
  class Refusals;
  Status Connect(const Deadline& deadline);
  // Each reads its own replies and reports its part.
  // True: it is a replica that is cut off from its primary.
  bool ReadServer(const Reply& reply, Reading& reading) const;
  void ReadQueues(std::span<const Reply> replies, WallTime wall, SteadyTime now, Reading& reading);
  std::optional<Error> ReadDeclared(std::span<const Reply>& replies, WallTime wall,
                                    Refusals& refusals, Reading& reading);
  std::optional<Error> ReadDiscovered(std::span<const Reply> replies, SteadyTime now,
                                      Refusals& refusals, Reading& reading);
  // At the first run after the replica was cut off from its primary.
  void LookForGroupsAnew(SteadyTime now, Reading& reading);
  // The part, and the groups that are unknown because discovery fails.
  void ReadDiscovery(SteadyTime now, Reading& reading) const;
  // Disengaged: a group of which nobody knows (yet, or any more) who belongs to it.
  std::vector<std::optional<GroupReader>> MakeGroupReaders(WallTime wall, SteadyTime now);
  // Takes what is left of the first batch, then asks on until every group is done. An Error: the
  // connection failed.
  Status ReadGroups(std::vector<std::optional<GroupReader>>& groups,
                    const std::vector<std::size_t>& counts, std::span<const Reply> replies,
                    const Deadline& deadline, Reading& reading);
  bool ReadsQueues() const { return !options_.queues.empty() || !options_.list_patterns.empty(); }

  const RedisOptions options_;
  std::set<std::string, std::less<>> declared_names_;
  const Clock& clock_;
  Client client_;
  Discovery discovery_;
  Duration fastest_slice_ = Duration::max();  // on the present connection, with its round trip
  std::vector<KnownKeys> members_;            // of groups that are named by a set; by group
  JsonFields json_;
  bool cut_off_ = false;  // at the last run: a replica without its primary
};

// The row of the collector table.
CollectorType RedisCollectorType();

}  // namespace headroom::redis
