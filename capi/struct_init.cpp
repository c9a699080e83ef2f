// What other languages need to know of the structs that grow.
#include "support.hpp"

using namespace slickq::capi;

namespace {

struct known_struct {
    size_t size;
    size_t first_size; // in version 1.0: pinned, for a struct only grows
};

constexpr known_struct structs[] = {
    {0, 0},
    {sizeof(slickq_options), 40},
    {sizeof(slickq_queue_info), 96},
    {sizeof(slickq_reader_options), 40},
    {sizeof(slickq_reader_info), 88},
    {sizeof(slickq_consumer_info), 48},
    {sizeof(slickq_worker_options), 40},
    {sizeof(slickq_group_info), 88},
    {sizeof(slickq_inspection), 112},
    {sizeof(slickq_epoch_info), 24},
};
constexpr uint32_t struct_count = sizeof structs / sizeof *structs;
static_assert(struct_count == SLICKQ_STRUCT_EPOCH_INFO + 1, "every kind has its place, and nothing else has one");
static_assert(std::all_of(std::begin(structs), std::end(structs),
                          [](const known_struct& one) { return one.size >= one.first_size; }));

constexpr size_t largest_size = 65536;

constexpr size_t size_of(uint32_t kind) noexcept { return kind < struct_count ? structs[kind].size : 0; }

} // namespace

extern "C" {

size_t slickq_struct_size(uint32_t kind) { return size_of(kind); }

slickq_status slickq_struct_init(uint32_t kind, void* memory, size_t size) {
    SLICKQ_REQUIRE(memory);
    if (size_of(kind) == 0) return report(SLICKQ_E_ARGUMENT, "%u is the number of no struct", kind);
    const size_t least = structs[kind].first_size;
    if (size < least || size > largest_size) {
        return report(SLICKQ_E_ARGUMENT, "that struct has from %zu to %zu bytes, not %zu", least, largest_size, size);
    }
    const auto struct_size = static_cast<uint32_t>(size);
    std::memset(memory, 0, size);
    std::memcpy(memory, &struct_size, sizeof struct_size); // it is the first field of each
    return SLICKQ_OK;
}

} // extern "C"
