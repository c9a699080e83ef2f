// Every golden segment opens and reads as recorded, and is what we make ourselves by the same operations.
#include "faces.hpp"
#include "golden.hpp"
#include "support/names.hpp"

#include <slickq/slickq.h>

#include <gtest/gtest.h>

#include <map>
#include <utility>

namespace {

using nlohmann::json;
using test::bytes;

slickq::geometry shape_of(const json& line) {
    const auto layout = line["layout"] == "wide" ? slickq::layout::wide : slickq::layout::packed;
    return {layout, line["capacity"], line["element_size"], 1};
}

std::vector<json> all_segments() {
    std::vector<json> lines = test::read_lines("packed-segments.jsonl");
    for (json& line : test::read_lines("wide-segments.jsonl")) lines.push_back(std::move(line));
    return lines;
}

// ---------------------------------------------------------------- reading what was recorded

class GoldenSegment : public testing::TestWithParam<std::tuple<std::string, json>> {};

TEST_P(GoldenSegment, ReadsAsRecorded) {
    const auto& [face_name, line] = GetParam();
    const slickq::geometry shape = shape_of(line);
    const test::segment_name name;
    test::write_shm(name.text(), test::read_file(line["file"]));

    const auto queue = test::open_face(face_name, name.text(), shape);
    EXPECT_EQ(queue->initial_reading_index(), line["initial_reading_index"].get<std::uint64_t>());
    std::uint64_t cursor = 0;
    for (const json& recorded : line["records"]) {
        EXPECT_EQ(cursor, recorded["cursor_before"].get<std::uint64_t>());
        const auto seen = queue->read(cursor);
        ASSERT_TRUE(seen);
        EXPECT_EQ(cursor, recorded["cursor_after"].get<std::uint64_t>());
        EXPECT_EQ(seen->position, recorded["position"].get<std::uint64_t>());
        EXPECT_EQ(seen->count, recorded["size"].get<std::uint32_t>());
        EXPECT_EQ(test::hex(seen->data), recorded["hex"].get<std::string>());
    }
    EXPECT_FALSE(queue->read(cursor));
    EXPECT_EQ(cursor, line["cursor_end"].get<std::uint64_t>());
}

TEST_P(GoldenSegment, IsNotChangedByOpeningAndReading) {
    const auto& [face_name, line] = GetParam();
    const bytes recorded = test::read_file(line["file"]);
    const test::segment_name name;
    test::write_shm(name.text(), recorded);
    {
        const auto queue = test::open_face(face_name, name.text(), shape_of(line));
        std::uint64_t cursor = 0;
        while (queue->read(cursor)) {
        }
    }
    EXPECT_EQ(test::read_shm(name.text()), recorded);
}

INSTANTIATE_TEST_SUITE_P(All, GoldenSegment,
                         testing::Combine(testing::ValuesIn(test::face_names()), testing::ValuesIn(all_segments())),
                         [](const auto& tested) {
                             const std::string file = std::get<1>(tested.param)["file"];
                             std::string text = std::get<0>(tested.param) + "_" + file;
                             for (char& c : text) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
                             return text;
                         });

// ---------------------------------------------------------------- making them

struct step {
    std::uint32_t count;
    bool is_published = true;
};

// What the recorder did, by the kind of segment. Every reservation was filled at once.
std::vector<step> steps_of(const std::string& kind) {
    if (kind == "empty") return {};
    if (kind == "three") return {{1}, {1}, {1}};
    if (kind == "gap") return {{1}, {1, false}, {1}};
    if (kind == "wrap") return {{3}, {3}, {3}};
    if (kind == "wrap-unpublished") return {{3}, {3}, {3, false}};
    if (kind == "lapped") return std::vector<step>(200, step{1});
    if (kind == "single-slot") return {{1}, {1}};
    if (kind == "variable") return {{4}, {1}, {2}, {7}, {4}, {1}, {3}};
    std::vector<step> mixed;
    for (std::uint32_t k = 0; k < 50; ++k) mixed.push_back({k % 13 + 1, k % 7 != 3});
    return mixed;
}

class GoldenBytes : public testing::TestWithParam<json> {};

TEST_P(GoldenBytes, AreWhatWeMake) {
    const json& line = GetParam();
    const slickq::geometry shape = shape_of(line);
    const std::string file = line["file"];
    const std::string prefix = line["layout"].get<std::string>() + "-";
    const std::string kind = file.substr(prefix.size(), file.size() - prefix.size() - std::string(".bin").size());

    const test::segment_name name;
    slickq_options options{};
    options.struct_size = sizeof options;
    options.capacity = shape.capacity;
    options.element_size = shape.element_size;
    options.layout = static_cast<std::uint32_t>(shape.layout);
    slickq_queue* queue = nullptr;
    ASSERT_EQ(slickq_queue_create(name.c_str(), &options, &queue), SLICKQ_OK) << slickq_last_message();
    for (const step& s : steps_of(kind)) {
        std::uint64_t index = 0;
        void* elements = nullptr;
        ASSERT_EQ(slickq_queue_reserve(queue, s.count, &index), SLICKQ_OK);
        ASSERT_EQ(slickq_queue_at(queue, index, &elements), SLICKQ_OK);
        test::fill_elements(static_cast<std::byte*>(elements), index, s.count, shape.element_size);
        if (!s.is_published) continue;
        ASSERT_EQ(slickq_queue_publish(queue, index, s.count), SLICKQ_OK);
    }
    ASSERT_EQ(slickq_queue_close(queue), SLICKQ_OK);

    const bytes recorded = test::read_file(file);
    bytes made = test::read_shm(name.text());
    ASSERT_GE(made.size(), recorded.size());
    made.resize(recorded.size());
    EXPECT_EQ(test::hex(made), test::hex(recorded));
}

INSTANTIATE_TEST_SUITE_P(All, GoldenBytes, testing::ValuesIn(all_segments()), [](const auto& tested) {
    std::string text = tested.param["file"].template get<std::string>();
    for (char& c : text) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    return text;
});

} // namespace
