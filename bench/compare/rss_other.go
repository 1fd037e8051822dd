//go:build !unix

package main

import "os"

// maxRSS is not known here.
func maxRSS(*os.ProcessState) uint64 { return 0 }
