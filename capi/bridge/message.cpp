#include "message.hpp"

#include "connection.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>

namespace bridge {
namespace {

void set(natsMsg* m, const char* key, const std::string& value) {
    check(natsMsgHeader_Set(m, key, value.c_str()), "set a header");
}

template <class Number>
bool parse(const char* text, Number& value) {
    if (text == nullptr) return false;
    const char* const end = text + std::strlen(text);
    const auto [stop, error] = std::from_chars(text, end, value);
    return error == std::errc() && stop == end;
}

std::string lost_text(const losses& lost) {
    std::string text;
    for (unsigned c = 0; c < causes; ++c) {
        if (lost.elements[c] == 0) continue;
        text += (text.empty() ? "" : ",") + std::string(cause_names[c]) + "=" + std::to_string(lost.elements[c]);
    }
    return text;
}

// Calls use(item) for each item between commas; false as soon as that is false.
template <class Use>
bool for_each_item(const std::string& list, Use use) {
    std::size_t from = 0;
    for (;;) {
        const std::size_t comma = list.find(',', from);
        if (!use(list.substr(from, comma - from))) return false;
        if (comma == std::string::npos) return true;
        from = comma + 1;
    }
}

bool parse_lost(const std::string& text, losses& lost) {
    return for_each_item(text, [&](const std::string& item) {
        const std::size_t equals = item.find('=');
        if (equals == std::string::npos) return false;
        const std::string name = item.substr(0, equals);
        const auto* const found = std::find(cause_names, cause_names + causes, name);
        std::uint64_t unknown = 0; // a cause of a later version: counted by nobody, and no damage
        std::uint64_t& value = found == cause_names + causes ? unknown : lost.elements[found - cause_names];
        return parse(item.c_str() + equals + 1, value);
    });
}

bool parse_counts(const std::string& text, std::vector<std::uint32_t>& counts) {
    return for_each_item(text, [&](const std::string& item) {
        std::uint32_t count = 0;
        if (!parse(item.c_str(), count)) return false;
        counts.push_back(count);
        return true;
    });
}

} // namespace

std::string identity::text() const {
    char digits[33];
    std::snprintf(digits, sizeof digits, "%016llx%016llx", static_cast<unsigned long long>(high),
                  static_cast<unsigned long long>(low));
    return digits;
}

bool identity::parse(const std::string& text) {
    if (text.size() != 32) return false;
    identity read;
    const char* const middle = text.data() + 16;
    const auto first = std::from_chars(text.data(), middle, read.high, 16);
    const auto second = std::from_chars(middle, middle + 16, read.low, 16);
    if (first.ec != std::errc() || first.ptr != middle || second.ec != std::errc() || second.ptr != middle + 16)
        return false;
    *this = read;
    return true;
}

std::string description::id() const {
    std::string text = before.segment.text() + "." + std::to_string(before.epoch) + "." + std::to_string(before.index);
    if (counts.size() > 1) text += "." + std::to_string(counts.size());
    return text;
}

std::uint64_t description::elements() const {
    std::uint64_t all = 0;
    for (const std::uint32_t c : counts) all += c;
    return all;
}

std::uint64_t description::after(std::uint64_t index, std::size_t record) const {
    const std::uint64_t slot = items_per_slot;
    return index + (counts[record] + slot - 1) / slot * slot;
}

const char* header(natsMsg* of, const char* key) {
    const char* value = nullptr;
    return natsMsgHeader_Get(of, key, &value) == NATS_OK ? value : nullptr;
}

message encode(const std::string& subject, const std::string& reply, const description& what, const void* data,
               std::size_t length, bool with_id) {
    natsMsg* made = nullptr;
    check(natsMsg_Create(&made, subject.c_str(), reply.empty() ? nullptr : reply.c_str(),
                         static_cast<const char*>(data), static_cast<int>(length)),
          "make a message");
    message m(made);
    if (with_id) set(made, "Nats-Msg-Id", what.id());
    set(made, "Slickq-Source", what.source);
    set(made, "Slickq-Segment", what.before.segment.text());
    set(made, "Slickq-Epoch", std::to_string(what.before.epoch));
    set(made, "Slickq-Index", std::to_string(what.before.index));
    if (what.counts.size() != 1) set(made, "Slickq-Records", std::to_string(what.counts.size()));
    if (!what.counts.empty()) {
        const bool are_equal =
            std::all_of(what.counts.begin(), what.counts.end(), [&](std::uint32_t c) { return c == what.counts[0]; });
        if (are_equal) {
            set(made, "Slickq-Count", std::to_string(what.counts[0]));
        } else {
            std::string counts;
            for (const std::uint32_t c : what.counts) counts += (counts.empty() ? "" : ",") + std::to_string(c);
            set(made, "Slickq-Counts", counts);
        }
    }
    if (what.items_per_slot != 1) set(made, "Slickq-Slot", std::to_string(what.items_per_slot));
    set(made, "Slickq-Element", std::to_string(what.element_size));
    set(made, "Slickq-Time", std::to_string(what.time_ns));
    set(made, "Slickq-Sent", std::to_string(what.before.sent));
    if (const std::string lost = lost_text(what.before.lost); !lost.empty()) set(made, "Slickq-Lost", lost);
    return m;
}

decoded decode(natsMsg* from, description& what, std::string& why) {
    const char* const segment = header(from, "Slickq-Segment");
    if (segment == nullptr) return decoded::foreign;

    const auto damaged = [&](const char* key) {
        const char* const value = header(from, key);
        why = std::string(key) + (value == nullptr ? " is missing" : std::string(" makes no sense: ") + value);
        return decoded::damaged;
    };
    what = description{};
    if (const char* const source = header(from, "Slickq-Source"); source != nullptr) what.source = source;
    if (!what.before.segment.parse(segment)) return damaged("Slickq-Segment");
    if (!parse(header(from, "Slickq-Epoch"), what.before.epoch)) return damaged("Slickq-Epoch");
    if (!parse(header(from, "Slickq-Index"), what.before.index)) return damaged("Slickq-Index");
    if (!parse(header(from, "Slickq-Element"), what.element_size) || what.element_size == 0)
        return damaged("Slickq-Element");
    if (!parse(header(from, "Slickq-Sent"), what.before.sent)) return damaged("Slickq-Sent");
    if (header(from, "Slickq-Time") != nullptr && !parse(header(from, "Slickq-Time"), what.time_ns))
        return damaged("Slickq-Time");
    if (header(from, "Slickq-Slot") != nullptr &&
        (!parse(header(from, "Slickq-Slot"), what.items_per_slot) || what.items_per_slot == 0)) {
        return damaged("Slickq-Slot");
    }
    if (const char* const lost = header(from, "Slickq-Lost"); lost != nullptr && !parse_lost(lost, what.before.lost)) {
        return damaged("Slickq-Lost");
    }

    const auto length = static_cast<std::uint64_t>(natsMsg_GetDataLength(from));
    std::uint64_t records = 1;
    if (header(from, "Slickq-Records") != nullptr && !parse(header(from, "Slickq-Records"), records))
        return damaged("Slickq-Records");
    if (records > length) return damaged("Slickq-Records"); // before anything of that size is allocated
    if (const char* const counts = header(from, "Slickq-Counts"); counts != nullptr) {
        if (!parse_counts(counts, what.counts) || what.counts.size() != records) return damaged("Slickq-Counts");
    } else if (records != 0) {
        std::uint32_t count = 0;
        if (!parse(header(from, "Slickq-Count"), count)) return damaged("Slickq-Count");
        what.counts.assign(records, count);
    }
    if (std::find(what.counts.begin(), what.counts.end(), 0u) != what.counts.end()) return damaged("Slickq-Count");
    if (what.elements() != length / what.element_size || length % what.element_size != 0) {
        why = "the payload has " + std::to_string(length) + " bytes, its headers say " +
              std::to_string(what.elements()) + " elements of " + std::to_string(what.element_size) + " bytes";
        return decoded::damaged;
    }
    return decoded::ours;
}

} // namespace bridge
