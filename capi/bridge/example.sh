nats-server -js &
slickq send --create --capacity 65536 ticks </dev/null
slickq-bridge out ticks --to ticks --create-stream &
slickq-bridge in ticks --to copy --create-stream --capacity 65536 --element-size 1 &
printf 'hello\nworld\n' | slickq send ticks
slickq recv --count 2 copy
