#include "name_watch.hpp"

#include "error.hpp"

namespace tool {

bool name_watch::looks_like_orphan() {
    looked_ = steady_clock::now();
    is_fresh_ = true;
    check(slickq_queue_name_state(queue_.handle(), &state_));
    return state_ != SLICKQ_NAME_OURS;
}

bool name_watch::is_orphan() {
    if (steady_clock::now() - looked_ >= std::chrono::milliseconds(10)) return looks_like_orphan();
    is_fresh_ = false;
    return state_ != SLICKQ_NAME_OURS;
}

std::string name_watch::text() const {
    return "queue '" + queue_.name() + "' was removed" +
           (state_ == SLICKQ_NAME_TAKEN ? ", and its name belongs to another queue now" : "");
}

} // namespace tool
