#include "connection.hpp"

#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <vector>

namespace bridge {
namespace {

constexpr std::int64_t write_deadline_ms = 5000; // a network that takes nothing for so long is a lost connection
constexpr int pings_out = 3;

// libnats answers errors of the server, as "permissions violation", on another thread; they end no connection, and the
// calls that they concern time out. What it says is in last_error().
void ignore_error(natsConnection*, natsSubscription*, natsStatus, void*) {}

std::string environment(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? "" : value;
}

void authenticate(natsOptions* o, const server_config& c) {
    if (!c.credentials_file.empty()) {
        require_private(c.credentials_file);
        check(natsOptions_SetUserCredentialsFromFiles(o, c.credentials_file.c_str(), nullptr),
              "use the credentials in " + c.credentials_file);
    }
    if (!c.nkey.empty()) {
        require_private(c.nkey_seed_file);
        check(natsOptions_SetNKeyFromSeed(o, c.nkey.c_str(), c.nkey_seed_file.c_str()),
              "use the NKey seed in " + c.nkey_seed_file);
    }
    if (!c.user.empty()) {
        const std::string password =
            c.password_file.empty() ? environment("SLICKQ_BRIDGE_PASSWORD") : read_secret(c.password_file);
        check(natsOptions_SetUserInfo(o, c.user.c_str(), password.c_str()), "set user and password");
    }
    const std::string token = c.token_file.empty() ? environment("SLICKQ_BRIDGE_TOKEN") : read_secret(c.token_file);
    if (!token.empty()) check(natsOptions_SetToken(o, token.c_str()), "set the token");
}

void encrypt(natsOptions* o, const server_config& c) {
    if (!c.tls) return;
    check(natsOptions_SetSecure(o, true), "use TLS");
    if (!c.tls_ca.empty())
        check(natsOptions_LoadCATrustedCertificates(o, c.tls_ca.c_str()), "load the CA certificates in " + c.tls_ca);
    if (!c.tls_certificate.empty()) {
        require_private(c.tls_key);
        check(natsOptions_LoadCertificatesChain(o, c.tls_certificate.c_str(), c.tls_key.c_str()),
              "load the client certificate " + c.tls_certificate + " and its key " + c.tls_key);
    }
    if (!c.tls_hostname.empty())
        check(natsOptions_SetExpectedHostname(o, c.tls_hostname.c_str()), "expect the host name " + c.tls_hostname);
}

} // namespace

void check(natsStatus status, const std::string& what) {
    if (status == NATS_OK) return;
    natsStatus ignored = NATS_OK;
    const char* const detail = nats_GetLastError(&ignored);
    std::string text = "cannot " + what + ": " + natsStatus_GetText(status);
    // libnats repeats the server's words, which hold no secret of ours.
    if (detail != nullptr && *detail != 0 && text.find(detail) == std::string::npos)
        text += std::string(" (") + detail + ")";
    throw nats_failure(text);
}

connection::connection(const server_config& c, const std::string& name, std::function<void()> on_close)
    : on_close_(std::move(on_close)) {
    natsOptions* made = nullptr;
    check(natsOptions_Create(&made), "make options");
    options_.reset(made);
    std::vector<const char*> servers;
    for (const std::string& server : c.servers) servers.push_back(server.c_str());
    check(natsOptions_SetServers(made, servers.data(), static_cast<int>(servers.size())),
          "understand the servers' addresses");
    check(natsOptions_SetName(made, ("slickq-bridge " + name).c_str()), "set the name");
    check(natsOptions_SetAllowReconnect(made, false), "set an option");
    check(natsOptions_SetTimeout(made, c.connect_timeout_ms), "set the timeout");
    check(natsOptions_SetPingInterval(made, c.ping_interval_ms), "set the ping interval");
    check(natsOptions_SetMaxPingsOut(made, pings_out), "set the number of pings");
    check(natsOptions_SetWriteDeadline(made, write_deadline_ms), "set the write deadline");
    check(natsOptions_SetSendAsap(made, true), "set an option");
    check(natsOptions_SetClosedCB(made, closed, this), "set a callback");
    check(natsOptions_SetErrorHandler(made, ignore_error, nullptr), "set a callback");
    authenticate(made, c);
    encrypt(made, c);

    check(natsConnection_Connect(&handle_, made),
          "connect to " + c.servers.front() + (c.servers.size() > 1 ? " or the others" : ""));
    try {
        check(natsConnection_JetStream(&jetstream_, handle_, nullptr), "use JetStream");
    } catch (...) {
        end();
        throw;
    }
}

connection::~connection() {
    jsCtx_Destroy(jetstream_);
    end();
}

// Waits for the callback, which libnats makes from a thread of its own: nothing of it comes after this.
void connection::end() noexcept {
    natsConnection_Close(handle_);
    while (!is_lost()) nats_Sleep(1);
    natsConnection_Destroy(handle_);
}

void connection::closed(natsConnection*, void* self) {
    auto& c = *static_cast<connection*>(self);
    if (c.on_close_) c.on_close_();
    c.lost_.store(true, std::memory_order_release);
}

std::string connection::server() const {
    char url[256] = "";
    if (natsConnection_GetConnectedUrl(handle_, url, sizeof url) != NATS_OK) return "a server that is gone already";
    return url;
}

std::string connection::last_error() const {
    const char* text = nullptr;
    const natsStatus status = natsConnection_GetLastError(handle_, &text);
    if (text != nullptr && *text != 0) return text;
    return status == NATS_OK ? "the server closed it" : natsStatus_GetText(status);
}

} // namespace bridge
