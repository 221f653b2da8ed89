// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: pin objects ⇄ JSON, exactly as the frozen Pinning Service API v1.0.0 has them. Pure: no h2o, no database.
// Threads: any.  Ownership: said per function.  Source: IPFS Pinning Service API 1.0.0.
#ifndef W3P_HTTP_PSA_JSON_H
#define W3P_HTTP_PSA_JSON_H

#include "base/json.h"
#include "pins.h"

#define W3P_PSA_BODY_MAX 65536   // bytes of a POST
#define W3P_PSA_ORIGINS_MAX 20   // kept of a pin, the rest is dropped
#define W3P_PSA_META_MAX 1000    // keys of meta
#define W3P_PSA_PAGE_MAX 4194304 // bytes of a list after which the page ends early (clients page by count and before)

// What is wrong with a request: a code for programs, a sentence that names the field for people. Answered with 400.
struct w3p_psa_error {
    const char *reason;
    char details[256];
};
// Fills it in and returns W3P_E_INVALID.
int w3p_psa_fail(struct w3p_psa_error *err, const char *reason, const char *fmt, ...) W3P_PRINTF(3, 4);

// Valid UTF-8 of at most W3P_PIN_NAME_MAX characters, no NUL.
int w3p_psa_name_check(struct w3p_psa_error *err, const char *text, size_t len) W3P_NODISCARD;

// The body of POST /pins and POST /pins/{requestid}.
struct w3p_psa_pin {
    char *cid_text; // as spelled
    struct w3p_cid cid;
    char *name;           // NULL: none
    char *meta, *origins; // JSON text, NULL: none
    uint64_t size;        // meta.size; 0: not stated
};
int w3p_psa_pin_parse(struct w3p_psa_pin *out, struct w3p_psa_error *err, const char *body, size_t len) W3P_NODISCARD;
void w3p_psa_pin_deinit(struct w3p_psa_pin *pin);

// The value of an Idempotency-Key header: 1 to W3P_PIN_KEY_MAX characters of printable ASCII, as they are or as a
// quoted string (RFC 8941, without parameters), which means what is between the quotes. Source of the header: the draft
// "The Idempotency-Key HTTP Header Field" of the IETF's httpapi group.
int w3p_psa_key_parse(char out[W3P_PIN_KEY_MAX + 1], struct w3p_psa_error *err, const char *text,
                      size_t len) W3P_NODISCARD;
// Equal for requests that ask for the same: to add this pin (requestid NULL), or to replace that one by it. White
// space, the order of fields and fields that are ignored do not count; another spelling of the CID, which is echoed,
// does.
void w3p_psa_pin_fingerprint(uint8_t out32[32], const struct w3p_psa_pin *pin, const char *requestid);

// What a PinStatus says beside the row.
struct w3p_psa_render {
    const char *delegates_json; // JSON array
    uint32_t replicas_wanted;   // 0: what the row says
    const char *waiting;        // why queued orders do not move; "" or NULL when they do
};
void w3p_psa_write_pin(struct w3p_json *j, const struct w3p_pin *pin, const struct w3p_psa_render *render);
// PinResults. Ends early, with fewer results than rows, when it grows beyond W3P_PSA_PAGE_MAX.
void w3p_psa_write_page(struct w3p_json *j, const struct w3p_pin_page *page, const struct w3p_psa_render *render);
// Bound for a buf that holds one page.
#define W3P_PSA_PAGE_BUF_MAX (W3P_PSA_PAGE_MAX + 262144)

#endif
