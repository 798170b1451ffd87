// id: D22-go
// tries: to recover from what the runtime says about memory, and to go on
// stops: [memory-limit]
// limits: {cpu_ms: 20000, wall_ms: 60000, memory_mib: 32, pids: 32}
// needs: ["toolchain:/usr/bin/go"]
// expect: [MLE]
package main

import (
	"fmt"
	"os"
)

func main() {
	defer func() {
		if recover() != nil {
			fmt.Println(42)
		}
	}()
	var kept [][]byte
	for i := 0; i < 128; i++ {
		part := make([]byte, 1<<20)
		for at := 0; at < len(part); at += 4096 {
			part[at] = 1
		}
		kept = append(kept, part)
	}
	fmt.Fprintln(os.Stderr, "BREACH:", len(kept), "MiB in slices")
	fmt.Println(42)
}
