// Selection: which queues of a broker the target is about.
//
// Regular expressions are RE2's: linear in the length of the name, whatever the pattern and
// whatever a hostile name looks like.
#pragma once

#include <re2/re2.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "collectors/rabbitmq/options.h"

namespace headroom::rabbitmq {

// What is wrong with a pattern, in RE2's words; disengaged: nothing.
std::optional<std::string> PatternMistake(const std::string& pattern);

class Selection {
 public:
  // Precondition: no pattern has a mistake.
  explicit Selection(const RabbitmqOptions& options);

  bool Declared(std::string_view vhost, std::string_view name) const;
  // Declared, or one to discover.
  bool Wants(std::string_view vhost, std::string_view name) const;

 private:
  bool Discovers(std::string_view vhost, std::string_view name) const;

  std::set<QueueId> declared_;
  std::set<std::string, std::less<>> vhosts_;  // empty: all
  bool discovers_;
  std::unique_ptr<re2::RE2> include_;  // null: every name
  std::unique_ptr<re2::RE2> exclude_;  // null: none
};

}  // namespace headroom::rabbitmq
