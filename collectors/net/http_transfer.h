// HttpTransfer: HttpClient's libcurl handle. Fetches, and knows nothing of what replies mean.
//
// Threads: one at a time.
#pragma once

#include <curl/curl.h>

#include <array>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "collectors/deadline.h"
#include "collectors/net/curl_loop.h"
#include "collectors/net/curl_tls.h"
#include "collectors/net/http_client.h"
#include "collectors/net/resolver.h"
#include "collectors/net/stream.h"
#include "collectors/result.h"

namespace headroom {

// libcurl's list of strings.
class CurlList {
 public:
  CurlList() = default;
  CurlList(const CurlList&) = delete;
  CurlList& operator=(const CurlList&) = delete;
  ~CurlList() { ::curl_slist_free_all(list_); }

  void Add(const std::string& line);
  void Clear();
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

class HttpTransfer {
 public:
  // `path` is put before every target. Throws when there is no memory or descriptor left, or when
  // libcurl was built without what is needed.
  HttpTransfer(Endpoint endpoint, std::string_view path, std::size_t max_body_bytes,
               Resolver& resolver);
  HttpTransfer(const HttpTransfer&) = delete;
  HttpTransfer& operator=(const HttpTransfer&) = delete;

  // False when the next Fetch() will surely connect.
  bool ConnectionIsKept() const;
  // The header line's value from now on; empty: no such line.
  void SetAuthorization(const std::string& value);
  // A whole reply, of whatever status. Errors name neither the server nor the target.
  Result<HttpReply> Fetch(std::string_view target, const Deadline& deadline);

 private:
  struct FreeEasy {
    void operator()(CURL* easy) const { ::curl_easy_cleanup(easy); }
  };

  template <class T>
  void Set(CURLoption option, T value);
  void SetProtocol();
  void SetCallbacks();

  static curl_socket_t OnOpen(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int OnOpened(void* self, curl_socket_t socket, curlsocktype purpose);
  static int OnClose(void* self, curl_socket_t socket);
  static std::size_t OnHeader(char* data, std::size_t one, std::size_t size, void* self);
  static std::size_t OnBody(char* data, std::size_t one, std::size_t size, void* self);

  void Begin(std::string_view target, const Deadline& deadline);
  curl_socket_t Open();
  bool TakeHeader(std::string_view line);
  bool TakeBody(std::string_view data);
  void MakeRoom(std::size_t size);
  Error TooLarge() const;
  Error WhyFailed(CURLcode code) const;

  Endpoint endpoint_;
  std::string origin_;  // what stands before the target in libcurl's URL
  std::size_t max_body_bytes_;
  Resolver& resolver_;
  CurlList headers_;
  CurlList connect_to_;
  CurlTls tls_;
  int socket_ = -1;  // of the connection, while libcurl has it

  // Of the transfer that runs.
  const Deadline* deadline_ = nullptr;
  std::size_t header_bytes_ = 0;
  bool header_whole_ = false;
  std::string body_;
  std::optional<Error> failure_;  // what made a callback end it
  std::exception_ptr exception_;  // what it threw
  std::array<char, CURL_ERROR_SIZE> words_{};

  // Last, because both call the above until they are gone; the loop, which has the connection,
  // after the handle.
  CurlLoop loop_;
  std::unique_ptr<CURL, FreeEasy> easy_;
};

}  // namespace headroom
