#!/bin/sh
# Arrows point one way: who may include whom. A file that is not listed, or includes what its line does not name, fails.
# Usage: includes_test.sh SOURCE_DIR
set -eu
cd "$1"

rules='
include/slickq/compat/original/slick/queue.h: slickq/compat/slick_queue.hpp
include/slickq/compat/original/slick/queue.hpp: slickq/compat/slick_queue.hpp
include/slickq/compat/slick_queue.hpp: slick/shm/shared_memory.hpp slickq/detail/ring.hpp slickq/error.hpp
include/slickq/consumer.hpp: slickq/error.hpp slickq/handle.hpp
include/slickq/cursor.hpp: slickq/error.hpp
include/slickq/detail/atomics.hpp: slickq/detail/cas16.hpp slickq/detail/os_wait.hpp
include/slickq/detail/cas16.hpp: slickq/detail/version.hpp
include/slickq/detail/claims.hpp: slickq/detail/members.hpp
include/slickq/detail/consume.hpp: slickq/detail/write_batch.hpp
include/slickq/detail/event_count.hpp: slickq/detail/atomics.hpp
include/slickq/detail/extension.hpp: slickq/detail/layout.hpp
include/slickq/detail/flow_control.hpp: slickq/detail/registry.hpp slickq/detail/wait_until.hpp
include/slickq/detail/group.hpp: slickq/detail/claims.hpp
include/slickq/detail/group_worker.hpp: slickq/detail/registry.hpp slickq/detail/step_over.hpp slickq/detail/wait_until.hpp
include/slickq/detail/index.hpp: slickq/detail/layout.hpp
include/slickq/detail/late.hpp: slickq/detail/single_producer.hpp
include/slickq/detail/layout.hpp: slickq/detail/atomics.hpp
include/slickq/detail/loss_count.hpp: slickq/detail/version.hpp
include/slickq/detail/members.hpp: slickq/detail/extension.hpp slickq/detail/ring.hpp
include/slickq/detail/os_wait.hpp:
include/slickq/detail/producing.hpp: slickq/detail/ring.hpp
include/slickq/detail/publish.hpp: slickq/detail/late.hpp
include/slickq/detail/read_ahead.hpp: slickq/detail/reader_types.hpp slickq/detail/ring.hpp
include/slickq/detail/reader_types.hpp: slickq/detail/version.hpp
include/slickq/detail/record.hpp: slickq/detail/version.hpp
include/slickq/detail/registry.hpp: slickq/detail/group.hpp
include/slickq/detail/reserve.hpp: slickq/detail/record.hpp slickq/detail/slot.hpp
include/slickq/detail/resume.hpp: slickq/detail/consume.hpp
include/slickq/detail/ring.hpp: slickq/detail/resume.hpp
include/slickq/detail/single_producer.hpp: slickq/detail/reserve.hpp
include/slickq/detail/slot.hpp: slickq/detail/event_count.hpp slickq/detail/extension.hpp slickq/detail/index.hpp
include/slickq/detail/step_over.hpp: slickq/detail/reader_types.hpp slickq/detail/ring.hpp
include/slickq/detail/suspects.hpp: slickq/detail/ring.hpp
include/slickq/detail/validated_reader.hpp: slickq/detail/read_ahead.hpp slickq/detail/reader_types.hpp slickq/detail/registry.hpp slickq/detail/step_over.hpp slickq/detail/suspects.hpp slickq/detail/wait_until.hpp
include/slickq/detail/version.hpp:
include/slickq/detail/wait_until.hpp: slickq/detail/event_count.hpp
include/slickq/detail/write_batch.hpp: slickq/detail/publish.hpp
include/slickq/error.hpp: slickq/detail/version.hpp slickq/slickq.h
include/slickq/handle.hpp: slickq/detail/version.hpp slickq/slickq.h
include/slickq/inspect.hpp: slickq/error.hpp
include/slickq/polled_reader.hpp: slickq/queue.hpp
include/slickq/poller.hpp: slickq/detail/atomics.hpp
include/slickq/queue.hpp: slickq/detail/producing.hpp slickq/detail/ring.hpp slickq/detail/validated_reader.hpp slickq/detail/wait_until.hpp slickq/error.hpp slickq/queue_handle.hpp slickq/slickq.h
include/slickq/queue_handle.hpp: slickq/detail/loss_count.hpp slickq/detail/producing.hpp slickq/detail/ring.hpp slickq/detail/wait_until.hpp slickq/error.hpp slickq/slickq.h
include/slickq/reader.hpp: slickq/detail/validated_reader.hpp slickq/detail/wait_until.hpp slickq/error.hpp slickq/queue.hpp slickq/slickq.h
include/slickq/records.hpp: slickq/reader.hpp
include/slickq/slickq.h:
include/slickq/slickq.hpp: slickq/error.hpp slickq/poller.hpp slickq/queue.hpp slickq/reader.hpp slickq/worker.hpp
include/slickq/worker.hpp: slickq/detail/wait_until.hpp slickq/error.hpp slickq/queue.hpp slickq/slickq.h
src/consumer: queue.hpp slickq/detail/step_over.hpp slickq/detail/wait_until.hpp
src/cursor: error.hpp segment.hpp wait.hpp
src/error: recent_message.hpp slickq/detail/version.hpp slickq/slickq.h
src/format: error.hpp slickq/detail/extension.hpp slickq/detail/layout.hpp slickq/detail/ring.hpp
src/handles: slickq/detail/version.hpp
src/inspect: error.hpp format.hpp reset.hpp segment.hpp slickq/detail/ring.hpp
src/lease: liveness.hpp queue.hpp
src/liveness: slickq/detail/registry.hpp slickq/detail/os_wait.hpp
src/memory_advice: slickq/detail/version.hpp system_call.hpp
src/named_object: error.hpp system_call.hpp wait.hpp
src/os_wait: slickq/detail/os_wait.hpp
src/platform: slickq/detail/cas16.hpp slickq/detail/layout.hpp
src/producing: error.hpp lease.hpp queue.hpp reset.hpp room.hpp
src/queue: error.hpp format.hpp platform.hpp reset.hpp segment.hpp slickq/detail/flow_control.hpp slickq/detail/loss_count.hpp slickq/detail/producing.hpp slickq/detail/ring.hpp wait.hpp
src/readable_fd: error.hpp slickq/detail/wait_until.hpp
src/reader: error.hpp liveness.hpp queue.hpp readable_fd.hpp registration.hpp slickq/detail/validated_reader.hpp
src/recent_message:
src/registration: error.hpp lease.hpp liveness.hpp queue.hpp
src/registry_view: lease.hpp queue.hpp
src/reset: error.hpp liveness.hpp slickq/detail/ring.hpp wait.hpp
src/room: lease.hpp readable_fd.hpp queue.hpp
src/segment: error.hpp memory_advice.hpp named_object.hpp
src/system_call: error.hpp named_object.hpp
src/wait.hpp: slickq/detail/version.hpp
src/worker: readable_fd.hpp error.hpp lease.hpp liveness.hpp registration.hpp slickq/detail/group_worker.hpp slickq/detail/validated_reader.hpp slickq/detail/wait_until.hpp wait.hpp
capi/consumer.cpp: consumer.hpp liveness.hpp registration.hpp registry_view.hpp slickq/slickq.h support.hpp
capi/consuming.cpp: delivered.hpp platform.hpp reset.hpp slickq/detail/validated_reader.hpp slickq/slickq.h
capi/cursor.cpp: cursor.hpp delivered.hpp slickq/slickq.h
capi/delivered.hpp: support.hpp
capi/describing.cpp: inspect.hpp slickq/slickq.h support.hpp
capi/group.cpp: registry_view.hpp slickq/slickq.h support.hpp worker.hpp
capi/index.cpp: slickq/slickq.h
capi/message.cpp: error.hpp slickq/slickq.h
capi/orphans.cpp: slickq/slickq.h support.hpp
capi/producing.cpp: producing.hpp slickq/slickq.h support.hpp
capi/queue.cpp: room.hpp slickq/slickq.h support.hpp
capi/reader.cpp: reader.hpp slickq/slickq.h support.hpp
capi/reading.cpp: reader.hpp reset.hpp slickq/slickq.h support.hpp
capi/struct_init.cpp: support.hpp
capi/support.hpp: error.hpp handles.hpp queue.hpp slickq/slickq.h
capi/version.cpp: platform.hpp slickq/slickq.h support.hpp
capi/waiting.cpp: room.hpp slickq/slickq.h support.hpp
capi/worker.cpp: slickq/slickq.h support.hpp worker.hpp
'
status=0
for file in $(find include/slickq -type f | sort) src/* capi/*.cpp capi/*.hpp; do
    module=$(echo "$file" | sed 's/_posix\.cpp$//; s/_linux\.cpp$//; s/_bsd\.cpp$//; s/_windows\.cpp$//')
    case $file in src/wait.hpp) ;; src/*) module=${module%.*} ;; esac
    if ! rule=$(echo "$rules" | grep "^$module:"); then
        echo "$file: not listed in $0"
        status=1
        continue
    fi
    own=$(basename "$module").hpp
    for included in $(sed -n 's/^# *include *[<"]\([^>"]*\)[>"].*/\1/p' "$file"); do
        case $included in
            slickq/* | *.hpp) ;;
            *) continue ;; # the standard library and the system
        esac
        case $included in boost/*)
            case $module in src/named_object | src/segment) ;; *) echo "$file: includes $included"; status=1 ;; esac
            continue ;;
        esac
        case " ${rule#*:} $own " in
            *" $included "*) ;;
            *) echo "$file: includes $included"; status=1 ;;
        esac
    done
done

# The core knows nothing of the C ABI that stands on it, whatever the lines above say: only the statuses that errors travel with.
for file in $(grep -l '^# *include *<slickq/slickq\.h>' include/slickq/detail/* src/*); do
    [ "$file" = src/error.hpp ] && continue
    echo "$file: includes slickq.h"
    status=1
done

# What is inlined into programs is in the namespace that has a version (detail/version.hpp).
for file in include/slickq/*.hpp include/slickq/detail/*.hpp; do
    if grep -n '^ *namespace slickq' "$file" | grep -v 'namespace slickq::inline SLICKQ_NAMESPACE'; then
        echo "$file: a namespace without a version"
        status=1
    fi
done
exit $status
