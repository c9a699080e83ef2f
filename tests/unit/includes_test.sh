#!/bin/sh
# Arrows point one way: who may include whom. A file that is not listed, or includes what its line does not name, fails.
# Usage: includes_test.sh SOURCE_DIR
set -eu
cd "$1"

rules='
include/slickq/slickq.h:
include/slickq/detail/layout.hpp: slickq/detail/atomics.hpp
include/slickq/detail/cas16.hpp:
include/slickq/detail/atomics.hpp: slickq/detail/cas16.hpp slickq/slickq.h
include/slickq/detail/event_count.hpp: slickq/detail/atomics.hpp
include/slickq/detail/ring.hpp: slickq/detail/event_count.hpp slickq/detail/layout.hpp
include/slickq/detail/wait_until.hpp: slickq/detail/event_count.hpp
include/slickq/poller.hpp: slickq/detail/atomics.hpp
include/slickq/detail/registry.hpp: slickq/detail/ring.hpp
include/slickq/detail/flow_control.hpp: slickq/detail/registry.hpp slickq/detail/wait_until.hpp
include/slickq/detail/validated_reader.hpp: slickq/detail/registry.hpp slickq/detail/wait_until.hpp
include/slickq/detail/group_worker.hpp: slickq/detail/registry.hpp slickq/detail/wait_until.hpp
include/slickq/error.hpp: slickq/slickq.h
include/slickq/handle.hpp: slickq/slickq.h
include/slickq/slickq.hpp: slickq/error.hpp slickq/poller.hpp slickq/detail/validated_reader.hpp slickq/detail/ring.hpp slickq/slickq.h
include/slickq/consumer.hpp: slickq/error.hpp slickq/handle.hpp
include/slickq/cursor.hpp: slickq/error.hpp
include/slickq/inspect.hpp: slickq/error.hpp
include/slickq/polled_reader.hpp: slickq/slickq.hpp
include/slickq/records.hpp: slickq/slickq.hpp
include/slickq/compat/slick_queue.hpp: slickq/error.hpp slickq/detail/ring.hpp slick/shm/shared_memory.hpp
include/slickq/compat/original/slick/queue.hpp: slickq/compat/slick_queue.hpp
include/slickq/compat/original/slick/queue.h: slickq/compat/slick_queue.hpp
src/wait.hpp:
src/sleep:
src/recent_message:
src/error: recent_message.hpp slickq/slickq.h
src/handles:
src/platform: slickq/detail/layout.hpp slickq/detail/cas16.hpp
src/named_object: error.hpp wait.hpp system_call.hpp
src/system_call: error.hpp named_object.hpp
src/memory_advice:
src/segment: named_object.hpp memory_advice.hpp error.hpp
src/format: slickq/detail/layout.hpp slickq/detail/ring.hpp slickq/slickq.h
src/reset: error.hpp process.hpp wait.hpp slickq/detail/ring.hpp
src/queue: segment.hpp error.hpp format.hpp platform.hpp reset.hpp wait.hpp slickq/detail/flow_control.hpp slickq/detail/ring.hpp slickq/slickq.h
src/readable_fd: error.hpp slickq/detail/wait_until.hpp
src/process: slickq/detail/registry.hpp
src/lease: process.hpp queue.hpp
src/registration: queue.hpp error.hpp lease.hpp process.hpp
src/consumer: registration.hpp error.hpp lease.hpp process.hpp queue.hpp slickq/slickq.h slickq/detail/registry.hpp slickq/detail/validated_reader.hpp slickq/detail/wait_until.hpp
src/reader: queue.hpp registration.hpp readable_fd.hpp process.hpp error.hpp slickq/detail/validated_reader.hpp
src/room: lease.hpp readable_fd.hpp queue.hpp
src/worker: registration.hpp error.hpp lease.hpp readable_fd.hpp process.hpp wait.hpp slickq/detail/validated_reader.hpp slickq/detail/group_worker.hpp
src/cursor: segment.hpp error.hpp wait.hpp
src/inspect: format.hpp error.hpp reset.hpp segment.hpp slickq/detail/ring.hpp
capi/support.hpp: slickq/slickq.h error.hpp handles.hpp queue.hpp validated_reader.hpp reset.hpp group_worker.hpp
capi/struct_init.cpp: support.hpp
capi/index.cpp: slickq/slickq.h
capi/message.cpp: slickq/slickq.h error.hpp
capi/slickq.cpp: slickq/slickq.h cursor.hpp inspect.hpp platform.hpp process.hpp validated_reader.hpp room.hpp sleep.hpp support.hpp
capi/producing.cpp: slickq/slickq.h lease.hpp process.hpp room.hpp support.hpp
capi/delivery.cpp: slickq/slickq.h consumer.hpp lease.hpp registration.hpp process.hpp support.hpp group_worker.hpp
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
exit $status
