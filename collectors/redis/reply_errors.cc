#include "collectors/redis/reply_errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <string_view>

namespace headroom::redis {
namespace {

struct Meaning {
  std::string_view begins;  // the first word, or "ERR" and the beginning of its text
  ErrorKind kind;
  std::string_view advice;
};

constexpr std::string_view kGiveCredentials = "set password_file or password_env (and the user)";

// Redis 7.0's texts. The first match counts.
constexpr std::array kMeanings = {
    Meaning{"NOAUTH", ErrorKind::kAuth, kGiveCredentials},
    Meaning{"WRONGPASS", ErrorKind::kAuth, "check the user, and password_file or password_env"},
    Meaning{"DENIED", ErrorKind::kAuth, kGiveCredentials},  // protected mode
    Meaning{"NOPERM", ErrorKind::kPermission, "give the user the right by ACL SETUSER"},
    Meaning{"LOADING", ErrorKind::kConnect, ""},
    Meaning{"MASTERDOWN", ErrorKind::kConnect, ""},
    Meaning{"CLUSTERDOWN", ErrorKind::kConnect, ""},
    Meaning{"TRYAGAIN", ErrorKind::kConnect, ""},
    Meaning{"BUSY", ErrorKind::kTimeout, ""},
    Meaning{"MOVED", ErrorKind::kUnsupported, "the key is on another node of the cluster"},
    Meaning{"ASK", ErrorKind::kUnsupported, "the key moves to another node of the cluster"},
    Meaning{"CROSSSLOT", ErrorKind::kUnsupported, ""},
    Meaning{"WRONGTYPE", ErrorKind::kUnsupported, ""},
    Meaning{"ERR max number of clients", ErrorKind::kLimit, "raise maxclients"},
    Meaning{"ERR unknown command", ErrorKind::kUnsupported, ""},
    Meaning{"ERR unknown subcommand", ErrorKind::kUnsupported, ""},
};

bool Matches(const Meaning& meaning, const Reply& reply) {
  const bool one_word = meaning.begins.find(' ') == std::string_view::npos;
  return one_word ? FirstWord(reply) == meaning.begins : reply.text.starts_with(meaning.begins);
}

// Printable ASCII, at most about 200 bytes of it: error texts repeat what the command said, key
// names included.
std::string Printable(std::string_view text) {
  constexpr std::size_t kMaxBytes = 200;
  std::string printable;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (printable.size() >= kMaxBytes) return printable + "...";
    if (byte >= 0x20 && byte < 0x7f) {
      printable += c;
    } else {
      fmt::format_to(std::back_inserter(printable), "\\x{:02x}", byte);
    }
  }
  return printable;
}

}  // namespace

std::string_view FirstWord(const Reply& reply) {
  return std::string_view(reply.text).substr(0, reply.text.find(' '));
}

bool IsWrongType(const Reply& reply) { return reply.IsError() && FirstWord(reply) == "WRONGTYPE"; }

bool ConcernsServer(const Reply& reply) {
  const std::string_view word = FirstWord(reply);
  return word != "WRONGTYPE" && word != "NOPERM" && word != "ERR";
}

Error ToError(const Reply& reply) {
  const std::string text = Printable(reply.text);
  const auto* meaning = std::find_if(kMeanings.begin(), kMeanings.end(),
                                     [&](const Meaning& m) { return Matches(m, reply); });
  if (meaning == kMeanings.end()) return Error{ErrorKind::kProtocol, text};
  if (meaning->advice.empty()) return Error{meaning->kind, text};
  return Error{meaning->kind, fmt::format("{} ({})", text, meaning->advice)};
}

}  // namespace headroom::redis
