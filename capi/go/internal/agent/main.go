// Command agent is the binding's side of the conformance tests: it obeys a line protocol on its standard input and
// output, one request a line and one answer, on nothing but the public interface of package slickq. The protocol is
// the conformance driver's.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

func main() {
	requests := bufio.NewReaderSize(os.Stdin, 1<<16)
	answers := bufio.NewWriter(os.Stdout)
	one := &agent{}
	defer one.close()
	for {
		line, err := requests.ReadString('\n')
		words := strings.Fields(line)
		if len(words) == 0 && err != nil || len(words) == 1 && words[0] == "quit" {
			return
		}
		if len(words) == 0 {
			continue
		}
		fmt.Fprintln(answers, one.obey(words[0], words[1:]))
		if answers.Flush() != nil {
			return // nobody listens
		}
	}
}
