// libslickq as a C++ program uses it: slickq::queue<T> and slickq::reader<T>, inlined.
#include "slickq.hpp"

#include "../workloads/all.hpp"
#include "slickq_ways.hpp"

namespace bench {

namespace {

constexpr slickq_variant variant(std::uint32_t layout, std::uint32_t group = 1, std::uint32_t flags = 0) {
    return {.layout = layout, .producer_flags = flags, .group = group, .shares = group == 1 && flags == 0};
}
constexpr std::uint32_t slq0 = SLICKQ_LAYOUT_SLQ0;
constexpr std::uint32_t slq1 = SLICKQ_LAYOUT_SLQ1;
constexpr std::uint32_t prompt = SLICKQ_OPEN_PROMPT_PRODUCER;
constexpr std::uint32_t single = SLICKQ_OPEN_SINGLE_PRODUCER;

template <std::size_t B> using slq1_item = slickq_peer<B, variant(slq1), write_record, read_record>;
template <std::size_t B> using slq0_item = slickq_peer<B, variant(slq0), write_record, read_record>;
template <std::size_t B> using slq1_sp = slickq_peer<B, variant(slq1, 1, single), write_record, read_record>;
template <std::size_t B> using slq0_sp = slickq_peer<B, variant(slq0, 1, single), write_record, read_record>;

template <std::size_t B> using slq1_prompt = slickq_peer<B, variant(slq1, 1, prompt), write_record, read_record>;
template <std::size_t B> using slq0_prompt = slickq_peer<B, variant(slq0, 1, prompt), write_record, read_record>;

template <std::size_t B> using slq1_polled = slickq_peer<B, variant(slq1), write_record, polled<read_record>::way>;
template <std::size_t B> using slq0_polled = slickq_peer<B, variant(slq0), write_record, polled<read_record>::way>;
template <std::size_t B> using slq1_g16_polled = slickq_peer<B, variant(slq1, 16), write_group, polled<read_group>::way>;

template <std::size_t B> using slq1_r16 = slickq_peer<B, variant(slq1, 16), write_record, read_record>;
template <std::size_t B> using slq1_g16 = slickq_peer<B, variant(slq1, 16), write_group, read_group>;
template <std::size_t B> using slq0_g16 = slickq_peer<B, variant(slq0, 16), write_group, read_group>;
template <std::size_t B> using slq1_prompt_g16 = slickq_peer<B, variant(slq1, 16, prompt), write_group, read_group>;
template <std::size_t B> using slq1_g64 = slickq_peer<B, variant(slq1, 64), write_group, read_group>;
template <std::size_t B> using slq1_sp_g16 = slickq_peer<B, variant(slq1, 16, single), write_group, read_group>;
template <std::size_t B> using slq1_sp_g64 = slickq_peer<B, variant(slq1, 64, single), write_group, read_group>;

template <std::size_t B> using slq1_validated = slickq_peer<B, variant(slq1), write_record, read_validated>;
template <std::size_t B> using slq1_g64_validated = slickq_peer<B, variant(slq1, 64), write_group, read_group_validated>;

} // namespace

void add_slickq(registry& all) {
    enlist<slq1_item>(all, "ours_slq1");
    enlist<slq0_item>(all, "ours_slq0");
    enlist<slq1_sp>(all, "ours_slq1_sp");
    enlist<slq0_sp>(all, "ours_slq0_sp");
    enlist<slq1_prompt>(all, "ours_slq1_prompt");
    enlist<slq0_prompt>(all, "ours_slq0_prompt");
    enlist<slq1_polled>(all, "ours_slq1_polled");
    enlist<slq0_polled>(all, "ours_slq0_polled");
    enlist<slq1_validated>(all, "ours_slq1_validated");
}

void add_slickq_groups(registry& all) {
    enlist<slq1_r16>(all, "ours_slq1_r16");
    enlist<slq1_g16>(all, "ours_slq1_g16");
    enlist<slq1_g16_polled>(all, "ours_slq1_g16_polled");
    enlist<slq0_g16>(all, "ours_slq0_g16");
    enlist<slq1_prompt_g16>(all, "ours_slq1_prompt_g16");
    enlist<slq1_g64>(all, "ours_slq1_g64");
    enlist<slq1_sp_g16>(all, "ours_slq1_sp_g16");
    enlist<slq1_sp_g64>(all, "ours_slq1_sp_g64");
    enlist<slq1_g64_validated>(all, "ours_slq1_g64_validated");
}

} // namespace bench
