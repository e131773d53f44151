// Package record writes what a terminal shows into a file that any asciicast
// player plays: asciicast v2, https://docs.asciinema.org/manual/asciicast/v2/.
//
// # What is in a recording
//
// The size, the time it began, TERM and SHELL; the output of the remote ("o");
// sizes ("r"); marks ("m"). Output is bytes and the format holds text, so
// what is not UTF-8 stands as U+FFFD, once for each part that a terminal would
// show it for. A character that came in two pieces is put together again.
//
// # Secrets
//
// What is typed is not recorded unless Options.Input says so: a password at a
// prompt that does not echo is in no output. With Options.Input a line that was
// typed is recorded ("i", once the line is complete) only if the remote echoed
// all of its printable characters, each before any other text of the remote;
// see echoFilter. Everything else is left out: passwords, but also keys for
// programs that do not echo, and lines that were typed ahead. Lines typed at
// something that looks like a prompt for a password are left out even then.
// What a program prints is recorded whatever it is.
//
// # Slow and full disks
//
// Nothing waits for the disk. Output goes into a queue of 4 MiB; when that is
// full, output is left out, the gap is counted, and a mark in the recording
// says where it is. A recording ends by itself when it has the size that
// Options.MaxBytes allows, with a mark that says so, and when writing fails;
// then a file is cut back to its last whole line.
package record
