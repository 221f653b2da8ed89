// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: SHA-1 through OpenSSL, for the WebSocket handshake alone.
#include "crypto/sha1.h"

#include <openssl/evp.h>
#include <stdlib.h>

void w3p_sha1(uint8_t out20[20], const void *bytes, size_t len)
{
    // fails only when OpenSSL has no memory left, or no SHA-1 at all: both are ends of the program here
    if (EVP_Digest(bytes, len, out20, NULL, EVP_sha1(), NULL) != 1)
        abort();
}
