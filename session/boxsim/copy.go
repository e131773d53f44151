package boxsim

import (
	"io"
	"sync"
)

// half is a connection each of whose directions can end by itself.
type half interface {
	io.ReadWriteCloser
	CloseWrite() error
}

// both copies each way until both directions have ended.
func both(a, b half) {
	var wg sync.WaitGroup
	for _, way := range [][2]half{{a, b}, {b, a}} {
		wg.Add(1)
		go func() {
			defer wg.Done()
			_, _ = io.Copy(way[0], way[1])
			_ = way[0].CloseWrite()
		}()
	}
	wg.Wait()
}
