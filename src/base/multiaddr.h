// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: checks multiaddr text, as far as a pinning gateway needs it: the delegates that it hands out.
// Threads: any.  Source: multiformats multiaddr; the delegates of the IPFS Pinning Service API.
#ifndef W3P_BASE_MULTIADDR_H
#define W3P_BASE_MULTIADDR_H

#include "base/bytes.h"

#define W3P_MULTIADDR_MAX 512
// A multiaddr of known protocols (ip4, ip6, dns, dns4, dns6, dnsaddr, tcp, udp, quic, quic-v1, webtransport,
// webrtc-direct, webrtc, certhash, ws, wss, tls, sni, http, https, p2p-circuit, p2p) with valid values, ending in
// /p2p/<peer id> (base58 of an ed25519 or secp256k1 key's identity multihash or of a sha2-256 multihash, or a CIDv1 of
// these with the libp2p-key codec). tcp and udp must follow a host and name a port above 0. *why (may be NULL) is a
// static sentence for the operator.
int w3p_multiaddr_check_delegate(const char *text, size_t len, const char **why) W3P_NODISCARD;

#endif
