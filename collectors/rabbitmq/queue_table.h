// Joins the families of one page by queue, and decides which queues can be told for certain.
//
// Threads: an instance belongs to one thread.
//
// The rule: no number is ever given to a queue that is not its own. The adversary chooses names of
// vhosts and queues and knows that the writer (RabbitMQ 3.10) puts them into the page as they are.
//
// Without a line feed in a name, the form of the label part decides: see Labels::Parse.
//
// With one (3.10 takes it in an import of definitions) a name forges lines: the
// first line of what is written for it is cut short and may read as a sample of a queue x with a
// number of the adversary's choice; the others are his as a whole, but for the number at the end of
// the last. What gives them away: a row of the broker's table is written once in each family of
// that table, with the same text after the family's name. So each whole line of his is a sample of
// one family at most, and stands in other families' blocks as a stray (comments and empty lines are
// strays everywhere, and a forged "# TYPE" comes as often as there are families). Therefore
// - the queue that a stray names is not told, wherever else it stands: that is his whole lines;
// - the queue of the line before a stray is not told: that is x, in all blocks but one at most;
// - a queue is told only if it stands, once, in every family of the table queue_coarse_metrics that
//   the page has, and these must be two or more, or there would be nowhere to be a stray;
// - a family that begins twice spoils the page (text_page.cc).
// What is outside of this proof: a forging queue that stands in no family of queue_coarse_metrics
// but in the one family of another table (queue_consumer_count), because it was deleted while the
// broker read one table after the other. It may then add to a queue of which the page does not say
// that number; never to ready, unacked, or what the page says itself.
//
// With a writer that escapes the same rules hold, but for the third.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "collectors/rabbitmq/exposition_labels.h"
#include "collectors/rabbitmq/queue_row.h"

namespace headroom::rabbitmq {

// One number of a queue, each a family of the page.
enum class QueueField : std::uint8_t {
  kReady,  // the three of queue_coarse_metrics come first
  kUnacked,
  kMessages,
  kConsumers,
  kCapacity,
  kMemory,
  kHeadTimestamp,
  kGetAck,
  kGetNoAck,
  kDeliveredAck,
  kDeliveredNoAck,
  kRedelivered,
  kAcknowledged,
};
inline constexpr std::size_t kQueueFields = 13;
inline constexpr std::size_t kCoarseFields = 3;

// All texts are views into the page, which must outlive the table.
class QueueTable {
 public:
  void BeginFamily(QueueField field);
  void Add(QueueField field, std::string_view labels, std::string_view tail);
  // One row per exchange through which the queue has got messages. The broker drops a row with its
  // exchange (tried with 4.0.5), so that a sum would go backwards: published is told only of queues
  // that have one row.
  void AddPublished(std::string_view labels, std::string_view tail);
  void AddInfo(std::string_view labels);  // queue_info, RabbitMQ 4.1
  // Nothing that stands under these labels can be told.
  void Distrust(std::string_view labels);

  struct Told {
    std::vector<QueueRow> rows;  // sorted
    std::size_t unreadable = 0;  // queues, not lines
  };
  Told Tell(Escaping escaping) const;

 private:
  struct Slot {  // what stands under one label text
    std::string_view labels;
    std::array<double, kQueueFields> values{};  // those that are seen
    std::uint32_t seen = 0;                     // a bit per field
    bool distrusted = false;
  };
  struct Published {
    std::string_view labels;
    std::optional<double> value;
  };
  // A label text as the queue that it names: of a slot, of a row with an exchange, or of an info.
  struct Entry {
    std::string_view vhost;
    std::string_view name;
    const Slot* slot = nullptr;
    const Published* published = nullptr;
    std::string_view type;
  };
  struct Naming;
  struct Joined;

  Slot& Find(std::string_view labels);
  Naming NameQueues(Escaping escaping) const;
  bool IsCorroborated(const Slot& slot) const;

  std::vector<Slot> slots_;
  std::unordered_map<std::string_view, std::size_t> slot_of_;
  std::size_t next_ = 0;  // where the next text probably is: the families have the same order
  std::vector<Published> published_;
  std::vector<std::string_view> infos_;
  std::uint32_t families_ = 0;  // that the page has, a bit per field
};

}  // namespace headroom::rabbitmq
