// Every recorded trace runs equal through every way to use a queue, in every layout with one item per slot.
#include "faces.hpp"
#include "golden.hpp"

#include <gtest/gtest.h>

#include <array>

namespace {

using nlohmann::json;

const std::vector<json>& traces() {
    static const std::vector<json> all = test::read_lines("traces.jsonl");
    return all;
}

constexpr std::array one_item_layouts{slickq::layout::slq0, slickq::layout::slq1, slickq::layout::packed, slickq::layout::wide};

class Trace : public testing::TestWithParam<std::tuple<std::string, slickq::layout, int>> {};

// ["read", c, before, after, position, size, hash] and ["read_shared", ...]
void expect_read(const json& op, std::uint64_t before, std::uint64_t after, const std::optional<test::seen_record>& seen) {
    EXPECT_EQ(before, op[2].get<std::uint64_t>());
    EXPECT_EQ(after, op[3].get<std::uint64_t>());
    ASSERT_EQ(seen.has_value(), !op[4].is_null());
    if (!seen) return;
    EXPECT_EQ(seen->position, op[4].get<std::uint64_t>());
    EXPECT_EQ(seen->count, op[5].get<std::uint32_t>());
    EXPECT_EQ(test::fnv1a(seen->data), op[6].get<std::string>());
}

TEST_P(Trace, RunsEqual) {
    const auto& [face_name, layout, number] = GetParam();
    const json& trace = traces()[static_cast<std::size_t>(number)];
    const std::uint32_t element_size = trace["element_size"];
    const auto queue = test::make_face(face_name, {layout, trace["capacity"], element_size, 1});
    std::array<std::uint64_t, 3> cursors{};
    alignas(8) std::uint64_t shared = 0;

    std::size_t step = 0;
    for (const json& op : trace["ops"]) {
        SCOPED_TRACE("step " + std::to_string(step++) + ": " + op.dump());
        const std::string& what = op[0].get_ref<const std::string&>();
        if (what == "reserve") {
            const std::uint32_t count = op[1];
            const std::uint64_t index = queue->reserve(count);
            ASSERT_EQ(index, op[2].get<std::uint64_t>());
            test::fill_elements(queue->at(index), index, count, element_size);
        } else if (what == "publish") {
            ASSERT_TRUE(queue->publish(op[1], op[2]));
        } else if (what == "abandon") {
            ASSERT_FALSE(queue->publish(op[1], 1)) << "the ring has lapped it";
        } else if (what == "read") {
            std::uint64_t& cursor = cursors.at(op[1]);
            const std::uint64_t before = cursor;
            const auto seen = queue->read(cursor);
            expect_read(op, before, cursor, seen);
        } else {
            ASSERT_EQ(what, "read_shared");
            const std::uint64_t before = shared;
            const auto seen = queue->read_shared(shared);
            expect_read(op, before, shared, seen);
        }
        if (HasFailure()) return;
    }
}

INSTANTIATE_TEST_SUITE_P(All, Trace,
                         testing::Combine(testing::ValuesIn(test::face_names()), testing::ValuesIn(one_item_layouts),
                                          testing::Range(0, static_cast<int>(traces().size()))),
                         [](const auto& tested) {
                             return std::get<0>(tested.param) + "_" + test::layout_text(std::get<1>(tested.param)) + "_" +
                                    std::to_string(std::get<2>(tested.param));
                         });

} // namespace
