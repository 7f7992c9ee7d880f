// GroupsPart: one run's reading of the part "workers", all groups of a target. Its first commands
// go with the run's batch; it asks on by itself until every group is done.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "collectors/deadline.h"
#include "collectors/reading.h"
#include "collectors/redis/client.h"
#include "collectors/redis/discovery.h"
#include "collectors/redis/group_reader.h"
#include "collectors/redis/json_fields.h"
#include "collectors/redis/options.h"

namespace headroom::redis {

// That a group is unknown, and why.
Problem ProblemOf(const WorkerOptions& group, Error error);

class GroupsPart {
 public:
  // `members`: for each of options.workers, the keys that the last run saw in the set that names
  // them; kept up to date, as is what `discovery` knows. All arguments must outlive this.
  GroupsPart(const RedisOptions& options, Discovery& discovery, std::vector<KnownKeys>& members,
             WallTime wall, SteadyTime now, JsonFields& json);

  // There is no group of which anybody knows (yet, or any more) who belongs to it. Such a part is
  // left out of a Reading: it would seem to be answered.
  bool Empty() const;
  void AddCommands(Batch& batch);
  // `replies` are those to exactly these commands. An Error: the connection failed.
  Status Read(std::span<const Reply> replies, Client& client, const Deadline& deadline,
              Reading& reading);

 private:
  // An Error: the server as a whole does not serve us.
  Status Take(std::span<const Reply> replies);
  void Finish(Part& part, Reading& reading);

  const RedisOptions& options_;
  // By group; disengaged: nobody knows who belongs to it.
  std::vector<std::optional<GroupReader>> readers_;
  std::vector<std::size_t> wanted_;  // how many commands of each are under way
};

}  // namespace headroom::redis
