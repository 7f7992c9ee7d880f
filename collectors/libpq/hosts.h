// The servers that a connection string names, one by one, with their names resolved by us.
#pragma once

#include <string>
#include <vector>

#include "collectors/deadline.h"
#include "collectors/libpq/conninfo.h"
#include "collectors/net/resolver.h"
#include "collectors/result.h"

namespace headroom::pq {

// One entry of host, hostaddr and port. Each may be empty, as in libpq.
struct Host {
  std::string name;
  std::string address;
  std::string port;

  // A socket's folder or abstract name, or neither a name nor an address: libpq's own folder.
  bool IsUnix() const;
  // "db1 (10.0.0.1) port 6432": for messages.
  std::string ToString() const;
};

// Never none. Precondition: Merge() gave `words`, that is, the lists fit together.
std::vector<Host> HostsOf(const Words& words);

// `host` once for each address that it has: those that need no look-up are given back as they are.
Result<std::vector<Host>> ResolveHost(const Host& host, Resolver& resolver,
                                      const Deadline& deadline);

}  // namespace headroom::pq
