// Package boxsim boots simulated boxes: SSH servers on loopback TCP that a
// client cannot tell from a rented box by what it speaks. A box runs the
// person's shell on a PTY with a HOME of its own and a scripted nvidia-smi on
// its PATH, serves exec, sftp, direct-tcpip and window changes, and can be
// made to fail in the ways that real boxes do.
//
// A box is a folder and an environment, not a jail: its shell can do what its
// owner can. What it cannot do is outlive the box: on Linux, closing a box ends
// every process that was started in it, wherever it went.
package boxsim
