// Connection strings as libpq understands them, taken apart and put together again.
//
// Threads: safe from any thread. Nothing here uses the network, except that a service file which
// names an LDAP server makes libpq ask it (libpq's documentation, 34.18): do not use those here.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/libpq/connection.h"
#include "collectors/result.h"

namespace headroom::pq {

// Keyword to value. A keyword with an empty value is not the same as none: it says that neither
// service file nor environment is to fill it.
using Words = std::map<std::string, std::string, std::less<>>;

// Disengaged when ConninfoFault() has something to say about its form.
std::optional<Words> ParseConninfo(const std::string& conninfo);
// Empty: not there, or there and empty, which libpq takes for the same wherever it is not about
// service file and environment.
std::string_view ValueOf(const Words& words, std::string_view word);
// As key='value', for PQconnectStart. (PQconnectStartParams takes an empty value for none.)
std::string FormatConninfo(const Words& words);

struct Merged {
  // What the words, the service file and the environment say, in this order; not what is compiled
  // into libpq.
  Words words;
  // That of .pgpass included, looked up for the first host.
  std::string password;
  // Why the password file is not to be used, empty when it may be. libpq would print this to our
  // stderr, at each connect; who connects with these words gives it kNoPassfile instead.
  std::string passfile_fault;
};
// Is never there, and libpq says nothing about that.
inline constexpr std::string_view kNoPassfile = "/dev/null/none";
// Asks libpq what it would use, without connecting. kConnect when it cannot use it at all (an
// unknown service, as many ports as there are no hosts).
Result<Merged> Merge(Words words);

// `words` with those of `defaults` about which neither they nor `merged` say anything.
Words WithDefaults(Words words, const Merged& merged, const std::vector<Parameter>& defaults);

// The entries of one of libpq's comma-separated lists (host, hostaddr, port); never none.
std::vector<std::string> SplitList(std::string_view list);

}  // namespace headroom::pq
