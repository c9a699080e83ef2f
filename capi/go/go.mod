module slickq

go 1.19
