// Package hutong is the root of the module. It holds no code that runs: the rules that the tree keeps are tests here
// (tidy_test.go), and the program is cmd/hutong. Start with README.md, then ARCHITECTURE.md.
package hutong
