// RabbitmqCollector: the queues and nodes of one RabbitMQ broker or cluster.
//
// Two sources can fill the same rows: the management API and the Prometheus plugin of each node
// (source_choice.h says which is taken). What the rows leave open about a queue that somebody
// relies on is looked up by name in the management API, a bounded number per run.
//
// What makes a queue 0 rather than unknown: a source says so, or the management API says that there
// is no such queue while every node of the cluster is running and has answered.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "collectors/collector.h"
#include "collectors/rabbitmq/info_pass.h"
#include "collectors/rabbitmq/options.h"
#include "collectors/rabbitmq/queue_book.h"
#include "collectors/rabbitmq/selection.h"
#include "collectors/rabbitmq/sources.h"

namespace headroom::rabbitmq {

class RabbitmqCollector final : public Collector {
 public:
  RabbitmqCollector(const RabbitmqOptions& options, const Clock& clock);

  Result<Reading> Collect(const Deadline& deadline) override;
  std::optional<SteadyTime> NextDiscovery() const override;
  Status DiscoverSlice(const Deadline& deadline) override;
  bool Discovered() const override { return info_.Complete(); }

 private:
  // Returns the declared queues that the rows answer for.
  std::vector<QueueId> AddRows(const SourceReply& reply, const RunFacts& run, Reading& reading);
  void AddPageProblems(const SourceReply& reply, Reading& reading);
  void AddListingProblem(const SourceReply& reply, const RunFacts& run, Reading& reading);
  // The queues that the rows leave open; in none of the lists twice.
  struct OpenQueues {
    std::vector<QueueId> declared;
    std::vector<QueueId> hidden;    // there as it seems, but no page tells their numbers
    std::vector<QueueId> vanished;  // were there before
  };
  OpenQueues Open(const std::vector<QueueId>& answered, const SourceReply& reply,
                  const RunFacts& run);
  // One after the other, in the order of the lists: who lives comes before who has gone.
  void LookUp(const OpenQueues& open, const SourceReply& reply, const RunFacts& run,
              const Deadline& deadline, Reading& reading);
  struct Lookups;  // those of a run
  void LookUpDeclared(const QueueId& id, Lookups& lookups);
  void LookUpVanished(const QueueId& id, Lookups& lookups);
  void Ask(const QueueId& id, const Deadline& deadline, Lookups& lookups);
  // The outcome of one lookup. An Error: there is no use in another one.
  Status LookUpOne(const QueueId& id, const SourceReply& reply, const RunFacts& run,
                   const Deadline& deadline, Reading& reading);
  // The queue of a row, with what a pass knows of it.
  Queue Describe(const QueueRow& row, bool declared, const RunFacts& run);
  // Why a queue that the broker listed has no number.
  static Error WhyUnknown(const QueueRow& row);
  void AddUnknown(const QueueId& id, Error error, Reading& reading) const;
  void AddParts(const SourceReply& reply, Reading& reading) const;

  const RabbitmqOptions options_;
  const Clock& clock_;
  const Selection selection_;
  Sources sources_;
  QueueBook book_;
  InfoPass info_;
  std::optional<SteadyTime> nothing_listed_since_;  // of a broker that has queues
  // Where the next run's lookups begin.
  std::size_t declared_turn_ = 0;
  std::size_t hidden_turn_ = 0;
};

// The row of the collector table.
CollectorType RabbitmqCollectorType();

}  // namespace headroom::rabbitmq
