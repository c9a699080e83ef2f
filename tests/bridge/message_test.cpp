#include "message.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace {

using namespace bridge;

// libnats cannot free a message before.
const natsStatus opened = nats_Open(-1);

description example() {
    description d;
    d.source = "/ticks";
    d.before.segment = {0x0123456789ABCDEF, 0xFEDCBA9876543210};
    d.before.epoch = 3;
    d.before.index = 0xFFFFFFFFFFFE;
    d.before.sent = 77;
    d.before.lost.elements[lapped] = 5;
    d.before.lost.elements[gap] = 2;
    d.counts = {1, 2, 3};
    d.element_size = 2;
    d.items_per_slot = 4;
    d.time_ns = 1'700'000'000'000'000'000;
    return d;
}

message encoded(const description& d, bool with_id = true) {
    const std::string payload(d.elements() * d.element_size, 'x');
    return encode("subject", "reply", d, payload.data(), payload.size(), with_id);
}

TEST(Message, ComesBackAsItWas) {
    for (const std::vector<std::uint32_t>& counts : {std::vector<std::uint32_t>{1, 2, 3}, {4}, {5, 5, 5}, {}}) {
        description d = example();
        d.counts = counts;
        const message m = encoded(d);
        description back;
        std::string why;
        ASSERT_EQ(decode(m.get(), back, why), decoded::ours) << why;
        EXPECT_EQ(back.source, d.source);
        EXPECT_EQ(back.before.segment, d.before.segment);
        EXPECT_EQ(back.before.epoch, d.before.epoch);
        EXPECT_EQ(back.before.index, d.before.index);
        EXPECT_EQ(back.before.sent, d.before.sent);
        EXPECT_EQ(back.before.lost, d.before.lost);
        EXPECT_EQ(back.counts, d.counts);
        EXPECT_EQ(back.element_size, d.element_size);
        EXPECT_EQ(back.items_per_slot, d.items_per_slot);
        EXPECT_EQ(back.time_ns, d.time_ns);
    }
}

TEST(Message, IdentityIsReadStrictly) {
    identity i;
    EXPECT_TRUE(i.parse("0123456789abcdeffedcba9876543210"));
    EXPECT_EQ(i.text(), "0123456789abcdeffedcba9876543210");
    for (const char* bad :
         {"", "0123456789abcdeffedcba987654321", "0123456789abcdeffedcba98765432100",
          "0x23456789abcdeffedcba9876543210", "0123456789abcde fedcba9876543210", "-123456789abcdeffedcba9876543210"}) {
        EXPECT_FALSE(i.parse(bad)) << bad;
    }
    EXPECT_EQ(i.text(), "0123456789abcdeffedcba9876543210");
}

// A stream drops a message whose id it has seen. Two batches that begin alike and end elsewhere must not have the same.
TEST(Message, BatchesThatAreCutElsewhereHaveOtherIds) {
    description d = example();
    const std::string of_three = d.id();
    d.counts.pop_back();
    EXPECT_NE(d.id(), of_three);
    d.counts.pop_back();
    EXPECT_EQ(d.id(), "0123456789abcdeffedcba9876543210.3.281474976710654");
}

TEST(Message, OnlyJetStreamNeedsAnId) {
    EXPECT_EQ(header(encoded(example(), false).get(), "Nats-Msg-Id"), nullptr);
    EXPECT_STREQ(header(encoded(example()).get(), "Nats-Msg-Id"), example().id().c_str());
}

TEST(Message, WithoutOurHeadersItIsForeign) {
    natsMsg* made = nullptr;
    ASSERT_EQ(natsMsg_Create(&made, "s", nullptr, "abc", 3), NATS_OK);
    const message m(made);
    description d;
    std::string why;
    EXPECT_EQ(decode(made, d, why), decoded::foreign);
}

TEST(Message, APayloadThatDisagreesIsDamage) {
    description d = example();
    const std::string payload(d.elements() * d.element_size + 1, 'x');
    const message m = encode("s", "", d, payload.data(), payload.size(), true);
    std::string why;
    description back;
    EXPECT_EQ(decode(m.get(), back, why), decoded::damaged);
    EXPECT_NE(why.find("13 bytes"), std::string::npos) << why;
}

TEST(Message, IndicesAreRoundedUpToSlots) {
    const description d = example();
    EXPECT_EQ(d.after(8, 0), 12u);
    EXPECT_EQ(d.after(8, 2), 12u);
}

} // namespace
