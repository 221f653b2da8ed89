// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: SHA-1, only because the WebSocket handshake (RFC 6455 §4.2.2) names it. Never use it for security.
// Threads: any.
#ifndef W3P_CRYPTO_SHA1_H
#define W3P_CRYPTO_SHA1_H

#include "base/bytes.h"

void w3p_sha1(uint8_t out20[20], const void *bytes, size_t len);

#endif
