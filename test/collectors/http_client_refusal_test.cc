// HttpClient: what is no good answer, and which kind of error it is.
#include <curl/curl.h>
#include <gtest/gtest.h>

#include <string>

#include "collectors/net/http_errors.h"
#include "test/support/http_client_fixture.h"

namespace headroom {
namespace {

using test::Answer;
using test::ExpectError;
using test::HttpClientProtocol;
using test::HttpReplyText;

struct Refused {
  std::string name;
  std::string answer;
  ErrorKind kind;
  std::string text;
};
class HttpClientRefusal : public HttpClientProtocol,
                          public ::testing::WithParamInterface<Refused> {};
TEST_P(HttpClientRefusal, IsAnErrorThatSaysWhatCameBack) {
  ExpectError(GetError(Answer(GetParam().answer)), GetParam().kind, GetParam().text);
}
INSTANTIATE_TEST_SUITE_P(
    Statuses, HttpClientRefusal,
    ::testing::Values(Refused{"unauthorized",
                              HttpReplyText("401 Unauthorized", "{\"reason\":\"Login\n failed\"}"),
                              ErrorKind::kAuth,
                              "none are configured; it says: {\"reason\":\"Login  failed\"}"},
                      Refused{"forbidden", HttpReplyText("403 Forbidden"), ErrorKind::kPermission,
                              "GET /x: answered 403"},
                      Refused{"redirect",
                              "HTTP/1.1 301 Moved\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n",
                              ErrorKind::kProtocol, "answered 301: redirects are not followed"},
                      Refused{"too_many", HttpReplyText("429 Slow down"), ErrorKind::kLimit,
                              "429: too many requests"},
                      Refused{"unavailable", HttpReplyText("503 Busy", "<html>"), ErrorKind::kLimit,
                              "not ready"}),
    [](const auto& test) { return test.param.name; });
INSTANTIATE_TEST_SUITE_P(
    NotHttp, HttpClientRefusal,
    ::testing::Values(
        Refused{"garbage", "-ERR unknown command 'GET'\r\n", ErrorKind::kProtocol, "not HTTP"},
        Refused{"amqp", std::string("AMQP\0\0\x09\x01", 8) + "\r\n\r\n", ErrorKind::kProtocol,
                "not HTTP"},
        Refused{"tls", "\x15\x03\x01\x00\x02\x02\x16\r\n\r\n", ErrorKind::kProtocol, "not HTTP"},
        Refused{"chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n",
                ErrorKind::kProtocol, "not HTTP"}),
    [](const auto& test) { return test.param.name; });

struct Verdict {
  std::string name;
  int code;
  ErrorKind kind;
};
class HttpTransferError : public ::testing::TestWithParam<Verdict> {};
TEST_P(HttpTransferError, HasItsKind) {
  const Error error = TransferError({.code = GetParam().code, .text = "words"});
  EXPECT_EQ(Name(error.kind), Name(GetParam().kind)) << error.message;
}
INSTANTIATE_TEST_SUITE_P(
    Codes, HttpTransferError,
    ::testing::Values(Verdict{"unverified", CURLE_PEER_FAILED_VERIFICATION, ErrorKind::kAuth},
                      Verdict{"certificate", CURLE_SSL_CERTPROBLEM, ErrorKind::kAuth},
                      // CURLE_TOO_LARGE of libcurl 8
                      Verdict{"long_line", 100, ErrorKind::kProtocol},
                      Verdict{"other", CURLE_BAD_FUNCTION_ARGUMENT, ErrorKind::kInternal}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace headroom
