// The conformance agent on the C++ face, slickq.hpp: one request a line on standard input, one answer a line. Run by the
// driver in this directory, which says what the requests are.
#include "agent_cpp_session.hpp"

#include <iostream>
#include <memory>

namespace agent {
namespace {

template <std::size_t... ElementSizes>
std::unique_ptr<session> session_for(std::uint32_t element_size, const char* name, const slickq_options& options) {
    std::unique_ptr<session> made;
    const bool is_known =
        ((element_size == ElementSizes && (made = std::make_unique<session_of<ElementSizes>>(name, options))) || ...);
    if (!is_known) lack("elements of " + std::to_string(element_size) + " bytes in this program");
    return made;
}

// Of the segment under that name.
std::uint32_t element_size_of(const std::string& name, const slickq_options& options) {
    slickq_queue* queue = nullptr;
    slickq_queue_info info{};
    info.struct_size = sizeof info;
    require_ok(slickq_queue_open(name.c_str(), &options, &queue));
    slickq_queue_get_info(queue, &info);
    slickq_queue_close(queue);
    return info.element_size;
}

std::unique_ptr<session> open_session(words& in) {
    const std::string name = in.text();
    slickq_options options{};
    options.struct_size = sizeof options;
    options.capacity = in.number<std::uint32_t>();
    options.element_size = in.number<std::uint32_t>();
    options.items_per_slot = in.number<std::uint32_t>();
    options.layout = in.number<std::uint32_t>();
    options.flags = in.number<std::uint32_t>();
    std::uint32_t element_size = options.element_size;
    if (element_size == 0) {
        if (options.capacity != 0 || name == "-") slickq::raise(SLICKQ_E_ARGUMENT, "a new queue needs an element size");
        element_size = element_size_of(name, options);
    }
    return session_for<1, 4, 8, 12, 16, 24, 32, 64>(element_size, name == "-" ? nullptr : name.c_str(), options);
}

std::string obey(std::unique_ptr<session>& current, words& in) {
    const std::string request = in.text();
    if (request == "open") {
        current.reset();
        current = open_session(in);
        return current->opened();
    }
    if (request == "close") {
        current.reset();
        return "ok";
    }
    if (request == "remove") {
        require_ok(slickq_segment_remove(in.text().c_str()));
        return "ok";
    }
    if (request == "cell") {
        const std::string name = in.text();
        cell.open(name, in.number());
        return "ok";
    }
    if (request == "cell_load") return told("ok", cell->load(std::memory_order_acquire));
    if (request == "cell_store") {
        cell->store(in.number(), std::memory_order_release);
        return "ok";
    }
    if (request == "cell_cas") {
        auto expected = in.number();
        return cell->compare_exchange_strong(expected, in.number()) ? "ok" : told("SLICKQ_CHANGED", expected);
    }
    if (!current) refuse("REQUEST no queue is open");
    return current->obey(request, in);
}

std::string answer(std::unique_ptr<session>& current, std::string_view line) {
    try {
        words in(line);
        return obey(current, in);
    } catch (const refusal& refused) {
        return refused.text;
    } catch (const slickq::error& failure) {
        const std::string what = failure.what(); // the status' name, ": ", the message
        return told("error", status_name(failure.status()), what.substr(status_name(failure.status()).size() + 2));
    }
}

} // namespace
} // namespace agent

int main() {
    std::unique_ptr<agent::session> current;
    for (std::string line; std::getline(std::cin, line) && line != "quit";) {
        std::cout << agent::answer(current, line) << std::endl;
    }
}
