// Everything of the C++ face, instantiated: compiled with many warnings, and without exceptions and RTTI. Run with "fail" it does what
// throws elsewhere.
#include <slickq/slickq.hpp>

#include <array>
#include <cstring>

template class slickq::queue<int>;
template class slickq::reader<int>;
template class slickq::worker<int>;

int main(int argc, char** argv) {
    slickq::queue<int> q(8u);
    const std::uint64_t index = q.reserve();
    *q[index] = 7;
    if (!q.publish(index) || q.publish(index + 1) || q.publish(index, 0)) return 1;
    std::uint64_t cursor = 0;
    const auto [data, count] = q.read(cursor);
    if (data == nullptr || *data != 7 || count != 1) return 1;
    const std::array<int, 2> two{1, 2};
    if (!q.write(two) || !q.write_batch(two)) return 1;
    slickq::reader<int> r(q, {.from = slickq::start::oldest});
    int records = 0;
    while (r.read()) ++records;
    if (records != 4) return 1;
    if (argc > 1 && std::strcmp(argv[1], "fail") == 0) q.reserve(9);
    return 0;
}
