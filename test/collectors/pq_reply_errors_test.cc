// Texts as PostgreSQL 15, PgBouncer 1.18 and libpq 15 write them.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "collectors/libpq/reply_errors.h"

namespace headroom::pq {
namespace {

std::string_view KindOf(std::string_view sqlstate, std::string_view text = "") {
  return Name(ServerError(sqlstate, text, "").kind);
}

TEST(PqReplyErrors, SqlstateDecidesForPostgresql) {
  EXPECT_EQ(KindOf("28000"), "auth");
  EXPECT_EQ(KindOf("42501"), "permission");
  EXPECT_EQ(KindOf("57014"), "timeout");
  EXPECT_EQ(KindOf("55P03"), "timeout");
  EXPECT_EQ(KindOf("25P03"), "timeout");
  EXPECT_EQ(KindOf("53300"), "limit");
  EXPECT_EQ(KindOf("57P03"), "connect");
  EXPECT_EQ(KindOf("08006"), "connect");
  EXPECT_EQ(KindOf(""), "connect");
  EXPECT_EQ(KindOf("0A000"), "unsupported");
  EXPECT_EQ(KindOf("42703", "permission timeout"), "protocol");
}

TEST(PqReplyErrors, WordsDecideForPgbouncer) {
  EXPECT_EQ(KindOf("08P01", "no more connections allowed (max_client_conn)"), "limit");
  EXPECT_EQ(KindOf("08P01", "password authentication failed"), "auth");
  EXPECT_EQ(KindOf("08P01", "SASL authentication failed"), "auth");
  EXPECT_EQ(KindOf("08P01", "no such user: x"), "auth");
  EXPECT_EQ(KindOf("08P01", "unsupported startup parameter: options"), "unsupported");
  EXPECT_EQ(KindOf("08P01", "admin access needed"), "permission");
  EXPECT_EQ(KindOf("08P01", "not allowed"), "permission");
  EXPECT_EQ(KindOf("08P01", "query_wait_timeout"), "timeout");
  EXPECT_EQ(KindOf("08P01", "invalid command 'SHOW X', use SHOW HELP"), "protocol");
}

TEST(PqReplyErrors, SqlstateIsFoundInWhatLibpqSaysOfARefusedConnection) {
  const Error error = ConnectError(
      "connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  28P01: password "
      "authentication failed for user \"u\"\nLOCATION:  auth_failed, auth.c:326\n",
      "");
  EXPECT_EQ(Name(error.kind), "auth");
  EXPECT_EQ(error.message, "28P01 password authentication failed for user \"u\"");
}

TEST(PqReplyErrors, SeverityMayBeTranslated) {
  EXPECT_EQ(ConnectError("x failed: SCHWERWIEGEND:  53300: zu viele Clients\n", "").message,
            "53300 zu viele Clients");
}

TEST(PqReplyErrors, SomethingThatLooksLikeASqlstateIsNotOne) {
  EXPECT_EQ(Name(ConnectError("x failed: FATAL:  28p01: no\n", "").kind), "connect");
  EXPECT_EQ(Name(ConnectError("x failed: FATAL:  28P0\n", "").kind), "connect");
}

TEST(PqReplyErrors, LibpqsOwnComplaintsGetAKind) {
  const auto kind = [](std::string_view text) { return Name(LostError(text, "").kind); };
  EXPECT_EQ(kind("server closed the connection unexpectedly\n\tThis probably means"), "connect");
  EXPECT_EQ(kind("lost synchronization with server: got message type \"x\", length 1"), "protocol");
  EXPECT_EQ(kind("SSL error: certificate verify failed"), "auth");
  EXPECT_EQ(kind("server certificate for \"a\" does not match host name \"b\""), "auth");
  EXPECT_EQ(kind("root certificate file \"/x\" does not exist"), "auth");
  EXPECT_EQ(kind("fe_sendauth: no password supplied"), "auth");
  EXPECT_EQ(kind(""), "connect");
}

TEST(PqReplyErrors, MessagesAreOneLineWithoutTheSecret) {
  EXPECT_EQ(OneLine("a:\n\tb\nc  hunter2\n\n", "hunter2"), "a: b; c [password]");
  EXPECT_EQ(OneLine("hunter2hunter2", "hunter2"), "[password][password]");
  EXPECT_EQ(OneLine("x\x01\xff", ""), "x\\x01\\xff");
  EXPECT_EQ(OneLine(std::string(5000, 'x'), "").size(), 1003U);
}

}  // namespace
}  // namespace headroom::pq
