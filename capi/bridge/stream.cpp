#include "stream.hpp"

#include "clock.hpp"
#include "hash.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <cstring>
#include <vector>

namespace bridge {
namespace {

constexpr std::int64_t request_timeout_ms = 3000;
constexpr jsErrCode consumer_not_found = JSConsumerNotFoundErr;
constexpr jsErrCode message_not_found = JSNoMessageFoundErr;

[[noreturn]] void fail(natsStatus status, jsErrCode code, const std::string& what) {
    if (code != 0) {
        natsStatus ignored = NATS_OK;
        const char* const detail = nats_GetLastError(&ignored);
        throw nats_failure("cannot " + what + ": " + (detail != nullptr ? detail : "") + " (JetStream error " +
                           std::to_string(static_cast<int>(code)) + ")");
    }
    check(status, what);
    throw nats_failure("cannot " + what);
}

// $JS.API.STREAM.NAMES, which libnats has no call for. "" if no stream has the subject.
std::string stream_of(const connection& to, const std::string& subject) {
    const std::string request = nlohmann::json{{"subject", subject}}.dump();
    natsMsg* answer = nullptr;
    const natsStatus status =
        natsConnection_RequestString(&answer, to.handle(), "$JS.API.STREAM.NAMES", request.c_str(), request_timeout_ms);
    if (status == NATS_NO_RESPONDERS) throw nats_failure("the server has no JetStream: start it with nats-server -js");
    check(status, "ask for the stream of subject '" + subject + "'");
    const message owner(answer);
    const auto reply = nlohmann::json::parse(natsMsg_GetData(answer),
                                             natsMsg_GetData(answer) + natsMsg_GetDataLength(answer), nullptr, false);
    if (reply.is_object() && reply.contains("error")) {
        throw nats_failure("cannot ask for the stream of subject '" + subject +
                           "': " + reply["error"].value("description", "?"));
    }
    if (!reply.is_object() || !reply.contains("streams") || !reply["streams"].is_array() || reply["streams"].empty())
        return "";
    return reply["streams"][0].get<std::string>();
}

std::string create_stream(const connection& to, const std::string& subject, const stream_config& c) {
    std::string name = c.name;
    if (name.empty()) {
        for (const char letter : subject) name += letter == '.' || letter == '*' || letter == '>' ? '_' : letter;
    }
    jsStreamConfig wanted;
    jsStreamConfig_Init(&wanted);
    const char* subjects[] = {subject.c_str()};
    wanted.Name = name.c_str();
    wanted.Subjects = subjects;
    wanted.SubjectsLen = 1;
    wanted.Storage = c.in_memory ? js_MemoryStorage : js_FileStorage;
    wanted.MaxBytes = c.max_bytes;
    wanted.MaxMsgs = c.max_messages;
    wanted.MaxAge = c.max_age_s * ns_per_second;
    wanted.Duplicates = c.max_age_s != 0 ? std::min(c.max_age_s, c.duplicate_window_s) * ns_per_second
                                         : c.duplicate_window_s * ns_per_second;
    wanted.Replicas = c.replicas;
    wanted.Discard = js_DiscardNew; // a full stream says so, instead of dropping what nobody has read
    jsStreamInfo* made = nullptr;
    jsErrCode code{};
    const natsStatus status = js_AddStream(&made, to.jetstream(), &wanted, nullptr, &code);
    if (status != NATS_OK) fail(status, code, "create stream " + name);
    jsStreamInfo_Destroy(made);
    return name;
}

} // namespace

stream_info find_stream(const connection& to, const std::string& subject, const stream_config& config) {
    std::string name = stream_of(to, subject);
    if (name.empty()) {
        if (!config.create) {
            throw nats_failure("no stream has subject '" + subject +
                               "': create one, or let the bridge do it (--create-stream, or create = true)");
        }
        name = create_stream(to, subject, config);
    }
    if (!config.name.empty() && config.name != name) {
        throw nats_failure("subject '" + subject + "' belongs to stream " + name + ", not to " + config.name +
                           " as configured");
    }
    jsStreamInfo* made = nullptr;
    jsErrCode code{};
    const natsStatus status = js_GetStreamInfo(&made, to.jetstream(), name.c_str(), nullptr, &code);
    if (status != NATS_OK) fail(status, code, "look at stream " + name);
    const std::unique_ptr<jsStreamInfo, nats_closer<jsStreamInfo_Destroy>> owner(made);
    const jsStreamConfig& c = *made->Config;
    stream_info info;
    info.name = name;
    info.id = hash_of(name + "@" + std::to_string(made->Created)) | 1;
    info.is_exclusive = c.SubjectsLen == 1 && subject == c.Subjects[0] && c.SourcesLen == 0;
    info.retention = c.Retention;
    info.last_sequence = made->State.LastSeq;
    info.max_message = c.MaxMsgSize > 0 ? c.MaxMsgSize : -1;
    return info;
}

message last_message(const connection& to, const stream_info& stream, const std::string& subject) {
    natsMsg* found = nullptr;
    jsErrCode code{};
    const natsStatus status =
        js_GetLastMsg(&found, to.jetstream(), stream.name.c_str(), subject.c_str(), nullptr, &code);
    if (status == NATS_NOT_FOUND || code == message_not_found) return nullptr;
    if (status != NATS_OK) fail(status, code, "get the last message of '" + subject + "' from stream " + stream.name);
    return message(found);
}

std::optional<consumer_state> find_consumer(const connection& to, const stream_info& stream, const std::string& name) {
    jsConsumerInfo* found = nullptr;
    jsErrCode code{};
    const natsStatus status =
        js_GetConsumerInfo(&found, to.jetstream(), stream.name.c_str(), name.c_str(), nullptr, &code);
    if (status == NATS_NOT_FOUND || code == consumer_not_found) return std::nullopt;
    if (status != NATS_OK) fail(status, code, "look at consumer " + name + " of stream " + stream.name);
    const std::unique_ptr<jsConsumerInfo, nats_closer<jsConsumerInfo_Destroy>> owner(found);
    consumer_state state{found->AckFloor.Stream};
    // Until it has been acknowledged something, where it started is what counts.
    if (found->Config->OptStartSeq > 0) state.floor = std::max(state.floor, found->Config->OptStartSeq - 1);
    return state;
}

void delete_consumer(const connection& to, const stream_info& stream, const std::string& name) {
    jsErrCode code{};
    const natsStatus status = js_DeleteConsumer(to.jetstream(), stream.name.c_str(), name.c_str(), nullptr, &code);
    if (status == NATS_NOT_FOUND || code == consumer_not_found) return;
    if (status != NATS_OK) fail(status, code, "delete consumer " + name + " of stream " + stream.name);
}

void add_consumer(const connection& to, const stream_info& stream, const consumer_request& request) {
    jsConsumerConfig wanted;
    jsConsumerConfig_Init(&wanted);
    wanted.Durable = request.name.c_str();
    wanted.FilterSubject = request.subject.c_str();
    wanted.DeliverSubject = request.deliver_subject.c_str();
    wanted.MaxAckPending = request.max_pending;
    wanted.AckWait = request.ack_wait_ns;
    wanted.Heartbeat = request.heartbeat_ns;
    if (stream.retention == js_WorkQueuePolicy) { // which allows nothing else: what is acknowledged is in it no more
        wanted.DeliverPolicy = js_DeliverAll;
        wanted.AckPolicy = js_AckExplicit;
    } else {
        wanted.DeliverPolicy = js_DeliverByStartSequence;
        wanted.OptStartSeq = request.start;
        wanted.AckPolicy = js_AckAll;
    }
    jsConsumerInfo* made = nullptr;
    jsErrCode code{};
    const natsStatus status = js_AddConsumer(&made, to.jetstream(), stream.name.c_str(), &wanted, nullptr, &code);
    if (status != NATS_OK) fail(status, code, "create consumer " + request.name + " of stream " + stream.name);
    jsConsumerInfo_Destroy(made);
}

std::optional<delivery> parse_delivery(const char* reply) {
    if (reply == nullptr || std::strncmp(reply, "$JS.ACK.", 8) != 0) return std::nullopt;
    std::vector<const char*> tokens{reply};
    for (const char* c = reply; *c != 0; ++c) {
        if (*c == '.') tokens.push_back(c + 1);
    }
    // $JS.ACK.<stream>.<consumer>.<times>.<sequence>.<number>.<time>.<pending>; newer servers have two tokens before
    // the stream, and perhaps one after the end.
    const std::size_t shift = tokens.size() == 9 ? 0 : 2;
    if (tokens.size() < 9 + shift) return std::nullopt;
    const auto number = [&](std::size_t token, std::uint64_t& value) {
        const char* const text = tokens[token + shift];
        return std::from_chars(text, text + std::strcspn(text, "."), value).ec == std::errc();
    };
    delivery d;
    if (!number(4, d.times) || !number(5, d.sequence) || !number(6, d.number) || !number(8, d.pending))
        return std::nullopt;
    return d;
}

publish_reply parse_publish_reply(natsMsg* reply) {
    publish_reply said;
    if (natsMsg_IsNoResponders(reply)) {
        said.error = "no stream takes the subject, or JetStream is not there";
        said.error_code = 503;
        return said;
    }
    const char* const data = natsMsg_GetData(reply);
    const auto json = nlohmann::json::parse(data, data + natsMsg_GetDataLength(reply), nullptr, false);
    if (!json.is_object()) {
        said.error = "an answer that makes no sense";
    } else if (json.contains("error")) {
        said.error = json["error"].value("description", "an error without a text");
        said.error_code = json["error"].value("err_code", 0);
    } else {
        said.is_stored = true;
        said.is_duplicate = json.value("duplicate", false);
    }
    return said;
}

} // namespace bridge
