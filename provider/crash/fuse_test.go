package crash

import (
	"net/http"
)

// fused sends nothing once the power is off.
type fused struct{ disk *disk }

func (f fused) RoundTrip(r *http.Request) (*http.Response, error) {
	if f.disk.powerless() {
		return nil, errPower
	}
	resp, err := transport.RoundTrip(r)
	if f.disk.powerless() && err == nil {
		resp.Body.Close()
		return nil, errPower
	}
	return resp, err
}

func (fused) CloseIdleConnections() { transport.CloseIdleConnections() }

var transport = &http.Transport{}
