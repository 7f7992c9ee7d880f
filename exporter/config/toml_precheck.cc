#include "exporter/config/toml_precheck.h"

#include <fmt/format.h>

#include <utility>

namespace headroom {
namespace {

class Scanner {
 public:
  Scanner(std::string_view text, std::size_t max) : text_(text), max_(max) {}

  std::optional<TomlFault> Run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        SkipComment();
      } else if (c == '"' || c == '\'') {
        SkipString(c);
      } else {
        Count(c);
        if (brackets_ > max_ || dots_ > max_) {
          return Fault(fmt::format("nested deeper than {} levels", max_));
        }
        ++at_;
      }
    }
    return std::nullopt;
  }

 private:
  void SkipComment() {
    while (at_ < text_.size() && text_[at_] != '\n') ++at_;
  }

  void SkipString(char quote) {
    const bool multi_line = text_.substr(at_).starts_with(quote == '"' ? R"(""")" : "'''");
    const std::size_t width = multi_line ? 3 : 1;
    at_ += width;
    while (at_ < text_.size()) {
      if (text_[at_] == '\\' && quote == '"') {
        at_ += 2;
      } else if (text_[at_] == '\n' && !multi_line) {
        return;  // not TOML: the parser will say so
      } else if (text_[at_] == quote && (!multi_line || EndsHere(quote))) {
        at_ += width;
        // Up to two quotes may stand just before the closing three.
        while (multi_line && at_ < text_.size() && text_[at_] == quote) ++at_;
        return;
      } else {
        ++at_;
      }
    }
  }

  bool EndsHere(char quote) const {
    return at_ + 2 < text_.size() && text_[at_ + 1] == quote && text_[at_ + 2] == quote;
  }

  // The dots of a key stand between its parts; whatever ends a key ends the count.
  void Count(char c) {
    switch (c) {
      case '[':
      case '{':
        ++brackets_;
        dots_ = 0;
        break;
      case ']':
      case '}':
        if (brackets_ > 0) --brackets_;
        dots_ = 0;
        break;
      case '=':
      case ',':
      case '\n':
        dots_ = 0;
        break;
      case '.':
        ++dots_;
        break;
      default:
        break;
    }
  }

  // Columns count characters, as those of the parser do.
  TomlFault Fault(std::string message) const {
    TomlFault fault{1, 1, std::move(message)};
    for (const char c : text_.substr(0, at_)) {
      if (c == '\n') {
        ++fault.line;
        fault.column = 1;
      } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
        ++fault.column;
      }
    }
    return fault;
  }

  std::string_view text_;
  std::size_t max_;
  std::size_t at_ = 0;
  std::size_t brackets_ = 0;
  std::size_t dots_ = 0;
};

}  // namespace

std::optional<TomlFault> CheckBeforeParsing(std::string_view text, std::size_t max_depth) {
  return Scanner(text, max_depth).Run();
}

}  // namespace headroom
