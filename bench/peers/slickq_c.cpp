// libslickq as a binding uses it: through the C ABI, in the shared library.
#include "slickq.hpp"

#include "../workloads/all.hpp"
#include "slickq_c_ways.hpp"
#include "slickq_ways.hpp"

namespace bench {

namespace {

constexpr slickq_variant slq1(std::uint32_t group = 1, std::uint32_t flags = 0) {
    return {.layout = SLICKQ_LAYOUT_SLQ1, .producer_flags = flags, .group = group};
}
constexpr std::uint32_t prompt = SLICKQ_OPEN_PROMPT_PRODUCER;
constexpr std::uint32_t single = SLICKQ_OPEN_SINGLE_PRODUCER;

template <std::size_t B> using one_call = slickq_peer<B, slq1(), c_write, c_read>;
template <std::size_t B> using four_calls = slickq_peer<B, slq1(), c_write_in_place, c_read>;
template <std::size_t B> using one_call_prompt = slickq_peer<B, slq1(1, prompt), c_write, c_read>;
template <std::size_t B> using four_calls_prompt = slickq_peer<B, slq1(1, prompt), c_write_in_place, c_read>;
template <std::size_t B> using one_call_sp = slickq_peer<B, slq1(1, single), c_write, c_read>;
template <std::size_t B> using validated = slickq_peer<B, slq1(), c_write, c_read_validated>;
template <std::size_t B> using g16 = slickq_peer<B, slq1(16), c_write_group, c_read_group>;
template <std::size_t B> using g16_polled = slickq_peer<B, slq1(16), c_write_group, polled<c_read_group>::way>;
template <std::size_t B> using prompt_g16 = slickq_peer<B, slq1(16, prompt), c_write_group, c_read_group>;
template <std::size_t B> using g64 = slickq_peer<B, slq1(64), c_write_group, c_read_group>;
template <std::size_t B> using sp_g16 = slickq_peer<B, slq1(16, single), c_write_group, c_read_group>;
template <std::size_t B> using g16_validated = slickq_peer<B, slq1(16), c_write_group, c_read_group_validated>;
template <std::size_t B> using g64_validated = slickq_peer<B, slq1(64), c_write_group, c_read_group_validated>;

} // namespace

void add_slickq_c(registry& all) {
    enlist<one_call>(all, "c_slq1");
    enlist<four_calls>(all, "c_slq1_four_calls");
    enlist<one_call_prompt>(all, "c_slq1_prompt");
    enlist<four_calls_prompt>(all, "c_slq1_prompt_four_calls");
    enlist<one_call_sp>(all, "c_slq1_sp");
    enlist<validated>(all, "c_slq1_validated");
    enlist<g16>(all, "c_slq1_g16");
    enlist<g16_polled>(all, "c_slq1_g16_polled");
    enlist<prompt_g16>(all, "c_slq1_prompt_g16");
    enlist<g64>(all, "c_slq1_g64");
    enlist<sp_g16>(all, "c_slq1_sp_g16");
    enlist<g16_validated>(all, "c_slq1_g16_validated");
    enlist<g64_validated>(all, "c_slq1_g64_validated");
}

} // namespace bench
