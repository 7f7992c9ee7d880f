// InfoPass: what changes rarely about the queues of a broker, asked for rarely.
//
// A pass asks for a listing without statistics (RabbitMQ 3.10.8: about 50 us of the broker's CPU
// per queue), the policies, and the bindings of each dead-letter exchange; a slice is one of these
// requests. The listing cannot be had in bounded slices: its pages cost the broker more each than
// the whole. So the interval is minutes, and never less than ten times what a pass took.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "collectors/clock.h"
#include "collectors/deadline.h"
#include "collectors/rabbitmq/dead_letters.h"
#include "collectors/rabbitmq/management_reply.h"
#include "collectors/rabbitmq/management_source.h"
#include "collectors/rabbitmq/options.h"
#include "collectors/reading.h"
#include "collectors/result.h"

namespace headroom::rabbitmq {

class InfoPass {
 public:
  InfoPass(const RabbitmqOptions& options, SteadyTime now);

  // Somebody needs the names that a plugin's page could not show. From then on passes are made
  // even if no reading asks for them.
  void NeedNames() { names_needed_ = true; }
  // Somebody has rows that do not tell which queues have priorities. Likewise.
  void NeedPriorities() { priorities_needed_ = true; }
  bool HasWork() const {
    return options_.management && (options_.wanted.info || names_needed_ || priorities_needed_);
  }
  SteadyTime Next() const { return next_; }
  // Precondition: HasWork().
  Status Slice(ManagementSource& management, const Deadline& deadline);

  // A pass has been completed, or none is needed, or the last one failed.
  bool Complete() const { return !HasWork() || completed_at_ || error_; }
  std::optional<SteadyTime> completed_at() const { return completed_at_; }
  // A listing has told every name since NeedNames() was called.
  bool KnowsNames() const { return names_listed_; }
  const std::optional<Error>& error() const { return error_; }

  // Adds what the last listing says about the queue, and the last complete pass unless one has
  // failed since, if the reading is asked for.
  void Describe(Queue& queue) const;
  // Whether x-max-priority is among its arguments; disengaged: no listing has told. An argument
  // never changes: a pass that fails takes nothing away from this.
  std::optional<bool> Priorities(const QueueId& id) const;
  // Engaged: the rows do not tell, no listing ever has, and why.
  std::optional<Error> WhyNoPriorities() const {
    return priorities_needed_ && !listed_ ? error_ : std::nullopt;
  }
  // Every queue there was, once NeedNames() has been called.
  const std::vector<QueueId>& Names() const { return names_; }

 private:
  struct Known {
    std::string kind;
    std::optional<bool> durable;
    bool priorities = false;
    bool judged = false;  // a complete pass knows whether dead letters end up in it
  };
  // What a pass has gathered so far.
  struct Pass {
    SteadyTime started;
    Duration cost = Duration::zero();
    std::vector<QueueTraits> traits;
    std::optional<std::vector<Policy>> policies;
    Exchanges exchanges;
    std::set<ObjectId> to_ask;
    bool TooMuch() const;
  };
  Status Step(ManagementSource& management, const Deadline& deadline);
  Status ReadTraits(ManagementSource& management, const Deadline& deadline);
  Status ReadExchange(ManagementSource& management, const Deadline& deadline);
  // Keeps what the listing tells, whatever becomes of the rest of the pass.
  void KeepTraits();
  void Finish();
  void EndPass(SteadyTime now, Duration rest);

  const RabbitmqOptions& options_;  // the collector's
  SteadyTime next_;
  bool names_needed_ = false;
  bool priorities_needed_ = false;
  std::unique_ptr<Pass> pass_;  // null between passes
  bool listed_ = false;
  bool names_listed_ = false;
  std::optional<SteadyTime> completed_at_;
  std::optional<Error> error_;
  std::map<ObjectId, Known> known_;
  DeadLetters dead_letters_;
  std::vector<QueueId> names_;
};

}  // namespace headroom::rabbitmq
