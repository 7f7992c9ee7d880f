// What the URLs of all kinds of servers have in common.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "collectors/result.h"
#include "collectors/secret.h"

namespace headroom {

struct UrlParts {
  std::string host;                   // without brackets; an IPv6 zone follows a '%'
  std::optional<std::uint16_t> port;  // 1 to 65535
  std::string user;                   // percent-decoded, as is the password
  Secret password;
  std::string path;          // as it was written, but for dot segments; begins with '/'
  std::string decoded_path;  // percent-decoded
  std::string query;         // percent-decoded
};

// The error of a text that is no such URL: "not the URL of a Redis server: ...".
Error BadUrl(std::string_view server, std::string_view what);

// Takes apart scheme://[user[:password]@]host[:port][/path][?query] with libcurl's parser; the
// scheme is not looked at, and a fragment is an error. `server` is what the URL should be of, for
// messages: "a Redis server". Errors never repeat any of the text: it may hold a password, and
// where the text is malformed nobody can tell which part that is.
Result<UrlParts> SplitUrl(const std::string& text, std::string_view server);

// Whether anything stands between the user and the path: libcurl takes "x:///y" for the host y, and
// refuses "x://user@/y". Precondition: `text` holds "://".
bool UrlHasHost(std::string_view text);

}  // namespace headroom
