#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "collectors/redis/json_fields.h"

namespace headroom::redis {
namespace {

using testing::ElementsAre;
using testing::Eq;
using testing::Optional;

const std::array<std::string, 2> kNames = {"state", "at"};

std::optional<JsonFields::Values> Read(std::string_view json) {
  JsonFields fields;
  return fields.Read(json, kNames);
}

TEST(RedisJsonFields, ReadsTopLevelScalarsAsText) {
  EXPECT_THAT(Read(R"({"x":[1,{"state":"no"}],"state":"a\"\u00e9","at": 12.50 })"),
              Optional(ElementsAre(Eq("a\"\xc3\xa9"), Eq("12.50"))));
  EXPECT_THAT(Read(R"({"state":true,"at":-3})"), Optional(ElementsAre(Eq("true"), Eq("-3"))));
}

TEST(RedisJsonFields, WhatHasNoTextIsMissing) {
  EXPECT_THAT(Read(R"({"state":null,"at":{"a":1}})"),
              Optional(ElementsAre(std::nullopt, std::nullopt)));
  EXPECT_THAT(Read("{}"), Optional(ElementsAre(std::nullopt, std::nullopt)));
}

TEST(RedisJsonFields, TheFirstOfTwoEqualNamesCounts) {
  EXPECT_THAT(Read(R"({"state":"a","state":"b"})"), Optional(ElementsAre(Eq("a"), std::nullopt)));
}

class RedisJsonFieldsBroken : public testing::TestWithParam<std::string_view> {};

TEST_P(RedisJsonFieldsBroken, GivesNothing) {
  EXPECT_FALSE(Read(GetParam()).has_value()) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(Texts, RedisJsonFieldsBroken,
                         testing::Values("", "  ", "idle", "17", "[1]", "\"state\"",
                                         R"({"state":"a")", R"({"state":"a"} x)",
                                         R"({"state":"a"}{"at":1})", R"({"state":NaN})",
                                         R"({"at":1767225600x})", "{\"state\":\"\xff\"}",
                                         R"({"state":"a","at":)"));

TEST(RedisJsonFields, OneFieldMayBeAskedForTwice) {
  JsonFields fields;
  const std::array<std::string, 3> names = {"state", "at", "at"};
  EXPECT_THAT(fields.Read(R"({"at":7})", names),
              Optional(ElementsAre(std::nullopt, Eq("7"), Eq("7"))));
}

TEST(RedisJsonFields, OneReaderServesManyTexts) {
  JsonFields fields;
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(fields.Read("{", kNames).has_value());
    EXPECT_THAT(fields.Read(R"({"at":1})", kNames), Optional(ElementsAre(std::nullopt, Eq("1"))));
  }
}

}  // namespace
}  // namespace headroom::redis
