// Command crabbox-tui rents GPU boxes, shows what they cost, opens shells in
// them and gives them back.
package main

func main() {}
