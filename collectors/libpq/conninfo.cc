#include "collectors/libpq/conninfo.h"

#include <libpq-fe.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string_view>
#include <utility>

#include "collectors/environment.h"
#include "collectors/libpq/reply_errors.h"

namespace headroom::pq {
namespace {

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { ::PQconninfoFree(options); }
};
using OptionList = std::unique_ptr<PQconninfoOption, FreeOptions>;

struct Finish {
  void operator()(PGconn* connection) const { ::PQfinish(connection); }
};

bool InEnvironment(const PQconninfoOption& option) {
  return option.envvar != nullptr && EnvironmentValue(option.envvar) != nullptr;
}

// Did anybody but libpq itself choose this value? A service file that repeats libpq's own choice
// cannot be told from that, and means the same.
bool IsChosen(const PQconninfoOption& option, const Words& given, std::string_view user) {
  if (given.contains(option.keyword) || InEnvironment(option)) return true;
  const std::string_view value = option.val;
  // Where nobody names a database libpq takes the user's name for it.
  if (std::string_view(option.keyword) == "dbname") return value != user;
  return option.compiled == nullptr || value != option.compiled;
}

// A connection that was never opened, and what would be used for it.
struct Probe {
  std::unique_ptr<PGconn, Finish> connection;
  OptionList options;
};

// There is no function for this. PQconnectStart fills in everything before it looks at
// channel_binding, and refuses an unknown value of it before it opens a socket; PQconninfo then
// tells what was filled in (libpq 15 and 17).
Result<Probe> Ask(Words words) {
  words["channel_binding"] = "headroom";
  Probe probe;
  probe.connection.reset(::PQconnectStart(FormatConninfo(words).c_str()));
  if (probe.connection != nullptr) probe.options.reset(::PQconninfo(probe.connection.get()));
  if (probe.options == nullptr) return Error{ErrorKind::kInternal, "libpq has no memory"};
  const std::string_view message = ::PQerrorMessage(probe.connection.get());
  if (message.find("invalid channel_binding value") != std::string_view::npos) return probe;
  std::string line = OneLine(message, ValueOf(words, "password"));
  return Error{ErrorKind::kConnect, OneLine(line, ValueOf(words, "sslpassword"))};
}

// Where libpq looks for .pgpass (its documentation, 34.16): HOME, else the account's folder.
std::string HomeFolder() {
  const char* const home = EnvironmentValue("HOME");
  if (home != nullptr && *home != '\0') return home;
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  ::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found);
  return found == nullptr ? "" : found->pw_dir;
}

// What libpq would refuse the password file for, if it is to read one. The words of the
// configuration do not tell which that is: a service file or PGPASSFILE may name it.
Result<std::string> FindPassfileFault(Words words) {
  words["password"] = "\x01\x01";  // with a password it does not look into the file
  const Result<Probe> probe = Ask(std::move(words));
  if (!probe.ok()) return probe.error();
  std::string file;
  for (const PQconninfoOption* o = probe->options.get(); o->keyword != nullptr; ++o) {
    if (std::string_view(o->keyword) == "passfile" && o->val != nullptr) file = o->val;
  }
  if (file.empty()) file = HomeFolder() + "/.pgpass";
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) return std::string();
  if (!S_ISREG(info.st_mode)) return "the password file " + file + " is not a plain file";
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) == 0) return std::string();
  return "the password file " + file +
         " was left alone, because others than its owner have rights "
         "on it: its mode must be 0600 or less";
}

}  // namespace

std::optional<Words> ParseConninfo(const std::string& conninfo) {
  const OptionList options(::PQconninfoParse(conninfo.c_str(), nullptr));
  if (options == nullptr) return std::nullopt;
  Words words;
  for (const PQconninfoOption* o = options.get(); o->keyword != nullptr; ++o) {
    if (o->val != nullptr) words.emplace(o->keyword, o->val);
  }
  return words;
}

std::string_view ValueOf(const Words& words, std::string_view word) {
  const auto found = words.find(word);
  return found == words.end() ? std::string_view() : found->second;
}

std::string FormatConninfo(const Words& words) {
  std::string text;
  for (const auto& [keyword, value] : words) {
    text += keyword + "='";
    for (const char c : value) {
      if (c == '\'' || c == '\\') text += '\\';
      text += c;
    }
    text += "' ";
  }
  return text;
}

Result<Merged> Merge(Words words) {
  Merged merged;
  if (const auto given = words.find("password"); given == words.end() || given->second.empty()) {
    const Result<std::string> fault = FindPassfileFault(words);
    if (!fault.ok()) return fault.error();
    merged.passfile_fault = *fault;
    if (!fault->empty()) words["passfile"] = kNoPassfile;
  }
  const Result<Probe> probe = Ask(words);
  if (!probe.ok()) return probe.error();
  words.erase("channel_binding");
  const char* const user = ::PQuser(probe->connection.get());
  const char* const password = ::PQpass(probe->connection.get());
  if (password != nullptr) merged.password = password;
  for (const PQconninfoOption* o = probe->options.get(); o->keyword != nullptr; ++o) {
    if (std::string_view(o->keyword) == "channel_binding" || o->val == nullptr) continue;
    if (IsChosen(*o, words, user == nullptr ? "" : user)) merged.words.emplace(o->keyword, o->val);
  }
  return merged;
}

Words WithDefaults(Words words, const Merged& merged, const std::vector<Parameter>& defaults) {
  for (const auto& [keyword, value] : defaults) {
    if (!merged.words.contains(keyword)) words.try_emplace(keyword, value);
  }
  return words;
}

std::vector<std::string> SplitList(std::string_view list) {
  std::vector<std::string> entries;
  for (;;) {
    const std::size_t comma = list.find(',');
    entries.emplace_back(list.substr(0, comma));
    if (comma == std::string_view::npos) return entries;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace headroom::pq
