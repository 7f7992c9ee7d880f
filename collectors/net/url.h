// URLs of Redis servers.
#pragma once

#include <string>
#include <string_view>

#include "collectors/net/stream.h"
#include "collectors/result.h"
#include "collectors/secret.h"

namespace headroom {

struct RedisUrl {
  Endpoint endpoint;
  std::string user;
  Secret password;
  int db = 0;
};

// redis://[user[:password]@]host[:port][/db], rediss:// for TLS, and for a unix socket
// unix://[user[:password]@]/path[?db=db] (redis+unix:// is the same). Percent-encoded bytes are
// decoded; an IPv6 address stands in brackets; the port is 6379 and the database 0 unless given.
//
// The error says what was expected and never repeats any of the text: it may hold a password, and
// where the text is malformed nobody can tell which part that is.
Result<RedisUrl> ParseRedisUrl(std::string_view text);

}  // namespace headroom
