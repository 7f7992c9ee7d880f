// What went wrong with an HTTP request, in words for people.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "collectors/net/http_client.h"
#include "collectors/result.h"

namespace headroom {

// The error of a whole reply whose status is one. `credentials`: some were sent. `secrets`: a reply
// that holds one of them is not quoted.
std::optional<Error> StatusError(const HttpReply& reply, bool credentials,
                                 std::initializer_list<std::string_view> secrets);

// What is known of a transfer that failed.
struct HttpFailure {
  int code = 0;           // a CURLcode, not CURLE_OK
  bool answered = false;  // some of a reply had come
  long os_error = 0;      // errno of the socket, 0 when it was not that
  std::string text{};     // libcurl's own words
};
Error TransferError(const HttpFailure& failure);

}  // namespace headroom
