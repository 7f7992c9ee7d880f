#include "exporter/html.h"

#include <gtest/gtest.h>

namespace headroom {
namespace {

TEST(Html, TextIsEscaped) {
  Html html;
  html.Raw("<b>").Text("<script>alert(\"&'\")</script>").Raw("</b>");
  EXPECT_EQ(std::move(html).Take(),
            "<b>&lt;script&gt;alert(&quot;&amp;&#39;&quot;)&lt;/script&gt;</b>");
}

TEST(Html, InvalidUtf8AndControlCharactersAreMadeVisible) {
  Html html;
  html.Text(std::string("a\xff\x01z", 4));
  EXPECT_EQ(std::move(html).Take(), "a\xEF\xBF\xBD\xEF\xBF\xBDz");
}

TEST(Html, LongTextIsCut) {
  Html html;
  html.Text(std::string(65536, 'q'));
  EXPECT_EQ(std::move(html).Take(), std::string(300, 'q') + "\xE2\x80\xA6");
}

TEST(HumanSeconds, PicksTheUnitAPersonWould) {
  EXPECT_EQ(HumanSeconds(0), "0 s");
  EXPECT_EQ(HumanSeconds(0.00025), "0.2 ms");
  EXPECT_EQ(HumanSeconds(0.0123), "12 ms");
  EXPECT_EQ(HumanSeconds(1.25), "1.2 s");
  EXPECT_EQ(HumanSeconds(200), "3 min 20 s");
  EXPECT_EQ(HumanSeconds(7260), "2 h 1 min");
  EXPECT_EQ(HumanSeconds(90000), "1 d 1 h");
}

}  // namespace
}  // namespace headroom
