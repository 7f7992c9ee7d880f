// What is wrong with a connection string, without quoting what may be part of a password.
#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "collectors/libpq/conninfo.h"
#include "collectors/libpq/numbers.h"
#include "collectors/suggest.h"

namespace headroom::pq {
namespace {

struct Fault {
  std::string_view libpq_says;
  std::string_view text;
};
constexpr std::array kFaults = {
    Fault{"missing \"=\" after",
          "a word without \"=\" (a value with spaces stands between single "
          "quotes; for a server without more write postgresql://USER@HOST:PORT)"},
    Fault{"unterminated quoted string", "a quote that is not closed"},
    Fault{"percent-encoded",
          "a % that is not followed by two hexadecimal digits (write %25 for "
          "the character itself)"},
    Fault{"%00", "a %00"},
    Fault{"separator", "a query parameter that is not name=value"},
    Fault{"looking for matching", "an IPv6 address without its closing bracket"},
    Fault{"IPv6", "an empty IPv6 address"},
    Fault{"unexpected character",
          "an unexpected character (write those of a user name or "
          "password that a URI uses itself as %XX)"},
};

std::vector<std::string> KnownKeywords() {
  std::vector<std::string> known;
  char* error = nullptr;
  PQconninfoOption* const options = ::PQconninfoParse("", &error);
  for (const PQconninfoOption* o = options; o != nullptr && o->keyword != nullptr; ++o) {
    known.emplace_back(o->keyword);
  }
  ::PQconninfoFree(options);
  ::PQfreemem(error);
  return known;
}

// What looks like a keyword may be the tail of a password with a space in it.
std::string UnknownKeyword(const std::string& conninfo, std::string_view message) {
  const std::size_t open = message.find('"');
  const std::size_t close = message.rfind('"');
  if (open == std::string_view::npos || close == open) return "an unknown word";
  const std::string_view word = message.substr(open + 1, close - open - 1);
  const bool may_be_secret =
      conninfo.find("password") != std::string::npos || conninfo.find("://") != std::string::npos;
  const std::string guess = DidYouMean(word, KnownKeywords());
  return may_be_secret ? "an unknown word" + guess
                       : fmt::format("an unknown word {}{}", Quoted(word), guess);
}

bool IsPort(std::string_view text) {
  if (text.empty()) return true;  // the usual one
  const auto port = ParseNumber<unsigned>(text);
  return port && *port >= 1 && *port <= 65535;
}

struct Choices {
  std::string_view word;
  std::string_view values;  // between blanks
};
// libpq's documentation, 34.1.2.
constexpr std::array kChoices = {
    Choices{"sslmode", " disable allow prefer require verify-ca verify-full "},
    Choices{"gssencmode", " disable prefer require "},
    Choices{"channel_binding", " disable prefer require "},
    Choices{"target_session_attrs", " any read-write read-only primary standby prefer-standby "},
};
constexpr std::array<std::string_view, 6> kNumbers = {"connect_timeout",  "keepalives",
                                                      "keepalives_idle",  "keepalives_interval",
                                                      "keepalives_count", "tcp_user_timeout"};

std::string ListFault(const Words& words) {
  const std::vector<std::string> ports = SplitList(ValueOf(words, "port"));
  if (!std::all_of(ports.begin(), ports.end(), IsPort)) {
    return "port is not a number from 1 to 65535";
  }
  // What is not here may come from a service file or the environment.
  std::string_view named = ValueOf(words, "hostaddr");
  if (named.empty()) named = ValueOf(words, "host");
  const std::size_t hosts = SplitList(named).size();
  if (named.empty() || ports.size() == 1 || ports.size() == hosts) return "";
  return fmt::format("{} ports for {} hosts: write one for all, or one for each", ports.size(),
                     hosts);
}

std::string ValueFault(const Words& words) {
  for (const auto& [word, values] : kChoices) {
    const std::string_view value = ValueOf(words, word);
    const bool known = value.find(' ') == std::string_view::npos &&
                       values.find(fmt::format(" {} ", value)) != std::string_view::npos;
    if (value.empty() || known) continue;
    return fmt::format("{} is none of{}", word, values.substr(0, values.size() - 1));
  }
  for (const std::string_view word : kNumbers) {
    const std::string_view value = ValueOf(words, word);
    if (!value.empty() && !ParseNumber<int>(value)) return fmt::format("{} is no number", word);
  }
  return ListFault(words);
}

// "mysql://h", for one.
bool HasForeignScheme(std::string_view conninfo) {
  const std::size_t end = conninfo.find("://");
  if (end == std::string_view::npos || conninfo.find('=') < end) return false;
  const std::string_view scheme = conninfo.substr(0, end);
  return scheme != "postgresql" && scheme != "postgres";
}

// "postgresql://u:12/34@h" is well formed, and means something else: host u, port 12 and the
// database 34@h, which messages would show.
bool PasswordEndsAtASlash(std::string_view conninfo) {
  const std::size_t scheme = conninfo.find("://");
  const std::size_t equals = conninfo.find('=');
  if (scheme == std::string_view::npos || equals < scheme) return false;
  conninfo = conninfo.substr(scheme + 3, conninfo.find('?') - scheme - 3);
  const std::size_t slash = conninfo.find('/');
  return slash != std::string_view::npos && conninfo.find('@', slash) != std::string_view::npos;
}

}  // namespace

std::string ConninfoFault(const std::string& conninfo) {
  if (HasForeignScheme(conninfo)) return "not a URI of libpq: write postgresql://USER@HOST:PORT";
  if (PasswordEndsAtASlash(conninfo)) {
    return "a \"/\" before the \"@\" (write %2F for one in a user name or password, and %40 for an "
           "\"@\" in the name of a database)";
  }
  if (const auto words = ParseConninfo(conninfo)) return ValueFault(*words);
  char* raw = nullptr;
  ::PQconninfoFree(::PQconninfoParse(conninfo.c_str(), &raw));
  const std::string message = raw == nullptr ? "" : raw;
  ::PQfreemem(raw);
  for (const std::string_view unknown : {"invalid connection option", "invalid URI query"}) {
    if (message.starts_with(unknown)) return UnknownKeyword(conninfo, message);
  }
  // By what stands before the first quotation: what comes after is the user's.
  const std::string_view words =
      std::string_view(message).substr(0, message.find('"', message.find("\"=\"") + 3));
  for (const Fault& fault : kFaults) {
    if (words.find(fault.libpq_says) != std::string_view::npos) return std::string(fault.text);
  }
  return "it is not a connection string of libpq";
}

bool HoldsPassword(const std::string& conninfo) {
  const auto words = ParseConninfo(conninfo);
  if (!words) return false;
  for (const std::string_view keyword : {"password", "sslpassword"}) {
    const auto found = words->find(keyword);
    if (found != words->end() && !found->second.empty()) return true;
  }
  return false;
}

}  // namespace headroom::pq
