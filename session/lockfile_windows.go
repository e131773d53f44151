package session

// lockFile is what is locked while a known_hosts file is appended to: a file
// beside it, because a lock on Windows keeps our own second handle from
// reading.
func lockFile(knownHosts string) string { return knownHosts + ".lock" }
