package redbean

// Decode reads a notification whose signature is known to be good.
var Decode = decode
