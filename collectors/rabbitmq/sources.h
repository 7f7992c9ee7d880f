// Sources: the rows of one run, from whichever source the configuration and the moment allow.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collectors/deadline.h"
#include "collectors/rabbitmq/counter_guard.h"
#include "collectors/rabbitmq/management_source.h"
#include "collectors/rabbitmq/options.h"
#include "collectors/rabbitmq/plugin_source.h"
#include "collectors/rabbitmq/queue_row.h"
#include "collectors/rabbitmq/source_choice.h"
#include "collectors/result.h"

namespace headroom::rabbitmq {

// What one run got.
struct SourceReply {
  Result<ServerView> server;              // an Error also when no management API is configured
  std::optional<PluginView> plugin = {};  // when it was asked; its rows have been moved out
  Choice choice = {};
  std::vector<QueueRow> rows = {};  // none when the way is kByName
  // Every node of the cluster is running and has answered: what is not in the rows is nowhere, or
  // has no statistics.
  bool whole = false;
  std::optional<int> version = {};  // major
  bool has_rates = false;           // can the way that was taken tell counters at all?
  // The span of time in which counters may be compared, over this many nodes. Disengaged: a node
  // did not answer, so that no sum is whole.
  std::optional<std::uint64_t> epoch = {};
  bool from_zero = false;  // see Epochs
  std::size_t nodes = 1;
};

class Sources {
 public:
  explicit Sources(const RabbitmqOptions& options);

  // An Error when no source has the messages of the queues.
  Result<SourceReply> Read(const Deadline& deadline);
  // Null when it is not configured.
  ManagementSource* management() { return management_.get(); }

 private:
  Result<ServerView> AskServer(const Deadline& deadline);
  // Of the cluster: as the management API knows them, else as they are configured.
  std::size_t NodesOf(const SourceReply& reply) const;
  // Is there another source than the plugin in this run?
  bool HasOther(const SourceReply& reply) const;
  Status ReadPlugin(SourceReply& reply, const Deadline& deadline);
  Status ReadManagement(SourceReply& reply, const Deadline& deadline);
  void SetEpoch(SourceReply& reply);

  const RabbitmqOptions options_;
  std::unique_ptr<ManagementSource> management_;
  std::unique_ptr<PluginSource> plugin_;
  std::optional<int> version_;
  Epochs epochs_;
};

}  // namespace headroom::rabbitmq
