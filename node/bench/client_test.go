package bench

import (
	"bufio"
	"strings"
	"testing"
)

// TestResponsesAreReadWhole: with a length, in chunks, and one after the other on the same connection.
func TestResponsesAreReadWhole(t *testing.T) {
	k := &conn{in: bufio.NewReader(strings.NewReader("HTTP/1.1 201 Created\r\ncontent-length: 5\r\n\r\nhello" +
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwiki\r\nA\r\npedia-page\r\n0\r\n\r\n" +
		"HTTP/1.1 204 No Content\r\n\r\n" + "HTTP/1.1 200 OK\r\nX: y\r\n\r\n"))}
	for _, want := range []struct {
		status int
		body   string
	}{{201, "hello"}, {200, "wikipedia-page"}, {204, ""}} {
		status, body, err := k.read()
		if err != nil || status != want.status || string(body) != want.body {
			t.Errorf("%d %q %v, want %+v", status, body, err, want)
		}
	}
	if _, _, err := k.read(); err == nil {
		t.Error("a response without a length was taken")
	}
}
