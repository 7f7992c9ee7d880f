#include "collectors/net/http_transfer.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <new>
#include <stdexcept>
#include <utility>

#include "collectors/net/connect.h"
#include "collectors/net/http_errors.h"

namespace headroom {
namespace {

// Of one reply, with whatever interim replies and trailers the server puts around it. Below what
// libcurl 8 takes itself (5000 lines), so that the refusal is ours with each version.
constexpr std::size_t kMaxHeaderBytes = std::size_t{16} << 10;

// The host for libcurl's URL, which is the name that the certificate must have.
std::string NameOf(const Endpoint& endpoint) {
  const std::string& server_name = endpoint.tls_options.server_name;
  if (endpoint.tls && !server_name.empty()) return server_name;
  return endpoint.host.substr(0, endpoint.host.find('%'));  // an IPv6 zone means nothing elsewhere
}

std::string Authority(const Endpoint& endpoint, std::string host) {
  Endpoint named;
  named.host = std::move(host);
  named.port = endpoint.port;
  return named.ToString();
}

// Runs a step of a callback. libcurl is C, so no exception may cross it: it is kept for later.
template <class Step, class Value>
Value Guarded(std::exception_ptr& exception, Step step, Value when_thrown) {
  try {
    return step();
  } catch (...) {
    exception = std::current_exception();
    return when_thrown;
  }
}

}  // namespace

void CurlList::Add(const std::string& line) {
  curl_slist* longer = ::curl_slist_append(list_, line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  list_ = longer;
}

void CurlList::Clear() {
  ::curl_slist_free_all(list_);
  list_ = nullptr;
}

HttpTransfer::HttpTransfer(Endpoint endpoint, std::string_view path, std::size_t max_body_bytes,
                           Resolver& resolver)
    : endpoint_(std::move(endpoint)),
      origin_(fmt::format("{}://{}{}", endpoint_.tls ? "https" : "http",
                          Authority(endpoint_, NameOf(endpoint_)), path)),
      max_body_bytes_(max_body_bytes),
      resolver_(resolver),
      tls_(endpoint_.tls_options, NameOf(endpoint_)),
      easy_(::curl_easy_init()) {
  if (easy_ == nullptr) throw std::bad_alloc();
  SetProtocol();
  SetCallbacks();
  SetAuthorization("");
  if (endpoint_.tls) tls_.Attach(easy_.get());
}

template <class T>
void HttpTransfer::Set(CURLoption option, T value) {
  const CURLcode code = ::curl_easy_setopt(easy_.get(), option, value);
  if (code == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
  if (code != CURLE_OK) {
    throw std::runtime_error(fmt::format("libcurl: {}", ::curl_easy_strerror(code)));
  }
}

void HttpTransfer::SetProtocol() {
  Set(CURLOPT_PROTOCOLS_STR, "http,https");
  Set(CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  Set(CURLOPT_FOLLOWLOCATION, 0L);
  Set(CURLOPT_PROXY, "");
  Set(CURLOPT_NETRC, long{CURL_NETRC_IGNORED});
  Set(CURLOPT_NOSIGNAL, 1L);
  Set(CURLOPT_USERAGENT, "headroom");
  // Dot segments are the server's to understand: what is asked for must be what was meant.
  Set(CURLOPT_PATH_AS_IS, 1L);
  Set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(max_body_bytes_));
  // A number, so that libcurl has nothing to resolve. The socket from Open() leads elsewhere.
  connect_to_.Add("::127.0.0.1:1");
  Set(CURLOPT_CONNECT_TO, connect_to_.get());
}

void HttpTransfer::SetCallbacks() {
  Set(CURLOPT_ERRORBUFFER, words_.data());
  Set(CURLOPT_OPENSOCKETFUNCTION, &HttpTransfer::OnOpen);
  Set(CURLOPT_OPENSOCKETDATA, this);
  Set(CURLOPT_SOCKOPTFUNCTION, &HttpTransfer::OnOpened);
  Set(CURLOPT_CLOSESOCKETFUNCTION, &HttpTransfer::OnClose);
  Set(CURLOPT_CLOSESOCKETDATA, this);
  Set(CURLOPT_HEADERFUNCTION, &HttpTransfer::OnHeader);
  Set(CURLOPT_HEADERDATA, this);
  Set(CURLOPT_WRITEFUNCTION, &HttpTransfer::OnBody);
  Set(CURLOPT_WRITEDATA, this);
}

bool HttpTransfer::ConnectionIsKept() const {
  if (socket_ < 0) return false;
  // Bytes that nobody asked for count too: libcurl 7.88 would take them for the next reply.
  pollfd p{socket_, POLLIN | POLLRDHUP, 0};
  return ::poll(&p, 1, 0) == 0;
}

void HttpTransfer::SetAuthorization(const std::string& value) {
  Set(CURLOPT_HTTPHEADER, static_cast<curl_slist*>(nullptr));
  headers_.Clear();
  // libcurl would send the name of the certificate.
  headers_.Add("Host: " + Authority(endpoint_, endpoint_.host.substr(0, endpoint_.host.find('%'))));
  if (!value.empty()) headers_.Add("Authorization: " + value);
  Set(CURLOPT_HTTPHEADER, headers_.get());
}

Result<HttpReply> HttpTransfer::Fetch(std::string_view target, const Deadline& deadline) {
  Begin(target, deadline);
  const Result<CURLcode> code = loop_.Run(easy_.get(), deadline);
  deadline_ = nullptr;
  tls_.Rethrow();
  if (exception_) std::rethrow_exception(std::exchange(exception_, nullptr));
  if (!code.ok() || *code != CURLE_OK) {
    socket_ = -1;  // libcurl will not use it again, however long it takes over closing it
    body_ = {};
    return code.ok() ? WhyFailed(*code) : failure_.value_or(code.error());
  }
  // To libcurl a connection that ends within the header is a reply without a body.
  if (!header_whole_) return TransferError({.code = CURLE_PARTIAL_FILE});
  long status = 0;
  ::curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  MakeRoom(0);
  return HttpReply{static_cast<int>(status), std::exchange(body_, {})};
}

void HttpTransfer::Begin(std::string_view target, const Deadline& deadline) {
  Set(CURLOPT_URL, fmt::format("{}{}", origin_, target).c_str());
  Set(CURLOPT_FRESH_CONNECT, ConnectionIsKept() ? 0L : 1L);
  deadline_ = &deadline;
  header_bytes_ = 0;
  header_whole_ = false;
  body_.clear();
  failure_.reset();
  exception_ = nullptr;
  words_.front() = '\0';
  tls_.Begin();
}

curl_socket_t HttpTransfer::OnOpen(void* self, curlsocktype, curl_sockaddr*) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  return Guarded(
      transfer.exception_, [&] { return transfer.Open(); }, CURL_SOCKET_BAD);
}

// libcurl 7.88 (Debian 12) calls connect(2) on the socket all the same (curl issue 10626). Linux
// answers 0 to the first such call after a connect that completed later, and a non-blocking connect
// over TCP does: it returns EINPROGRESS first. Had it returned 0 at once, libcurl's call would get
// EISCONN and the transfer would fail.
int HttpTransfer::OnOpened(void*, curl_socket_t, curlsocktype) {
  return CURL_SOCKOPT_ALREADY_CONNECTED;
}

int HttpTransfer::OnClose(void* self, curl_socket_t socket) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  if (transfer.socket_ == socket) transfer.socket_ = -1;
  return ::close(socket);
}

std::size_t HttpTransfer::OnHeader(char* data, std::size_t, std::size_t size, void* self) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  const bool taken = Guarded(
      transfer.exception_,
      [&] {
        return transfer.TakeHeader({data, size});
      },
      false);
  return taken ? size : 0;
}

std::size_t HttpTransfer::OnBody(char* data, std::size_t, std::size_t size, void* self) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  const bool taken = Guarded(
      transfer.exception_,
      [&] {
        return transfer.TakeBody({data, size});
      },
      false);
  return taken ? size : 0;
}

curl_socket_t HttpTransfer::Open() {
  Result<Fd> fd = ConnectSocket(endpoint_, *deadline_, resolver_);
  if (!fd.ok()) {
    failure_ = fd.error().Within("connecting");
    return CURL_SOCKET_BAD;
  }
  socket_ = fd->Release();
  return socket_;
}

// One line of a header or trailer, with its end.
bool HttpTransfer::TakeHeader(std::string_view line) {
  if (line.starts_with("HTTP/")) header_whole_ = false;
  if (line == "\r\n" || line == "\n") header_whole_ = true;
  header_bytes_ += line.size();
  if (header_bytes_ <= kMaxHeaderBytes) return true;
  failure_ = Error{ErrorKind::kProtocol,
                   fmt::format("the header of the reply has more than {} bytes", kMaxHeaderBytes)};
  return false;
}

bool HttpTransfer::TakeBody(std::string_view data) {
  if (data.size() > max_body_bytes_ - body_.size()) {
    failure_ = TooLarge();
    return false;
  }
  if (body_.empty()) {
    curl_off_t announced = -1;
    ::curl_easy_getinfo(easy_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
    // Never above the cap: such a reply has been refused by now.
    if (announced > 0) body_.reserve(static_cast<std::size_t>(announced) + kBodyPadding);
  }
  MakeRoom(data.size());
  body_ += data;
  return true;
}

void HttpTransfer::MakeRoom(std::size_t size) {
  const std::size_t needed = body_.size() + size + kBodyPadding;
  if (needed > body_.capacity()) body_.reserve(std::max(needed, 2 * body_.capacity()));
}

Error HttpTransfer::TooLarge() const {
  return Error{ErrorKind::kProtocol,
               fmt::format("the body of the reply has more than {} bytes", max_body_bytes_)};
}

Error HttpTransfer::WhyFailed(CURLcode code) const {
  if (failure_) return *failure_;
  if (const auto of_tls = tls_.Explain()) return *of_tls;
  if (code == CURLE_FILESIZE_EXCEEDED) return TooLarge();
  HttpFailure failure;
  failure.code = code;
  failure.answered = header_bytes_ > 0;
  failure.text = words_.front() == '\0' ? ::curl_easy_strerror(code) : words_.data();
  ::curl_easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &failure.os_error);
  return TransferError(failure);
}

}  // namespace headroom
