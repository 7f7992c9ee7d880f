// Ports of 127.0.0.1, and unix sockets, for tests.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include "collectors/net/fd.h"
#include "collectors/net/resolver.h"

namespace headroom::test {

// A listening socket on a port of its own; nobody accepts.
Fd ListenOnLoopback(int backlog, std::uint16_t& port);

// Connections to `port` are refused while this is held. (A port that was merely closed is soon
// somebody else's: tests run side by side.)
Fd RefuseOnLoopback(std::uint16_t& port);

// A listening unix socket. Precondition: the path is short enough for one.
Fd ListenOnUnix(const std::string& path);

AddressList LoopbackAddresses(std::initializer_list<std::uint16_t> ports);

}  // namespace headroom::test
