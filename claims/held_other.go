//go:build !linux

package claims

import "errors"

func heldLocks(string) ([]HeldLock, error) { return nil, errors.ErrUnsupported }
