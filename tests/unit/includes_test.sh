#!/bin/sh
# Arrows point one way: who may include whom. A file that is not listed, or includes what its line does not name, fails.
# Usage: includes_test.sh SOURCE_DIR
set -eu
cd "$1"

rules='
include/slickq/slickq.h:
include/slickq/layout.hpp: slickq/atomics.hpp
include/slickq/cas16.hpp:
include/slickq/atomics.hpp: slickq/cas16.hpp slickq/slickq.h
include/slickq/bell.hpp: slickq/atomics.hpp
include/slickq/ring.hpp: slickq/bell.hpp slickq/layout.hpp
include/slickq/waiter.hpp: slickq/bell.hpp
include/slickq/poller.hpp: slickq/atomics.hpp
include/slickq/roster.hpp: slickq/ring.hpp
include/slickq/gate.hpp: slickq/roster.hpp slickq/waiter.hpp
include/slickq/reader.hpp: slickq/roster.hpp slickq/waiter.hpp
include/slickq/worker.hpp: slickq/roster.hpp
include/slickq/error.hpp: slickq/slickq.h
include/slickq/handle.hpp: slickq/slickq.h
include/slickq/slickq.hpp: slickq/error.hpp slickq/poller.hpp slickq/reader.hpp slickq/ring.hpp slickq/slickq.h
include/slickq/consumer.hpp: slickq/error.hpp slickq/handle.hpp
include/slickq/cursor.hpp: slickq/error.hpp
include/slickq/inspect.hpp: slickq/error.hpp
include/slickq/polled_reader.hpp: slickq/slickq.hpp
include/slickq/records.hpp: slickq/slickq.hpp
include/slickq/compat/slick_queue.hpp: slickq/error.hpp slickq/ring.hpp slick/shm/shared_memory.hpp
include/slickq/compat/original/slick/queue.hpp: slickq/compat/slick_queue.hpp
include/slickq/compat/original/slick/queue.h: slickq/compat/slick_queue.hpp
src/wait.hpp:
src/sleep:
src/error: slickq/slickq.h
src/handles:
src/platform: slickq/layout.hpp slickq/cas16.hpp
src/named_object: error.hpp wait.hpp system_call.hpp
src/system_call: error.hpp named_object.hpp
src/residence:
src/segment: named_object.hpp residence.hpp error.hpp
src/format: slickq/layout.hpp slickq/ring.hpp slickq/slickq.h
src/reset: error.hpp process.hpp wait.hpp slickq/ring.hpp
src/queue: segment.hpp error.hpp format.hpp platform.hpp reset.hpp wait.hpp slickq/gate.hpp slickq/ring.hpp slickq/slickq.h
src/notifier: error.hpp slickq/ring.hpp slickq/waiter.hpp
src/process: slickq/roster.hpp
src/lease: process.hpp queue.hpp
src/membership: queue.hpp error.hpp lease.hpp process.hpp
src/consumer: membership.hpp error.hpp lease.hpp process.hpp queue.hpp slickq/slickq.h slickq/roster.hpp slickq/reader.hpp slickq/waiter.hpp
src/reader: queue.hpp membership.hpp notifier.hpp process.hpp error.hpp slickq/reader.hpp
src/worker: membership.hpp error.hpp lease.hpp process.hpp wait.hpp slickq/reader.hpp slickq/worker.hpp
src/cursor: segment.hpp error.hpp wait.hpp
src/inspect: format.hpp error.hpp reset.hpp segment.hpp slickq/ring.hpp
capi/support.hpp: slickq/slickq.h error.hpp handles.hpp queue.hpp reader.hpp reset.hpp worker.hpp
capi/slickq.cpp: slickq/slickq.h cursor.hpp inspect.hpp platform.hpp process.hpp reader.hpp sleep.hpp support.hpp
capi/producing.cpp: slickq/slickq.h lease.hpp process.hpp support.hpp
capi/delivery.cpp: slickq/slickq.h consumer.hpp lease.hpp membership.hpp process.hpp support.hpp worker.hpp
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
