// id: A02-go-cgo
// tries: to get at a file of the host, and at the C compiler's options, through the C part of a Go program
// stops: [own-root, compile-sandbox, toolchain-flags]
// expect: [CE]
// reason: the compiler refused it
package main

// #cgo CFLAGS: -DTAKEN=1 -I@CANARY_DIR@
// #cgo LDFLAGS: -Wl,--format=binary @CANARY_DIR@/secret644 -Wl,--format=default
// const char *word(void) { return "linked"; }
import "C"
import "fmt"

func main() {
	fmt.Println("BRE" + "ACH: " + C.GoString(C.word()))
	fmt.Println("42")
}
