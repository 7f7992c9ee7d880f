// QueuesPart: one run's reading of the part "queues", declared queues and discovered lists. It says
// which commands to send and takes their replies. Does no I/O itself.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "collectors/reading.h"
#include "collectors/redis/client.h"
#include "collectors/redis/json_fields.h"
#include "collectors/redis/known_keys.h"
#include "collectors/redis/options.h"
#include "collectors/redis/refusals.h"

namespace headroom::redis {

using QueueNames = std::set<std::string, std::less<>>;

class QueuesPart {
 public:
  struct Times {
    WallTime wall;
    SteadyTime now;
  };
  // `declared`: the names of options.queues. `lists`: what discovery knows, nullptr before its
  // first pass; lists that are gone, or have been empty for pattern_ttl, are taken out of it. All
  // arguments must outlive this.
  QueuesPart(const RedisOptions& options, const QueueNames& declared, KnownKeys* lists, Times times,
             JsonFields& json);

  // Nothing can be asked yet. Such a part is left out of a Reading: it would seem to be answered.
  bool Empty() const { return options_.queues.empty() && lists_ == nullptr; }
  void AddCommands(Batch& batch) const;
  // The replies to exactly those commands.
  void Read(std::span<const Reply> replies, Reading& reading);

 private:
  // Each takes its own replies off the front. An Error: the server as a whole does not serve us.
  std::optional<Error> ReadDeclared(std::span<const Reply>& replies, Reading& reading);
  std::optional<Error> ReadDiscovered(std::span<const Reply> replies, Reading& reading);
  // Whether the list is still one to ask for; a queue in `reading` if it is one to show.
  bool TakeList(const std::string& key, KnownKey& known, std::optional<std::uint64_t> length,
                Reading& reading) const;

  const RedisOptions& options_;
  const QueueNames& declared_;
  KnownKeys* const lists_;
  const Times times_;
  JsonFields& json_;
  Refusals refusals_;
};

}  // namespace headroom::redis
