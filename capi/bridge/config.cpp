#include "config.hpp"

#include "hash.hpp"
#include "state.hpp"

#include <toml++/toml.h>

#include <sys/stat.h>

#include <cctype>
#include <fstream>
#include <iterator>
#include <limits>
#include <set>
#include <sstream>

namespace bridge {
namespace {

std::string place(const toml::node& node) {
    std::ostringstream text;
    text << node.source().begin;
    return text.str();
}

// One table of the file. Whatever nobody has asked for is a mistake in writing.
class section {
public:
    section(const toml::table& table, std::string name) : table_(table), name_(std::move(name)) {}

    void read(const char* key, std::string& value) {
        if (const toml::node* const node = find(key)) {
            if (!node->is_string()) fail(*node, key, "a text");
            value = node->ref<std::string>();
        }
    }
    void read(const char* key, bool& value) {
        if (const toml::node* const node = find(key)) {
            if (!node->is_boolean()) fail(*node, key, "true or false");
            value = node->ref<bool>();
        }
    }
    template <class Integer>
    void read(const char* key, Integer& value, std::int64_t least,
              std::int64_t most = std::min<std::uint64_t>(std::numeric_limits<Integer>::max(),
                                                          std::numeric_limits<std::int64_t>::max())) {
        if (const toml::node* const node = find(key)) {
            const std::string range = "a number from " + std::to_string(least) + " to " + std::to_string(most);
            if (!node->is_integer()) fail(*node, key, range);
            const std::int64_t number = node->ref<std::int64_t>();
            if (number < least || number > most) fail(*node, key, range);
            value = static_cast<Integer>(number);
        }
    }
    void read(const char* key, std::vector<std::string>& values) {
        const toml::node* const node = find(key);
        if (node == nullptr) return;
        values.clear();
        if (node->is_string()) {
            values.push_back(node->ref<std::string>());
        } else if (const toml::array* const list = node->as_array(); list != nullptr && !list->empty()) {
            for (const toml::node& item : *list) {
                if (!item.is_string()) fail(item, key, "a list of texts");
                values.push_back(item.ref<std::string>());
            }
        } else {
            fail(*node, key, "a text or a list of texts");
        }
    }
    // choices: word and value
    template <class Value>
    void choose(const char* key, Value& value, std::initializer_list<std::pair<const char*, Value>> choices) {
        const toml::node* const node = find(key);
        if (node == nullptr) return;
        std::string words;
        for (const auto& [word, chosen] : choices) {
            if (node->is_string() && node->ref<std::string>() == word) {
                value = chosen;
                return;
            }
            words += (words.empty() ? "\"" : ", \"") + std::string(word) + "\"";
        }
        fail(*node, key, "one of " + words);
    }
    const toml::table* table(const char* key) {
        const toml::node* const node = find(key);
        if (node != nullptr && !node->is_table()) fail(*node, key, "a table");
        return node == nullptr ? nullptr : node->as_table();
    }
    template <class Use>
    void for_each_table(const char* key, Use use) {
        const toml::node* const node = find(key);
        if (node == nullptr) return;
        const toml::array* const list = node->as_array();
        if (list == nullptr) fail(*node, key, std::string("tables, each headed [[") + key + "]]");
        for (const toml::node& item : *list) {
            if (!item.is_table()) fail(item, key, "a table");
            use(*item.as_table());
        }
    }
    void end() const {
        for (const auto& [key, node] : table_) {
            if (known_.count(std::string(key.str())) == 0) {
                throw config_error(place(node) + ": " + name_ + " has no setting '" + std::string(key.str()) + "'");
            }
        }
    }

private:
    const toml::node* find(const char* key) {
        known_.insert(key);
        return table_.get(key);
    }
    [[noreturn]] void fail(const toml::node& node, const char* key, const std::string& wanted) const {
        throw config_error(place(node) + ": " + key + " in " + name_ + " must be " + wanted);
    }

    const toml::table& table_;
    std::string name_;
    std::set<std::string> known_;
};

void read_server(const toml::table& table, server_config& to) {
    section s(table, "[nats]");
    s.read("servers", to.servers);
    s.read("user", to.user);
    s.read("password_file", to.password_file);
    s.read("token_file", to.token_file);
    s.read("nkey", to.nkey);
    s.read("nkey_seed_file", to.nkey_seed_file);
    s.read("credentials_file", to.credentials_file);
    s.read("connect_timeout_ms", to.connect_timeout_ms, 1);
    s.read("ping_interval_ms", to.ping_interval_ms, 100);
    s.read("backoff_first_ms", to.backoff_first_ms, 1);
    s.read("backoff_longest_ms", to.backoff_longest_ms, 1, 3'600'000);
    if (const toml::table* const tls = s.table("tls")) {
        section t(*tls, "[nats.tls]");
        to.tls = true;
        t.read("ca", to.tls_ca);
        t.read("certificate", to.tls_certificate);
        t.read("key", to.tls_key);
        t.read("hostname", to.tls_hostname);
        t.end();
    }
    s.end();
}

void read_stream(const toml::table& table, stream_config& to, const std::string& of) {
    section s(table, "stream of " + of);
    s.read("name", to.name);
    s.read("create", to.create);
    s.choose<bool>("storage", to.in_memory, {{"file", false}, {"memory", true}});
    s.read("max_bytes", to.max_bytes, -1);
    s.read("max_messages", to.max_messages, -1);
    s.read("max_age_s", to.max_age_s, 0, 1'000'000'000);
    s.read("duplicate_window_s", to.duplicate_window_s, 1, 1'000'000);
    s.read("replicas", to.replicas, 1, 5);
    s.end();
}

void read_common(section& s, direction_config& to, const std::string& of) {
    s.read("name", to.name);
    s.read("queue", to.queue);
    s.read("subject", to.subject);
    s.choose<bool>("mode", to.jetstream, {{"jetstream", true}, {"core", false}});
    s.read("ack_timeout_ms", to.ack_timeout_ms, 10, 3'600'000);
    if (!to.jetstream) to.hold = hold_kind::none;
    if (!to.jetstream) to.lossless = false;
    if (const toml::table* const stream = s.table("stream")) read_stream(*stream, to.stream, of);
}

direction_config read_out(const toml::table& table) {
    direction_config to;
    section s(table, "[[out]]");
    read_common(s, to, "[[out]]");
    s.choose<hold_kind>("hold", to.hold,
                        {{"group", hold_kind::group}, {"consumer", hold_kind::consumer}, {"none", hold_kind::none}});
    s.read("group", to.group);
    s.read("linger_s", to.linger_s, -1, 1'000'000'000);
    s.choose<bool>("start", to.from_now, {{"oldest", false}, {"now", true}});
    s.read("batch", to.batch, 1, 65536);
    s.read("batch_bytes", to.batch_bytes, 1, 64 << 20);
    s.read("window", to.window, 1, 1 << 20);
    s.read("window_bytes", to.window_bytes, 1);
    s.read("shared", to.is_shared);
    s.choose<bool>("oversize", to.drop_oversize, {{"block", false}, {"drop", true}});
    s.end();
    return to;
}

direction_config read_in(const toml::table& table) {
    direction_config to;
    section s(table, "[[in]]");
    read_common(s, to, "[[in]]");
    s.choose<bool>("start", to.from_now, {{"all", false}, {"now", true}});
    s.read("capacity", to.capacity, 1);
    s.read("element_size", to.element_size, 1);
    s.read("lossless", to.lossless);
    s.read("max_pending", to.max_pending, 1, 1 << 20);
    s.read("max_pending_bytes", to.max_pending_bytes, 1);
    s.end();
    return to;
}

// What a file name and a durable consumer's name may have.
std::string plain(const std::string& text) {
    std::string name;
    for (const char c : text) name += std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' ? c : '_';
    const std::size_t first = name.find_first_not_of('_');
    return first == std::string::npos ? "direction" : name.substr(first);
}

void complete_direction(direction_config& d, bool is_out, std::set<std::string>& names) {
    const std::string what = is_out ? "out" : "in";
    if (d.queue.empty()) throw config_error("an " + what + " direction has no queue");
    if (d.subject.empty()) throw config_error("the " + what + " direction of queue '" + d.queue + "' has no subject");
    const bool has_wildcard = d.subject.find_first_of("*>") != std::string::npos;
    if (d.subject.find_first_of(" \t\r\n") != std::string::npos || (is_out && has_wildcard)) {
        throw config_error("'" + d.subject + "' is no subject to " + (is_out ? "publish to" : "subscribe to"));
    }
    if (d.name.empty()) d.name = what + "-" + plain(is_out ? d.queue : d.subject);
    if (d.name != plain(d.name) || d.name.size() > 64) {
        throw config_error("'" + d.name + "' is no name of a direction: up to 64 letters, digits, '-' and '_'");
    }
    if (!names.insert(d.name).second)
        throw config_error("two directions are called '" + d.name + "': give one of them a name");
    if (d.group.empty()) {
        d.group = "b:" + d.name;
        if (d.group.size() > 16) { // as long as a group's name may be
            char digits[17];
            std::snprintf(digits, sizeof digits, "b:%014llx",
                          static_cast<unsigned long long>(hash_of(d.name) & 0xFF'FFFF'FFFF'FFFF));
            d.group = digits;
        }
    }
    if (d.group.size() > 16) throw config_error("group '" + d.group + "' has more than 16 bytes");
    if ((d.capacity == 0) != (d.element_size == 0)) {
        throw config_error(d.name + ": to create the queue, give capacity and element_size");
    }
    if ((d.capacity & (d.capacity - 1)) != 0) throw config_error(d.name + ": capacity must be a power of two");
}

} // namespace

void require_private(const std::string& path) {
    struct stat about {};
    if (stat(path.c_str(), &about) != 0) throw config_error("cannot read the secret in " + path);
    if ((about.st_mode & S_IROTH) != 0) throw config_error(path + " can be read by everybody: chmod o-r " + path);
}

std::string read_secret(const std::string& path) {
    require_private(path);
    std::ifstream file(path, std::ios::binary);
    if (!file) throw config_error("cannot read the secret in " + path);
    std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    if (text.empty()) throw config_error("the secret in " + path + " is empty");
    return text;
}

bridge_config read_config(const std::string& path) {
    bridge_config config;
    try {
        const toml::table file = toml::parse_file(path);
        section s(file, "the file");
        s.read("state_directory", config.state_directory);
        s.read("metrics_listen", config.metrics_listen);
        s.read("drain_timeout_ms", config.drain_timeout_ms, 0, 3'600'000);
        if (const toml::table* const nats = s.table("nats")) read_server(*nats, config.nats);
        s.for_each_table("out", [&](const toml::table& t) { config.out.push_back(read_out(t)); });
        s.for_each_table("in", [&](const toml::table& t) { config.in.push_back(read_in(t)); });
        s.end();
    } catch (const toml::parse_error& error) {
        std::ostringstream text;
        text << path << ": " << error.description() << " (" << error.source().begin << ")";
        throw config_error(text.str());
    } catch (const config_error& error) {
        throw config_error(path + ": " + error.what());
    }
    return config;
}

void complete(bridge_config& config) {
    if (config.state_directory.empty()) config.state_directory = default_state_directory();
    if (config.out.empty() && config.in.empty())
        throw config_error("there is nothing to do: give an [[out]] or an [[in]]");
    for (const std::string& server : config.nats.servers) {
        // It would stand in `ps`, in logs, and in a file that others may read.
        if (server.find('@') != std::string::npos) {
            throw config_error(
                "a server's address must hold no user or password: use user and password_file, or the environment");
        }
    }
    if (config.nats.nkey.empty() != config.nats.nkey_seed_file.empty()) {
        throw config_error("an NKey needs both: nkey, the public key, and nkey_seed_file");
    }
    if (config.nats.tls_certificate.empty() != config.nats.tls_key.empty()) {
        throw config_error("a TLS client certificate needs both: certificate and key");
    }
    std::set<std::string> names;
    for (direction_config& d : config.out) complete_direction(d, true, names);
    for (direction_config& d : config.in) complete_direction(d, false, names);
}

} // namespace bridge
