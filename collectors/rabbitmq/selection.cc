#include "collectors/rabbitmq/selection.h"

#include <re2/stringpiece.h>

#include <vector>

namespace headroom::rabbitmq {
namespace {

// StringPiece is RE2's own type in Debian 12 and another name for Abseil's in Debian 13; neither
// takes a std::string_view in both.
bool Matches(const re2::RE2& pattern, std::string_view text) {
  return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern);
}

re2::RE2::Options PatternOptions() {
  re2::RE2::Options options;
  options.set_dot_nl(true);
  options.set_log_errors(false);
  options.set_never_capture(true);
  return options;
}

std::unique_ptr<re2::RE2> AnyOf(const std::vector<std::string>& patterns) {
  if (patterns.empty()) return nullptr;
  std::string all;
  for (const std::string& pattern : patterns) {
    if (!all.empty()) all += '|';
    all += "(?:" + pattern + ")";
  }
  return std::make_unique<re2::RE2>(all, PatternOptions());
}

}  // namespace

std::optional<std::string> PatternMistake(const std::string& pattern) {
  // Alone, and in the form in which it will be used: a bracket or a \Q that stands open in one
  // pattern must not take in the next one.
  for (const std::string& form : {pattern, "(?:" + pattern + ")"}) {
    const re2::RE2 compiled(form, PatternOptions());
    if (!compiled.ok()) return compiled.error();
  }
  return std::nullopt;
}

Selection::Selection(const RabbitmqOptions& options)
    : declared_(options.queues.begin(), options.queues.end()),
      vhosts_(options.vhosts.begin(), options.vhosts.end()),
      discovers_(options.Discovers()),
      include_(AnyOf(options.include)),
      exclude_(AnyOf(options.exclude)) {}

bool Selection::Declared(std::string_view vhost, std::string_view name) const {
  if (declared_.empty()) return false;
  return declared_.contains(QueueId{std::string(vhost), std::string(name)});
}

bool Selection::Discovers(std::string_view vhost, std::string_view name) const {
  if (!discovers_) return false;
  if (!vhosts_.empty() && !vhosts_.contains(vhost)) return false;
  if (include_ && !Matches(*include_, name)) return false;
  return !exclude_ || !Matches(*exclude_, name);
}

bool Selection::Wants(std::string_view vhost, std::string_view name) const {
  return Declared(vhost, name) || Discovers(vhost, name);
}

}  // namespace headroom::rabbitmq
