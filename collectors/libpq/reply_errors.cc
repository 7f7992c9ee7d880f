#include "collectors/libpq/reply_errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "collectors/suggest.h"

namespace headroom::pq {
namespace {

struct Meaning {
  std::string_view mark;  // how a SQLSTATE begins, or words that a message has
  ErrorKind kind;
  std::string_view advice = {};
};

// The first that fits. PostgreSQL's documentation, appendix A.
constexpr std::array kStates = {
    Meaning{"28", ErrorKind::kAuth},
    Meaning{"42501", ErrorKind::kPermission},
    Meaning{"57014", ErrorKind::kTimeout},  // cancelled: statement_timeout
    Meaning{"55P03", ErrorKind::kTimeout},  // lock_timeout
    Meaning{"25P03", ErrorKind::kTimeout},  // idle_in_transaction_session_timeout
    Meaning{"53300", ErrorKind::kLimit},
    Meaning{"57P", ErrorKind::kConnect},    // starting up, shutting down, terminated
    Meaning{"3D000", ErrorKind::kConnect},  // no such database
    Meaning{"08", ErrorKind::kConnect},
    Meaning{"0A", ErrorKind::kUnsupported},
};

// PgBouncer's words.
constexpr std::array kPgbouncerWords = {
    Meaning{"no more connections allowed", ErrorKind::kLimit},
    Meaning{"too many clients", ErrorKind::kLimit},
    Meaning{"unsupported startup parameter", ErrorKind::kUnsupported,
            "add it to PgBouncer's ignore_startup_parameters"},
    Meaning{"admin access needed", ErrorKind::kPermission,
            "add the user to PgBouncer's stats_users or admin_users"},
    Meaning{"not allowed", ErrorKind::kPermission,
            "add the user to PgBouncer's stats_users or admin_users"},
    Meaning{"authentication failed", ErrorKind::kAuth},
    Meaning{"no such user", ErrorKind::kAuth},
    Meaning{"SASL", ErrorKind::kAuth},
    Meaning{"login rejected", ErrorKind::kAuth},
    Meaning{"login failed", ErrorKind::kAuth},
    Meaning{"SSL required", ErrorKind::kConnect, "set sslmode=require"},
    Meaning{"timeout", ErrorKind::kTimeout},
    Meaning{"no such database", ErrorKind::kConnect},
    Meaning{"shutting down", ErrorKind::kConnect},
    Meaning{"pgbouncer cannot connect", ErrorKind::kConnect},
    Meaning{"server login has been failing", ErrorKind::kConnect},
};

// libpq's own words, where the server said nothing.
constexpr std::array kLibpqWords = {
    Meaning{"no password supplied", ErrorKind::kAuth, "set password_file or password_env"},
    Meaning{"server does not support SSL", ErrorKind::kConnect,
            "the server speaks no TLS: turn it on there, or set sslmode=disable and no [tls]"},
    Meaning{"root certificate file", ErrorKind::kAuth, "set ca_file in [tls]"},
    Meaning{"certificate", ErrorKind::kAuth, "check [tls]: ca_file, server_name, cert_file"},
    Meaning{"private key file", ErrorKind::kAuth, "check key_file in [tls]"},
    Meaning{"to SSL negotiation", ErrorKind::kConnect, "it is not a PostgreSQL server"},
    Meaning{"expected authentication request", ErrorKind::kConnect,
            "it is not a PostgreSQL server"},
    Meaning{"SCRAM", ErrorKind::kAuth},
    Meaning{"SASL", ErrorKind::kAuth},
    Meaning{"authentication method", ErrorKind::kAuth},
    Meaning{"lost synchronization", ErrorKind::kProtocol},
    Meaning{"message contents do not agree", ErrorKind::kProtocol},
    Meaning{"insufficient data", ErrorKind::kProtocol},
    Meaning{"without prior row description", ErrorKind::kProtocol},
    Meaning{"unexpected field count", ErrorKind::kProtocol},
    Meaning{"unexpected response", ErrorKind::kProtocol},
};

template <class Table>
const Meaning* ByWords(const Table& table, std::string_view text) {
  const auto* const found = std::find_if(table.begin(), table.end(), [&](const Meaning& m) {
    return text.find(m.mark) != std::string_view::npos;
  });
  return found == table.end() ? nullptr : found;
}

const Meaning* ByState(std::string_view sqlstate) {
  const auto* const found = std::find_if(kStates.begin(), kStates.end(), [&](const Meaning& m) {
    return sqlstate.starts_with(m.mark);
  });
  return found == kStates.end() ? nullptr : found;
}

Error Explained(ErrorKind kind, std::string message, std::string_view advice) {
  if (!advice.empty()) message += fmt::format(" ({})", advice);
  return Error{kind, std::move(message)};
}

bool IsStateByte(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); }

struct Answer {
  std::string_view sqlstate;
  std::string_view text;  // SQLSTATE and primary message
};

// "FATAL:  28P01: password authentication failed ...": the word in front may be translated.
std::optional<Answer> FindAnswer(std::string_view message) {
  constexpr std::string_view kBefore = ":  ";
  constexpr std::size_t kStateLength = 5;
  for (std::size_t at = message.find(kBefore); at != std::string_view::npos;
       at = message.find(kBefore, at + 1)) {
    const std::string_view rest = message.substr(at + kBefore.size());
    const std::string_view state = rest.substr(0, kStateLength);
    if (state.size() == kStateLength && std::all_of(state.begin(), state.end(), IsStateByte) &&
        rest.substr(kStateLength).starts_with(": ")) {
      return Answer{state, rest.substr(kStateLength + 2, rest.find('\n') - kStateLength - 2)};
    }
  }
  return std::nullopt;
}

}  // namespace

std::string OneLine(std::string_view message, std::string_view secret) {
  constexpr std::size_t kLongest = 1000;
  std::string line;
  for (std::size_t at = 0; at < message.size();) {
    if (!secret.empty() && message.substr(at).starts_with(secret)) {
      line += "[password]";
      at += secret.size();
      continue;
    }
    const char c = message[at++];
    const bool space = c == '\n' || c == '\t' || c == ' ' || c == '\r';
    if (space && (line.empty() || line.ends_with(' '))) continue;
    if (c == '\n' && !line.ends_with(':')) line += ';';
    line += space ? ' ' : c;
  }
  while (line.ends_with(' ') || line.ends_with(';')) line.pop_back();
  if (line.size() > kLongest) line = line.substr(0, kLongest) + "...";
  return Printable(line);
}

Error ServerError(std::string_view sqlstate, std::string_view text, std::string_view secret) {
  const std::string message = sqlstate.empty()
                                  ? OneLine(text, secret)
                                  : fmt::format("{} {}", sqlstate, OneLine(text, secret));
  if (sqlstate == "08P01") {
    const Meaning* const meaning = ByWords(kPgbouncerWords, text);
    if (meaning != nullptr) return Explained(meaning->kind, message, meaning->advice);
    return Error{ErrorKind::kProtocol, message};
  }
  if (sqlstate.empty()) return Error{ErrorKind::kConnect, message};
  const Meaning* const meaning = ByState(sqlstate);
  return Error{meaning == nullptr ? ErrorKind::kProtocol : meaning->kind, message};
}

Error ConnectError(std::string_view message, std::string_view secret) {
  if (const auto answer = FindAnswer(message)) {
    Error error = ServerError(answer->sqlstate, answer->text, secret);
    // No session, so that there was no query to misunderstand.
    if (error.kind == ErrorKind::kProtocol) error.kind = ErrorKind::kConnect;
    return error;
  }
  // libpq names the server in front; whoever called us does too.
  constexpr std::string_view kFailed = " failed: ";
  const std::size_t named = message.find(kFailed);
  if (message.starts_with("connection to server") && named != std::string_view::npos) {
    message.remove_prefix(named + kFailed.size());
  }
  return LostError(message, secret);
}

Error LostError(std::string_view message, std::string_view secret) {
  const Meaning* const meaning = ByWords(kLibpqWords, message);
  std::string line = OneLine(message, secret);
  if (line.empty()) line = "the connection was lost";
  if (meaning == nullptr) return Error{ErrorKind::kConnect, line};
  return Explained(meaning->kind, line, meaning->advice);
}

}  // namespace headroom::pq
