#include "collectors/libpq/hosts.h"

#include <netdb.h>

#include <array>
#include <cstddef>

namespace headroom::pq {
namespace {

std::vector<std::string> ListOf(const Words& words, std::string_view keyword) {
  const auto found = words.find(keyword);
  return SplitList(found == words.end() ? std::string_view() : found->second);
}

std::string Entry(const std::vector<std::string>& list, std::size_t at) {
  // One port may stand for all hosts.
  if (list.size() == 1) return list.front();
  return at < list.size() ? list[at] : std::string();
}

std::string NumericAddress(const SocketAddress& address) {
  std::array<char, NI_MAXHOST> text{};
  const auto* const raw = reinterpret_cast<const sockaddr*>(&address.storage);
  if (::getnameinfo(raw, address.length, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) !=
      0) {
    return "";
  }
  return text.data();
}

}  // namespace

bool Host::IsUnix() const {
  if (!address.empty()) return false;
  return name.empty() || name.front() == '/' || name.front() == '@';
}

std::string Host::ToString() const {
  std::string text = name.empty() ? address : name;
  if (text.empty()) text = "the local socket";
  if (!address.empty() && address != text) text += " (" + address + ")";
  if (!port.empty()) text += " port " + port;
  return text;
}

std::vector<Host> HostsOf(const Words& words) {
  const auto names = ListOf(words, "host");
  const auto addresses = ListOf(words, "hostaddr");
  const auto ports = ListOf(words, "port");
  // Addresses count where they are given, as in libpq.
  const bool by_address = !(addresses.size() == 1 && addresses.front().empty());
  const std::size_t count = by_address ? addresses.size() : names.size();
  std::vector<Host> hosts;
  for (std::size_t i = 0; i < count; ++i) {
    hosts.push_back(Host{count == 1         ? names.front()
                         : i < names.size() ? names[i]
                                            : std::string(),
                         by_address ? addresses[i] : std::string(), Entry(ports, i)});
  }
  return hosts;
}

Result<std::vector<Host>> ResolveHost(const Host& host, Resolver& resolver,
                                      const Deadline& deadline) {
  if (host.IsUnix() || !host.address.empty()) return std::vector<Host>{host};
  // The port is only part of what the resolver joins requests by.
  const Result<AddressList> addresses = resolver.Resolve(host.name, 0, deadline);
  if (!addresses.ok()) return addresses.error();
  std::vector<Host> resolved;
  for (const SocketAddress& address : *addresses) {
    resolved.push_back(Host{host.name, NumericAddress(address), host.port});
    if (resolved.back().address.empty()) {
      return Error{ErrorKind::kInternal, "an address that cannot be written down: " + host.name};
    }
  }
  return resolved;
}

}  // namespace headroom::pq
