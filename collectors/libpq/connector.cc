#include "collectors/libpq/connector.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "collectors/libpq/conninfo.h"
#include "collectors/libpq/hosts.h"
#include "collectors/libpq/reply_errors.h"

namespace headroom::pq {
namespace {

void ApplyTls(const TlsOptions& tls, Words& words) {
  std::string& mode = words["sslmode"];
  if (mode.empty()) mode = "verify-full";  // libpq takes an empty one for none
  if (!tls.ca_file.empty()) words["sslrootcert"] = tls.ca_file;
  if (!tls.cert_file.empty()) words["sslcert"] = tls.cert_file;
  if (!tls.key_file.empty()) words["sslkey"] = tls.key_file;
}

// The words of the configuration, and of the code that knows what sort of server it talks to.
Result<Words> ConfiguredWords(const ConnectionOptions& options,
                              const std::vector<Parameter>& extra) {
  std::optional<Words> words = ParseConninfo(options.conninfo);
  if (!words) {
    return Error{ErrorKind::kInternal, "the connection string: " + ConninfoFault(options.conninfo)};
  }
  if (options.tls) ApplyTls(*options.tls, *words);
  for (const auto& [keyword, value] : options.forced) (*words)[keyword] = value;
  for (const auto& [keyword, value] : extra) (*words)[keyword] = value;
  if (options.password.from != SecretSource::From::kNone) {
    const Result<Secret> password = options.password.Read();
    if (!password.ok()) return password.error();
    (*words)["password"] = password->Reveal();
  }
  return *std::move(words);
}

// One walk over the hosts.
class Walk {
 public:
  Walk(const ConnectionOptions& options, Words words, Resolver& resolver, const Deadline& deadline)
      : options_(options), words_(std::move(words)), resolver_(resolver), deadline_(deadline) {}

  // Disengaged: none of the hosts could be reached, see error().
  using Found = std::optional<Result<std::unique_ptr<Session>>>;
  Found Try(const std::vector<Host>& hosts, const std::string& wanted, std::size_t walks_left);
  const Error& error() const { return error_; }

 private:
  Found TryAddresses(const Host& host, const std::string& wanted, const Deadline& deadline);
  Result<std::unique_ptr<Session>> TryOne(const Host& host, const std::string& wanted,
                                          const Deadline& deadline);
  // False: other hosts are not to be tried.
  bool Note(const Host& host, const Error& error);

  const ConnectionOptions& options_;
  const Words words_;
  Resolver& resolver_;
  const Deadline& deadline_;
  Error error_{ErrorKind::kTimeout, ""};
};

Walk::Found Walk::Try(const std::vector<Host>& hosts, const std::string& wanted,
                      std::size_t walks_left) {
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    const auto left = static_cast<Duration::rep>(hosts.size() * walks_left - i);
    Found found = TryAddresses(hosts[i], wanted, deadline_.Within(deadline_.Remaining() / left));
    if (found || deadline_.Expired()) return found;
  }
  return std::nullopt;
}

Walk::Found Walk::TryAddresses(const Host& host, const std::string& wanted,
                               const Deadline& deadline) {
  const Result<std::vector<Host>> resolved = ResolveHost(host, resolver_, deadline);
  if (!resolved.ok()) {
    if (Note(host, resolved.error())) return std::nullopt;
    return Result<std::unique_ptr<Session>>(error_);
  }
  for (std::size_t i = 0; i < resolved->size(); ++i) {
    const auto left = static_cast<Duration::rep>(resolved->size() - i);
    const Host& one = (*resolved)[i];
    Result<std::unique_ptr<Session>> session =
        TryOne(one, wanted, deadline.Within(deadline.Remaining() / left));
    if (session.ok()) return session;
    if (!Note(one, session.error())) return Result<std::unique_ptr<Session>>(error_);
    if (deadline.Expired()) break;
  }
  return std::nullopt;
}

Result<std::unique_ptr<Session>> Walk::TryOne(const Host& host, const std::string& wanted,
                                              const Deadline& deadline) {
  Words words = words_;
  words["host"] = host.name;
  words["hostaddr"] = host.address;
  words["port"] = host.port;
  if (!wanted.empty()) words["target_session_attrs"] = wanted;
  if (options_.tls && !options_.tls->server_name.empty() && !host.IsUnix()) {
    // .pgpass knows the server by the name that the connection string has for it.
    const Result<Merged> merged = Merge(words);
    if (!merged.ok()) return merged.error();
    if (!merged->password.empty()) words["password"] = merged->password;
    words["host"] = options_.tls->server_name;
  }
  return Session::Open(words, deadline);
}

bool Walk::Note(const Host& host, const Error& error) {
  const bool unreachable = error.kind == ErrorKind::kConnect || error.kind == ErrorKind::kTimeout;
  // A refusal says more than a time-out elsewhere.
  if (error.kind != ErrorKind::kTimeout) error_.kind = error.kind;
  if (!error_.message.empty()) error_.message += "; ";
  error_.message += error.Within(host.ToString()).message;
  return unreachable;
}

std::string WantedSession(const Words& words) {
  const auto found = words.find("target_session_attrs");
  return found == words.end() ? "" : found->second;
}

Error Completed(Error error, const Merged& merged) {
  const std::string_view of_key = ValueOf(merged.words, "sslpassword");
  if (!of_key.empty()) error.message = OneLine(error.message, of_key);
  // The password that is missing is perhaps in a file that could not be used.
  if (!merged.passfile_fault.empty() &&
      error.message.find("no password supplied") != std::string::npos) {
    error.message += "; " + merged.passfile_fault;
  }
  return error;
}

}  // namespace

Result<std::unique_ptr<Session>> OpenSession(const ConnectionOptions& options,
                                             const std::vector<Parameter>& extra,
                                             Resolver& resolver, const Deadline& deadline) {
  Result<Words> configured = ConfiguredWords(options, extra);
  if (!configured.ok()) return configured.error();
  const Result<Merged> merged = Merge(*configured);
  if (!merged.ok()) return merged.error();
  Words words = WithDefaults(std::move(configured).value(), *merged, options.defaults);
  // Kerberos costs a round trip and memory: for those who ask for it.
  words = WithDefaults(std::move(words), *merged, {{"gssencmode", "disable"}});
  if (!merged->passfile_fault.empty()) words["passfile"] = kNoPassfile;
  const std::vector<Host> hosts = HostsOf(merged->words);

  // libpq's own two walks: each host gets its turn in both.
  const std::string wanted = WantedSession(merged->words);
  const bool twice = wanted == "prefer-standby";
  Walk walk(options, std::move(words), resolver, deadline);
  Walk::Found found = walk.Try(hosts, twice ? "standby" : wanted, twice ? 2 : 1);
  if (!found && twice && !deadline.Expired()) found = walk.Try(hosts, "any", 1);
  if (found && found->ok()) return *std::move(found);
  return Completed(found ? found->error() : walk.error(), *merged);
}

}  // namespace headroom::pq
