#include "collectors/net/resolver.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "collectors/net/fd.h"

namespace headroom {
namespace {

using Key = std::pair<std::string, std::uint16_t>;

// One lookup under way, shared by its thread and everybody who waits for it.
struct Pending {
  explicit Pending(Fd event) : done(std::move(event)) {}

  Fd done;  // readable once `outcome` is set; nobody reads it, so that all waiters see it
  std::mutex mutex;
  std::optional<Result<AddressList>> outcome;
};

Error LookupError(const std::string& host, int code) {
  const std::string reason = code == EAI_SYSTEM ? std::generic_category().message(errno)
                                                : std::string(::gai_strerror(code));
  return Error{ErrorKind::kConnect, fmt::format("cannot resolve {}: {}", host, reason)};
}

// EAI_* as getaddrinfo gives it; 0 fills `addresses`. No AI_ADDRCONFIG: it hides "localhost" on a
// machine that has no other interface, and an address that cannot be reached fails at once anyway.
int GetAddresses(const std::string& host, std::uint16_t port, int flags, AddressList& addresses) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (code != 0) return code;
  for (const addrinfo* a = found; a != nullptr; a = a->ai_next) {
    SocketAddress address;
    std::memcpy(&address.storage, a->ai_addr, a->ai_addrlen);
    address.length = a->ai_addrlen;
    addresses.push_back(address);
  }
  ::freeaddrinfo(found);
  return addresses.empty() ? EAI_NONAME : 0;
}

Result<AddressList> SystemLookup(const std::string& host, std::uint16_t port) {
  AddressList addresses;
  const int code = GetAddresses(host, port, 0, addresses);
  if (code != 0) return LookupError(host, code);
  return addresses;
}

// What a lookup thread starts with.
struct Job {
  std::function<void()> run;
};

void* RunJob(void* argument) {
  const std::unique_ptr<Job> job(static_cast<Job*>(argument));
  job->run();
  return nullptr;
}

// A detached thread with a small stack and all signals blocked, so that the process' own signal
// handling never lands on it. False when the system gives no thread.
bool StartDetached(std::unique_ptr<Job> job) {
  // Name service modules are somebody else's code: small, but not minimal.
  constexpr std::size_t kStackBytes = std::size_t{256} << 10;
  pthread_attr_t attributes;
  if (::pthread_attr_init(&attributes) != 0) return false;
  ::pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  ::pthread_attr_setstacksize(&attributes, kStackBytes);
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread{};
  const int failed = ::pthread_create(&thread, &attributes, RunJob, job.get());
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::pthread_attr_destroy(&attributes);
  if (failed != 0) return false;
  static_cast<void>(job.release());  // the thread's now
  return true;
}

}  // namespace

struct Resolver::State {
  explicit State(Lookup lookup_function) : lookup(std::move(lookup_function)) {}

  const Lookup lookup;
  std::mutex mutex;
  std::map<Key, std::shared_ptr<Pending>> pending;

  Result<AddressList> LookUp(const Key& key) const {
    try {
      return lookup(key.first, key.second);
    } catch (const std::exception& e) {
      return Error{ErrorKind::kInternal, fmt::format("resolving {}: {}", key.first, e.what())};
    }
  }

  // On the lookup's thread.
  void Finish(const Key& key, Pending& lookup_done) {
    Result<AddressList> outcome = LookUp(key);
    {
      const std::lock_guard lock(mutex);
      pending.erase(key);  // whoever comes now asks anew
    }
    {
      const std::lock_guard lock(lookup_done.mutex);
      lookup_done.outcome = std::move(outcome);
    }
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(lookup_done.done.get(), &one, sizeof one);
  }

  // Joins the lookup of `key` or starts one. kInternal: the system gives no thread, or no file
  // descriptor.
  static Result<std::shared_ptr<Pending>> Join(const std::shared_ptr<State>& self, const Key& key) {
    const std::lock_guard lock(self->mutex);
    if (const auto found = self->pending.find(key); found != self->pending.end()) {
      return found->second;
    }
    Fd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!event.valid()) return NoMeans(key, std::generic_category().message(errno));
    auto fresh = std::make_shared<Pending>(std::move(event));
    self->pending.emplace(key, fresh);
    auto job = std::make_unique<Job>(Job{[self, key, fresh] { self->Finish(key, *fresh); }});
    if (!StartDetached(std::move(job))) {
      self->pending.erase(key);
      return NoMeans(key, "no thread");
    }
    return fresh;
  }

  static Error NoMeans(const Key& key, std::string_view why) {
    return Error{ErrorKind::kInternal,
                 fmt::format("cannot begin to resolve {}: {}", key.first, why)};
  }
};

std::string SocketAddress::ToString() const {
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  const auto* address = reinterpret_cast<const sockaddr*>(&storage);
  if (::getnameinfo(address, length, host.data(), host.size(), port.data(), port.size(),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return "an address of an unknown kind";
  }
  const bool v6 = storage.ss_family == AF_INET6;
  return fmt::format(fmt::runtime(v6 ? "[{}]:{}" : "{}:{}"), host.data(), port.data());
}

Resolver::Resolver() : Resolver(SystemLookup) {}

Resolver::Resolver(Lookup lookup) : state_(std::make_shared<State>(std::move(lookup))) {}

Resolver::~Resolver() = default;

Resolver& Resolver::Shared() {
  static Resolver shared;
  return shared;
}

Result<AddressList> Resolver::Resolve(const std::string& host, std::uint16_t port,
                                      const Deadline& deadline) {
  AddressList numeric;
  if (GetAddresses(host, port, AI_NUMERICHOST, numeric) == 0) return numeric;
  if (deadline.Expired()) {
    return Error{ErrorKind::kTimeout, fmt::format("no time left to resolve {}", host)};
  }
  const SteadyTime start = deadline.clock().Now();
  const auto joined = State::Join(state_, Key(host, port));
  if (!joined.ok()) return joined.error();
  const std::shared_ptr<Pending>& lookup = *joined;
  const Result<short> waited = deadline.Poll(lookup->done.get(), POLLIN);
  if (waited.ok()) {
    const std::lock_guard lock(lookup->mutex);
    return *lookup->outcome;
  }
  if (deadline.clock().Now() < deadline.at()) return waited.error().Within("resolving " + host);
  return Error{ErrorKind::kTimeout, fmt::format("resolving {} took longer than {:.3g} s", host,
                                                Seconds(deadline.at() - start))};
}

}  // namespace headroom
