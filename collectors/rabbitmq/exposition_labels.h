// The label part of a sample, strictly: `vhost="/",queue="orders"`. Pure; allocates only to decode.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace headroom::rabbitmq {

// Does the writer escape backslash, quote and line feed in label values? RabbitMQ 4.0.5 does,
// 3.10.8 does not (both tried; the fix is rabbitmq-server#9656).
enum class Escaping { kNone, kStandard };

// Labels of one sample, at most kMax of them, each name once.
class Labels {
 public:
  // Any order, spaces around the tokens, a comma at the end. Disengaged: not of that form. Without
  // escaping also when a value has a backslash: then `a\\b` may be the name of one queue as it is,
  // or of another one escaped. (A quote in a value never fits the form: the writer puts two around
  // each value, so that a text with as many quotes as the form needs has none left for a value.)
  static std::optional<Labels> Parse(std::string_view text, Escaping escaping);

  std::size_t size() const { return size_; }
  // The value, decoded; decoded text that is not in the page goes to `storage`, which must outlive
  // it. Disengaged: there is no such label.
  std::optional<std::string_view> Get(std::string_view name,
                                      std::deque<std::string>& storage) const;

 private:
  static constexpr std::size_t kMax = 8;
  struct Label {
    std::string_view name;
    std::string_view value;  // as it is written
    bool escaped = false;    // it has a backslash
  };
  const Label* Find(std::string_view name) const;

  std::array<Label, kMax> labels_;
  std::size_t size_ = 0;
};

}  // namespace headroom::rabbitmq
