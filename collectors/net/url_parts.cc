#include "collectors/net/url_parts.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <memory>
#include <new>
#include <utility>

#include "collectors/parse_whole.h"

namespace headroom {
namespace {

struct FreeUrl {
  void operator()(CURLU* url) const { ::curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, FreeUrl>;

class Splitter {
 public:
  explicit Splitter(std::string_view server) : server_(server), url_(::curl_url()) {
    if (url_ == nullptr) throw std::bad_alloc();
  }

  Status Parse(const std::string& text);
  // `part` into `out`, empty when the URL has no such part. `name` is for messages.
  Status Get(CURLUPart part, unsigned flags, std::string_view name, std::string& out) const;
  Status GetHost(UrlParts& parts) const;
  Status GetPort(UrlParts& parts) const;
  Status GetCredentials(UrlParts& parts) const;
  Status GetRest(UrlParts& parts) const;

 private:
  Error Bad(std::string_view what) const { return BadUrl(server_, what); }

  std::string_view server_;
  Url url_;
};

Status Splitter::Parse(const std::string& text) {
  const CURLUcode code =
      ::curl_url_set(url_.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME);
  if (code == CURLUE_OK) return Ok{};
  return Bad(
      fmt::format("{} (in a user or password write '/' as %2F, '#' as %23, '?' as %3F, "
                  "'@' as %40, ':' as %3A)",
                  ::curl_url_strerror(code)));
}

Status Splitter::Get(CURLUPart part, unsigned flags, std::string_view name,
                     std::string& out) const {
  char* text = nullptr;
  const CURLUcode code = ::curl_url_get(url_.get(), part, &text, flags);
  switch (code) {
    case CURLUE_OK: {
      const std::unique_ptr<char, decltype(&::curl_free)> owned(text, ::curl_free);
      out = text;
      return Ok{};
    }
    case CURLUE_NO_USER:
    case CURLUE_NO_PASSWORD:
    case CURLUE_NO_HOST:
    case CURLUE_NO_PORT:
    case CURLUE_NO_QUERY:
    case CURLUE_NO_FRAGMENT:
    case CURLUE_NO_ZONEID:
      out.clear();
      return Ok{};
    case CURLUE_URLDECODE:
      return Bad(
          fmt::format("the {} holds a control character, or a '%' that is not written %25", name));
    default:
      return Bad(fmt::format("the {} cannot be read ({})", name, ::curl_url_strerror(code)));
  }
}

Status Splitter::GetHost(UrlParts& parts) const {
  std::string zone;
  Status status = Get(CURLUPART_HOST, 0, "host", parts.host);
  if (status.ok()) status = Get(CURLUPART_ZONEID, 0, "zone of the address", zone);
  if (!status.ok()) return status;
  if (parts.host.starts_with('[')) parts.host = parts.host.substr(1, parts.host.size() - 2);
  if (!zone.empty()) parts.host += "%" + zone;
  return Ok{};
}

Status Splitter::GetPort(UrlParts& parts) const {
  std::string text;
  Status status = Get(CURLUPART_PORT, 0, "port", text);
  if (!status.ok() || text.empty()) return status;
  const auto port = ParseWhole<std::uint16_t>(text);
  if (!port || *port == 0) return Bad("expected a port from 1 to 65535");
  parts.port = *port;
  return Ok{};
}

Status Splitter::GetCredentials(UrlParts& parts) const {
  std::string password;
  Status status = Get(CURLUPART_USER, CURLU_URLDECODE, "user", parts.user);
  if (status.ok()) status = Get(CURLUPART_PASSWORD, CURLU_URLDECODE, "password", password);
  if (status.ok()) parts.password = Secret(std::move(password));
  return status;
}

Status Splitter::GetRest(UrlParts& parts) const {
  std::string fragment;
  Status status = Get(CURLUPART_FRAGMENT, 0, "fragment", fragment);
  if (status.ok() && !fragment.empty()) {
    return Bad("nothing may follow a '#' (in a password write it as %23)");
  }
  if (status.ok()) status = Get(CURLUPART_PATH, 0, "path", parts.path);
  if (status.ok()) status = Get(CURLUPART_PATH, CURLU_URLDECODE, "path", parts.decoded_path);
  if (status.ok()) status = Get(CURLUPART_QUERY, CURLU_URLDECODE, "query", parts.query);
  return status;
}

}  // namespace

Error BadUrl(std::string_view server, std::string_view what) {
  return Error{ErrorKind::kUnsupported, fmt::format("not the URL of {}: {}", server, what)};
}

bool UrlHasHost(std::string_view text) {
  const std::size_t begin = text.find("://") + 3;
  const std::string_view authority = text.substr(begin, text.find('/', begin) - begin);
  return !authority.empty() && !authority.ends_with('@');
}

Result<UrlParts> SplitUrl(const std::string& text, std::string_view server) {
  if (text.find('\0') != std::string::npos) return BadUrl(server, "it holds a NUL byte");
  Splitter splitter(server);
  UrlParts parts;
  Status status = splitter.Parse(text);
  if (status.ok()) status = splitter.GetHost(parts);
  if (status.ok()) status = splitter.GetPort(parts);
  if (status.ok()) status = splitter.GetCredentials(parts);
  if (status.ok()) status = splitter.GetRest(parts);
  if (!status.ok()) return status.error();
  return parts;
}

}  // namespace headroom
