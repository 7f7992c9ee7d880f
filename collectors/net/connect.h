// The steps of Connect() (stream.h) below the TLS layer.
#pragma once

#include <memory>

#include "collectors/deadline.h"
#include "collectors/net/fd.h"
#include "collectors/net/resolver.h"
#include "collectors/net/stream.h"
#include "collectors/result.h"

namespace headroom {

// A connected, non-blocking socket. Each address gets a fair share of the time that is left, so
// that one that swallows packets leaves time for the next.
Result<Fd> ConnectSocket(const Endpoint& endpoint, const Deadline& deadline, Resolver& resolver);

std::unique_ptr<Stream> MakeSocketStream(Fd fd);

// Shakes hands on a connected socket.
Result<std::unique_ptr<Stream>> MakeTlsStream(Fd fd, const Endpoint& endpoint,
                                              const Deadline& deadline);

}  // namespace headroom
