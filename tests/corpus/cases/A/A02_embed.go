// id: A02-go
// tries: to embed files above the work directory, by both spellings of a way out
// stops: [own-root, compile-sandbox]
// expect: [CE]
// reason: the compiler refused it
package main

import (
	_ "embed"
	"fmt"
)

//go:embed ../..@CANARY_DIR@/secret644
var above string

//go:embed @CANARY_DIR@/secret644
var absolute string

func main() {
	fmt.Println("BRE" + "ACH: " + above + absolute)
	fmt.Println("42")
}
