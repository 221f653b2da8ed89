// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: checks the delegates of the configuration before a client sees them: kubo ends `pin remote add` with an
// error when one of them cannot be parsed or names no peer. Pure functions.
#include "base/multiaddr.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/encoding.h"
#include "base/reader.h"

#define CODEC_LIBP2P_KEY 0x72
#define HOST_NAME_MAX_LEN 253
#define LABEL_MAX_LEN 63

enum value_kind { VALUE_NONE, VALUE_IP4, VALUE_IP6, VALUE_HOST_NAME, VALUE_PORT, VALUE_CERT_HASH, VALUE_PEER };

static const struct protocol {
    const char *name;
    enum value_kind value;
    bool is_host; // may stand before tcp and udp
} protocols[] = {
    {"ip4", VALUE_IP4, true},
    {"ip6", VALUE_IP6, true},
    {"dns", VALUE_HOST_NAME, true},
    {"dns4", VALUE_HOST_NAME, true},
    {"dns6", VALUE_HOST_NAME, true},
    {"dnsaddr", VALUE_HOST_NAME, false},
    {"tcp", VALUE_PORT, false},
    {"udp", VALUE_PORT, false},
    {"quic", VALUE_NONE, false},
    {"quic-v1", VALUE_NONE, false},
    {"webtransport", VALUE_NONE, false},
    {"webrtc-direct", VALUE_NONE, false},
    {"webrtc", VALUE_NONE, false},
    {"certhash", VALUE_CERT_HASH, false},
    {"ws", VALUE_NONE, false},
    {"wss", VALUE_NONE, false},
    {"tls", VALUE_NONE, false},
    {"sni", VALUE_HOST_NAME, false},
    {"http", VALUE_NONE, false},
    {"https", VALUE_NONE, false},
    {"p2p-circuit", VALUE_NONE, false},
    {"p2p", VALUE_PEER, false},
};

static const struct protocol *find_protocol(struct w3p_span name)
{
    for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
        if (w3p_span_eq_str(name, protocols[i].name))
            return &protocols[i];
    return NULL;
}

static bool is_ip(int family, struct w3p_span value)
{
    char text[INET6_ADDRSTRLEN + 1];
    uint8_t bytes[16];
    if (value.len >= sizeof(text) || memchr(value.ptr, '\0', value.len) != NULL)
        return false;
    memcpy(text, value.ptr, value.len);
    text[value.len] = '\0';
    return inet_pton(family, text, bytes) == 1;
}

static bool is_host_name(struct w3p_span value)
{
    size_t label_len = 0;
    if (value.len > HOST_NAME_MAX_LEN)
        return false;
    for (size_t i = 0; i < value.len; i++) {
        char c = (char)value.ptr[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        bool end_of_label = i + 1 == value.len || value.ptr[i + 1] == '.';
        if (c == '.' ? label_len == 0 : !plain && !(c == '-' && label_len > 0 && !end_of_label))
            return false;
        label_len = c == '.' ? 0 : label_len + 1;
        if (label_len > LABEL_MAX_LEN)
            return false;
    }
    return label_len > 0;
}

static bool is_port(struct w3p_span value)
{
    uint64_t port;
    return w3p_u64_parse(&port, (const char *)value.ptr, value.len) == W3P_OK && port >= 1 && port <= 65535;
}

static bool is_sha2_256(const uint8_t *bytes, size_t len)
{
    return len == 34 && bytes[0] == 0x12 && bytes[1] == 32;
}

static bool is_cert_hash(struct w3p_span value)
{
    uint8_t bytes[64];
    size_t len = sizeof(bytes);
    int err = w3p_multibase_decode(bytes, &len, (const char *)value.ptr, value.len);
    return err == W3P_OK && is_sha2_256(bytes, len);
}

// The multihash of a peer: the hash of a large key, or a small key itself inside an identity multihash (protobuf:
// key type, then the key's bytes).
static bool is_peer_multihash(const uint8_t *bytes, size_t len)
{
    static const uint8_t ed25519[] = {0x00, 36, 0x08, 0x01, 0x12, 32};
    static const uint8_t secp256k1[] = {0x00, 37, 0x08, 0x02, 0x12, 33};
    if (is_sha2_256(bytes, len))
        return true;
    return (len == 6 + 32 && memcmp(bytes, ed25519, 6) == 0) || (len == 6 + 33 && memcmp(bytes, secp256k1, 6) == 0);
}

static bool is_peer(struct w3p_span value)
{
    uint8_t bytes[64];
    size_t len = sizeof(bytes);
    const char *text = (const char *)value.ptr;
    if (w3p_span_has_prefix(value, "1") || w3p_span_has_prefix(value, "Qm"))
        return w3p_base58_decode(bytes, &len, text, value.len) == W3P_OK && is_peer_multihash(bytes, len);
    if (w3p_multibase_decode(bytes, &len, text, value.len) != W3P_OK)
        return false;
    struct w3p_reader r;
    w3p_reader_init(&r, bytes, len);
    uint64_t version = w3p_reader_varint(&r), codec = w3p_reader_varint(&r);
    struct w3p_span multihash = w3p_reader_take(&r, w3p_reader_left(&r));
    return r.err == W3P_OK && version == 1 && codec == CODEC_LIBP2P_KEY &&
           is_peer_multihash(multihash.ptr, multihash.len);
}

// A sentence about what is wrong with the value, NULL if nothing is.
static const char *check_value(enum value_kind kind, struct w3p_span value)
{
    switch (kind) {
    case VALUE_IP4:
        return is_ip(AF_INET, value) ? NULL : "the value of ip4 is no IPv4 address";
    case VALUE_IP6:
        return is_ip(AF_INET6, value) ? NULL : "the value of ip6 is no IPv6 address";
    case VALUE_HOST_NAME:
        return is_host_name(value) ? NULL : "the value of a dns or sni part is no host name";
    case VALUE_PORT:
        return is_port(value) ? NULL : "the value of tcp or udp is no port between 1 and 65535";
    case VALUE_CERT_HASH:
        return is_cert_hash(value) ? NULL : "the value of certhash is no multibase sha2-256 multihash";
    case VALUE_PEER:
        return is_peer(value) ? NULL : "the value of p2p is no peer id";
    case VALUE_NONE:
        break;
    }
    return NULL;
}

// The text between two slashes. *left shrinks from the front.
static struct w3p_span next_part(struct w3p_span *left)
{
    const uint8_t *slash = left->len == 0 ? NULL : memchr(left->ptr, '/', left->len);
    struct w3p_span part = {.ptr = left->ptr, .len = slash == NULL ? left->len : (size_t)(slash - left->ptr)};
    size_t used = part.len + (slash == NULL ? 0 : 1);
    left->ptr += used;
    left->len -= used;
    return part;
}

static const char *find_fault(struct w3p_span left)
{
    const struct protocol *last = NULL;
    if (left.len > W3P_MULTIADDR_MAX)
        return "the multiaddr is too long";
    if (left.len < 2 || left.ptr[0] != '/')
        return "a multiaddr begins with a slash and a protocol, such as /dns4/";
    if (left.ptr[left.len - 1] == '/')
        return "a multiaddr does not end with a slash";
    left.ptr++;
    left.len--;
    while (left.len > 0) {
        const struct protocol *protocol = find_protocol(next_part(&left));
        if (protocol == NULL)
            return "the multiaddr names a protocol that is not known here";
        if (protocol->value == VALUE_PORT && (last == NULL || !last->is_host))
            return "tcp and udp must follow an ip4, ip6 or dns part";
        const char *fault = protocol->value == VALUE_NONE ? NULL : check_value(protocol->value, next_part(&left));
        if (fault != NULL)
            return fault;
        last = protocol;
    }
    return last != NULL && last->value == VALUE_PEER ? NULL : "a delegate must end with /p2p/ and its peer id";
}

int w3p_multiaddr_check_delegate(const char *text, size_t len, const char **why)
{
    const char *fault = find_fault(W3P_SPAN(text, len));
    if (fault != NULL && why != NULL)
        *why = fault;
    return fault == NULL ? W3P_OK : W3P_E_INVALID;
}
