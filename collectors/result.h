// Result<T>: a value or an Error. The only vocabulary for things that fail outside our control.
//
// Expected failures (a server that is down, slow, refuses, or talks nonsense) are Errors.
// Exceptions are for what nobody handles in place (out of memory, a library's own) and stop at the
// walls that docs/ARCHITECTURE.md lists under "Errors"; the one around a collector is
// exporter/run_collector.h.
//
// Each layer that passes an Error on puts its own words in front: Error::Within("INFO"). Messages
// go to the log and to the page for people; they never become a label, and never hold a secret.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace headroom {

// Why a run, a part or one object failed. The closed set behind
// headroom_target_errors_total{reason}.
enum class ErrorKind {
  kConnect,      // no connection, or the server is not ready to serve data (loading, no master)
  kTimeout,      // the deadline passed, or the server is blocked
  kAuth,         // credentials missing or refused
  kPermission,   // authenticated, but not allowed to read this
  kProtocol,     // a reply that cannot be understood, or one over our caps
  kUnsupported,  // understood, but nothing we can answer for (another type, another node)
  kLimit,        // the server has no room for us
  kInternal,     // our own fault
};

inline constexpr std::array<ErrorKind, 8> kAllErrorKinds = {
    ErrorKind::kConnect,  ErrorKind::kTimeout,     ErrorKind::kAuth,  ErrorKind::kPermission,
    ErrorKind::kProtocol, ErrorKind::kUnsupported, ErrorKind::kLimit, ErrorKind::kInternal,
};

// The value of the `reason` label.
constexpr std::string_view Name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kConnect:
      return "connect";
    case ErrorKind::kTimeout:
      return "timeout";
    case ErrorKind::kAuth:
      return "auth";
    case ErrorKind::kPermission:
      return "permission";
    case ErrorKind::kProtocol:
      return "protocol";
    case ErrorKind::kUnsupported:
      return "unsupported";
    case ErrorKind::kLimit:
      return "limit";
    case ErrorKind::kInternal:
      return "internal";
  }
  return "internal";
}

struct Error {
  ErrorKind kind = ErrorKind::kInternal;
  std::string message;  // for people: what was asked, what came back, what to do

  [[nodiscard]] Error Within(std::string_view context) const {
    return Error{kind, std::string(context) + ": " + message};
  }
  friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: by design
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: by design

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // Precondition: ok().
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  // Precondition: !ok().
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

// Success has nothing to say.
struct Ok {};
using Status = Result<Ok>;

}  // namespace headroom
