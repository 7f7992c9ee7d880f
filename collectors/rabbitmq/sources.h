// Sources: the rows of one run, from whichever source the configuration and the moment allow.
#pragma once

#include <algorithm>
#include <cstddef>
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
#include "collectors/rabbitmq/selection.h"
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
  std::optional<int> version = {};     // major
  std::optional<Error> no_rates = {};  // why the way that was taken cannot tell counters
  // The span of time in which counters may be compared, over this many nodes. Disengaged: there are
  // none.
  std::optional<std::uint64_t> epoch = {};
  std::uint64_t restarts = 0;  // see Epochs
  std::size_t nodes = 1;

  // Are there queues that the pages have but cannot tell?
  bool Unreadable() const { return choice.way == Way::kPlugin && plugin->unreadable > 0; }
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
  // Of the cluster: as the management API knew them last, else as they are configured.
  std::size_t Nodes() const { return std::max(known_nodes_, options_.plugins.size()); }
  // Is there another source than the plugin in this run?
  bool HasOther(const SourceReply& reply) const;
  Status ReadPlugin(SourceReply& reply, const Deadline& deadline);
  Status ReadManagement(SourceReply& reply, const Deadline& deadline);
  // Is a queue of ours fed by several exchanges, which the page counts one by one?
  bool SplitsPublished(const PluginView& view) const;
  std::optional<Error> WhyNoRates(const SourceReply& reply) const;
  void SetEpoch(SourceReply& reply, SteadyTime now);

  const RabbitmqOptions options_;
  std::unique_ptr<ManagementSource> management_;
  std::unique_ptr<PluginSource> plugin_;
  const Selection selection_;
  std::optional<int> version_;
  std::size_t known_nodes_ = 0;
  bool split_published_ = false;  // was seen, and may be so again at any time
  Epochs epochs_;
};

}  // namespace headroom::rabbitmq
