#include "collectors/secret.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "test/support/scratch.h"

namespace headroom {
namespace {

SecretSource FromFile(std::string path) {
  return {SecretSource::From::kFile, std::move(path), Secret()};
}

class SecretFile : public testing::Test {
 protected:
  test::Scratch scratch_;
};

TEST(SecretSource, NothingIsAnEmptySecret) {
  const Result<Secret> secret = SecretSource{}.Read();
  ASSERT_TRUE(secret.ok());
  EXPECT_TRUE(secret->empty());
}

TEST(SecretSource, LiteralIsGivenBack) {
  const SecretSource source{SecretSource::From::kLiteral, "", Secret("hunter2")};
  EXPECT_EQ(source.Read()->Reveal(), "hunter2");
}

TEST_F(SecretFile, OneNewlineAtTheEndIsDropped) {
  EXPECT_EQ(FromFile(scratch_.Write("plain", "hunter2")).Read()->Reveal(), "hunter2");
  EXPECT_EQ(FromFile(scratch_.Write("lf", "hunter2\n")).Read()->Reveal(), "hunter2");
  EXPECT_EQ(FromFile(scratch_.Write("crlf", "hunter2\r\n")).Read()->Reveal(), "hunter2");
  EXPECT_EQ(FromFile(scratch_.Write("two", "hunter2\n\n")).Read()->Reveal(), "hunter2\n");
  EXPECT_EQ(FromFile(scratch_.Write("spaces", " hunter 2 \n")).Read()->Reveal(), " hunter 2 ");
}

TEST_F(SecretFile, ACarriageReturnWithoutLineFeedIsPartOfTheSecret) {
  EXPECT_EQ(FromFile(scratch_.Write("cr", "hunter2\r")).Read()->Reveal(), "hunter2\r");
}

TEST_F(SecretFile, AFileIsReadAnewEachTime) {
  const SecretSource source = FromFile(scratch_.Write("rotated", "old\n"));
  EXPECT_EQ(source.Read()->Reveal(), "old");
  scratch_.Write("rotated", "new\n");
  EXPECT_EQ(source.Read()->Reveal(), "new");
}

TEST_F(SecretFile, UnreadableFilesNameThePathAndTheReason) {
  const auto message = [](const std::string& path) {
    const Result<Secret> secret = FromFile(path).Read();
    EXPECT_FALSE(secret.ok());
    EXPECT_EQ(secret.error().kind, ErrorKind::kAuth);
    return secret.error().message;
  };
  EXPECT_EQ(message("/nonexistent/pw"),
            "cannot read the secret file /nonexistent/pw: No such file or directory");
  EXPECT_EQ(message("/tmp"), "cannot read the secret file /tmp: not a regular file");
  const std::string empty = scratch_.Write("empty", "\n");
  EXPECT_EQ(message(empty), "cannot read the secret file " + empty + ": it is empty");
  const std::string large = scratch_.Write("large", std::string(70'000, 'x'));
  EXPECT_EQ(message(large), "cannot read the secret file " + large + ": larger than 64 KiB");
}

TEST_F(SecretFile, APipeThatNobodyWritesToDoesNotBlock) {
  const std::string path = scratch_.Path("pipe");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const Result<Secret> secret = FromFile(path).Read();
  ASSERT_FALSE(secret.ok());
  EXPECT_EQ(secret.error().message, "cannot read the secret file " + path + ": not a regular file");
}

TEST(SecretSource, VariablesThatAreUnsetOrEmptyAreNamed) {
  const SecretSource source{SecretSource::From::kEnvironment, "HEADROOM_TEST_SECRET", Secret()};
  ::unsetenv("HEADROOM_TEST_SECRET");
  EXPECT_EQ(source.Read().error().message,
            "the environment variable HEADROOM_TEST_SECRET is not set");
  ::setenv("HEADROOM_TEST_SECRET", "", 1);
  EXPECT_EQ(source.Read().error().message,
            "the environment variable HEADROOM_TEST_SECRET is empty");
  ::setenv("HEADROOM_TEST_SECRET", "hunter2", 1);
  EXPECT_EQ(source.Read()->Reveal(), "hunter2");
}

}  // namespace
}  // namespace headroom
