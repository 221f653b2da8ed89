// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: extrinsics, version 4: what the signed extensions add, signing, and taking apart.
// Must not: guess. An extension that is not in the table here, or one missing that the signature relies on, is refused.
#include <string.h>

#include "crypto/hash.h"
#include "substrate/extrinsic.h"
#include "substrate/scale.h"

#define SIGNED_V4 0x84
#define XT_MAX (4u << 20)    // bytes; a block of Crust holds 3.75 MiB of normal extrinsics
#define PAYLOAD_RAW_MAX 256u // longer payloads are signed as their hash
#define EXTRA_MAX 64u        // bytes: era, compact nonce, compact tip
#define ADDITIONAL_MAX 128u  // bytes: two versions, two hashes

enum extension_part {
    PART_NONE,
    PART_ERA,
    PART_NONCE,
    PART_TIP,
    PART_TIP_NO_ASSET, // the tip, in the chain's own token
    PART_ZERO,         // a mode that is off, an Option that is none
    PART_SPEC,
    PART_TX,
    PART_GENESIS,
    PART_BIRTH
};
enum extension_id {
    EXT_SPEC,
    EXT_GENESIS,
    EXT_ERA,
    EXT_NONCE,
    EXT_TIP,
    EXT_REQUIRED,          // all before it: orders rely on what these sign
    EXT_TX = EXT_REQUIRED, // parachains leave it out
    EXT_WEIGHT,
    EXT_METADATA_HASH,
    EXT_NOTHING,
    EXT_COUNT
};

// The types are those of the registry. A text that ends in '<' is the beginning of one.
struct extension {
    const char *name;
    enum extension_id id;
    enum extension_part extra, additional;
    const char *extra_type, *additional_type;
    bool needs_types; // unknown to runtimes whose metadata has no registry
};

static const struct extension extensions[] = {
    {"CheckSpecVersion", EXT_SPEC, PART_NONE, PART_SPEC, "()", "u32", false},
    {"CheckTxVersion", EXT_TX, PART_NONE, PART_TX, "()", "u32", false},
    {"CheckGenesis", EXT_GENESIS, PART_NONE, PART_GENESIS, "()", "[u8;32]", false},
    {"CheckMortality", EXT_ERA, PART_ERA, PART_BIRTH, "enum Era", "[u8;32]", false},
    {"CheckEra", EXT_ERA, PART_ERA, PART_BIRTH, "enum Era", "[u8;32]", false},
    {"CheckNonce", EXT_NONCE, PART_NONCE, PART_NONE, "Compact<u32>", "()", false},
    {"CheckWeight", EXT_WEIGHT, PART_NONE, PART_NONE, "()", "()", false},
    {"ChargeTransactionPayment", EXT_TIP, PART_TIP, PART_NONE, "Compact<u128>", "()", false},
    {"ChargeAssetTxPayment", EXT_TIP, PART_TIP_NO_ASSET, PART_NONE, "(Compact<u128>,Option<", "()", true},
    {"CheckMetadataHash", EXT_METADATA_HASH, PART_ZERO, PART_ZERO, "enum Mode", "Option<[u8;32]>", true},
};
// What is not in the table and adds no byte to anything.
static const struct extension nothing = {"", EXT_NOTHING, PART_NONE, PART_NONE, "()", "()", true};

static bool is_of_type(const struct w3p_metadata *md, uint32_t type, const char *wanted)
{
    struct w3p_buf text;
    size_t len = strlen(wanted);
    bool whole = wanted[len - 1] != '<', same = false;
    if (whole)
        return w3p_type_is(&md->types, type, wanted);
    w3p_buf_init(&text, W3P_TYPE_DESCRIPTION_MAX);
    w3p_type_describe(&text, &md->types, type, W3P_TYPE_DEPTH_MAX);
    same = strncmp(w3p_buf_str(&text), wanted, len) == 0;
    w3p_buf_deinit(&text);
    return same;
}

static bool has_types(const struct w3p_md_extension *listed)
{
    return listed->extra != W3P_TYPE_NONE && listed->additional != W3P_TYPE_NONE;
}

static bool is_empty(const struct w3p_metadata *md, const struct w3p_md_extension *listed)
{
    const struct w3p_type *extra = w3p_type_at(&md->types, listed->extra);
    const struct w3p_type *additional = w3p_type_at(&md->types, listed->additional);
    return extra != NULL && additional != NULL && extra->width == 0 && additional->width == 0;
}

// The one of the table, `nothing` for one without bytes, NULL for one that is not known.
static const struct extension *find_extension(const struct w3p_metadata *md, const struct w3p_md_extension *listed)
{
    for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++)
        if (strcmp(extensions[i].name, listed->name) == 0)
            return extensions[i].needs_types && !has_types(listed) ? NULL : &extensions[i];
    return is_empty(md, listed) ? &nothing : NULL;
}

static int check_extension(const struct w3p_metadata *md, struct w3p_errmsg *msg, unsigned seen[EXT_COUNT],
                           const struct w3p_md_extension *listed)
{
    const struct extension *ext = find_extension(md, listed);
    if (ext == NULL)
        return w3p_fail(msg, W3P_E_UNSUPPORTED, "signed extension %.64s is not known", listed->name);
    if (ext != &nothing && has_types(listed) &&
        (!is_of_type(md, listed->extra, ext->extra_type) || !is_of_type(md, listed->additional, ext->additional_type)))
        return w3p_fail(msg, W3P_E_UNSUPPORTED, "signed extension %.64s has another form than expected", listed->name);
    if (++seen[ext->id] > 1 && ext->id != EXT_NOTHING)
        return w3p_fail(msg, W3P_E_UNSUPPORTED, "signed extension %.64s is listed twice", listed->name);
    return W3P_OK;
}

int w3p_xt_check_extensions(const struct w3p_metadata *md, struct w3p_errmsg *msg)
{
    static const char *const required[EXT_REQUIRED] = {
        [EXT_SPEC] = "CheckSpecVersion", [EXT_GENESIS] = "CheckGenesis",         [EXT_ERA] = "CheckMortality",
        [EXT_NONCE] = "CheckNonce",      [EXT_TIP] = "ChargeTransactionPayment",
    };
    unsigned seen[EXT_COUNT] = {0};
    if (md->extrinsic_version != 4)
        return w3p_fail(msg, W3P_E_UNSUPPORTED, "extrinsic version %u is not supported", md->extrinsic_version);
    for (size_t i = 0; i < md->extension_count; i++) {
        int err = check_extension(md, msg, seen, &md->extensions[i]);
        if (err != W3P_OK)
            return err;
    }
    for (size_t i = 0; i < EXT_REQUIRED; i++)
        if (seen[i] == 0)
            return w3p_fail(msg, W3P_E_UNSUPPORTED, "signed extension %s is missing", required[i]);
    return W3P_OK;
}

static bool has_variant(const struct w3p_metadata *md, uint32_t type, uint8_t index, const char *name,
                        const char *field_type)
{
    const struct w3p_type_variant *v = w3p_type_variant_at(w3p_type_at(&md->types, type), index);
    return v != NULL && strcmp(v->name, name) == 0 && v->field_count == 1 &&
           w3p_type_is(&md->types, v->fields[0].type, field_type);
}

int w3p_xt_address_form(enum w3p_address_form *form, struct w3p_errmsg *msg, const struct w3p_metadata *md)
{
    if (md->address_type == W3P_TYPE_NONE)
        return w3p_fail(msg, W3P_E_NOTFOUND, "this metadata does not tell how addresses are written");
    if (!has_variant(md, md->signature_type, 0, "Ed25519", "[u8;64]") ||
        !has_variant(md, md->signature_type, 1, "Sr25519", "[u8;64]") ||
        !has_variant(md, md->signature_type, 2, "Ecdsa", "[u8;65]"))
        return w3p_fail(msg, W3P_E_UNSUPPORTED, "signatures of this chain have a form that is not known");
    if (w3p_type_is(&md->types, md->address_type, "[u8;32]"))
        *form = W3P_ADDRESS_RAW;
    else if (has_variant(md, md->address_type, 0, "Id", "[u8;32]"))
        *form = W3P_ADDRESS_MULTI;
    else
        return w3p_fail(msg, W3P_E_UNSUPPORTED, "addresses of this chain have a form that is not known");
    return W3P_OK;
}

static void put_part(struct w3p_buf *out, enum extension_part part, const struct w3p_xt_params *params)
{
    switch (part) {
    case PART_NONE:
        break;
    case PART_ERA:
        w3p_era_encode(out, params->era);
        break;
    case PART_NONCE:
        w3p_scale_put_compact(out, params->nonce);
        break;
    case PART_TIP:
        w3p_scale_put_compact(out, params->tip);
        break;
    case PART_TIP_NO_ASSET:
        w3p_scale_put_compact(out, params->tip);
        w3p_buf_put_u8(out, 0);
        break;
    case PART_ZERO:
        w3p_buf_put_u8(out, 0);
        break;
    case PART_SPEC:
        w3p_buf_put_le32(out, params->spec_version);
        break;
    case PART_TX:
        w3p_buf_put_le32(out, params->tx_version);
        break;
    case PART_GENESIS:
        w3p_buf_put(out, params->genesis32, 32);
        break;
    case PART_BIRTH:
        w3p_buf_put(out, params->birth_hash32, 32);
        break;
    }
}

int w3p_xt_extra(struct w3p_buf *extra, struct w3p_buf *additional, const struct w3p_metadata *md,
                 const struct w3p_xt_params *params)
{
    int err = w3p_xt_check_extensions(md, NULL);
    if (err != W3P_OK)
        return err;
    for (size_t i = 0; i < md->extension_count; i++) {
        const struct extension *ext = find_extension(md, &md->extensions[i]);
        put_part(extra, ext->extra, params);
        put_part(additional, ext->additional, params);
    }
    return extra->failed || additional->failed ? W3P_E_LIMIT : W3P_OK;
}

// What is really signed: the payload, or its hash when it is long. The span borrows from payload or hash32.
static struct w3p_span signed_bytes(uint8_t hash32[32], const struct w3p_buf *payload)
{
    if (payload->len <= PAYLOAD_RAW_MAX)
        return w3p_buf_span(payload);
    w3p_blake2b_256(hash32, payload->ptr, payload->len);
    return W3P_SPAN(hash32, 32);
}

// Number of the signature's kind inside MultiSignature, and its length.
struct sig_kind {
    uint8_t number;
    size_t len;
};

static struct sig_kind sig_kind_of(enum w3p_key_type type)
{
    switch (type) {
    case W3P_KEY_ED25519:
        return (struct sig_kind){0, 64};
    case W3P_KEY_SR25519:
        return (struct sig_kind){1, 64};
    case W3P_KEY_ECDSA:
    default:
        return (struct sig_kind){2, 65};
    }
}

static void sign_bytes(uint8_t sig65[65], const struct w3p_keypair *key, struct w3p_span bytes)
{
    uint8_t digest32[32];
    switch (key->type) {
    case W3P_KEY_ED25519:
        w3p_ed25519_sign(sig65, key, bytes.ptr, bytes.len);
        break;
    case W3P_KEY_SR25519:
        w3p_sr25519_sign(sig65, key, bytes.ptr, bytes.len, NULL);
        break;
    case W3P_KEY_ECDSA:
        w3p_blake2b_256(digest32, bytes.ptr, bytes.len);
        w3p_ecdsa_sign(sig65, key, digest32);
        break;
    }
}

static void put_signed(struct w3p_buf *body, const struct w3p_keypair *key, enum w3p_address_form form,
                       const uint8_t sig65[65], struct w3p_span extra, struct w3p_span call)
{
    uint8_t account32[32];
    struct sig_kind kind = sig_kind_of(key->type);
    w3p_keypair_account(account32, key);
    w3p_buf_put_u8(body, SIGNED_V4);
    if (form == W3P_ADDRESS_MULTI)
        w3p_buf_put_u8(body, 0);
    w3p_buf_put(body, account32, sizeof account32);
    w3p_buf_put_u8(body, kind.number);
    w3p_buf_put(body, sig65, kind.len);
    w3p_buf_put_span(body, extra);
    w3p_buf_put_span(body, call);
}

int w3p_xt_sign(struct w3p_buf *out, struct w3p_errmsg *msg, const struct w3p_metadata *md,
                const struct w3p_xt_params *params, const struct w3p_keypair *key, struct w3p_span call)
{
    struct w3p_buf extra, additional, payload, body;
    uint8_t hash32[32], sig65[65] = {0};
    w3p_buf_init(&extra, EXTRA_MAX);
    w3p_buf_init(&additional, ADDITIONAL_MAX);
    w3p_buf_init(&payload, XT_MAX);
    w3p_buf_init(&body, XT_MAX);

    int err = w3p_xt_check_extensions(md, msg);
    if (err != W3P_OK)
        goto out;
    err = w3p_xt_extra(&extra, &additional, md, params);
    w3p_buf_put_span(&payload, call);
    w3p_buf_put_span(&payload, w3p_buf_span(&extra));
    w3p_buf_put_span(&payload, w3p_buf_span(&additional));
    if (err != W3P_OK || payload.failed) {
        err = w3p_fail(msg, W3P_E_LIMIT, "the call of %zu bytes is too long for an extrinsic", call.len);
        goto out;
    }
    sign_bytes(sig65, key, signed_bytes(hash32, &payload));
    put_signed(&body, key, params->address_form, sig65, w3p_buf_span(&extra), call);
    w3p_scale_put_bytes(out, body.ptr, body.len);
    if (body.failed || out->failed)
        err = w3p_fail(msg, W3P_E_LIMIT, "the extrinsic does not fit %zu bytes", out->max);
out:
    w3p_buf_deinit(&extra);
    w3p_buf_deinit(&additional);
    w3p_buf_deinit(&payload);
    w3p_buf_deinit(&body);
    return err;
}

void w3p_xt_hash(uint8_t hash32[32], const uint8_t *bytes, size_t len)
{
    w3p_blake2b_256(hash32, bytes, len);
}

static void read_part(struct w3p_xt *out, struct w3p_reader *r, enum extension_part part)
{
    uint64_t nonce;
    switch (part) {
    case PART_ERA:
        out->era = w3p_era_decode(r);
        break;
    case PART_NONCE:
        nonce = w3p_scale_compact(r);
        if (nonce > UINT32_MAX)
            w3p_reader_fail(r, W3P_E_INVALID);
        out->nonce = (uint32_t)nonce;
        break;
    case PART_TIP:
        out->tip = w3p_scale_compact_u128(r);
        break;
    case PART_TIP_NO_ASSET:
        out->tip = w3p_scale_compact_u128(r);
        read_part(out, r, PART_ZERO);
        break;
    case PART_ZERO: // nothing else is ever signed here
        if (w3p_reader_u8(r) != 0)
            w3p_reader_fail(r, W3P_E_INVALID);
        break;
    case PART_NONE:
    case PART_SPEC:
    case PART_TX:
    case PART_GENESIS:
    case PART_BIRTH:
    default: // not in the extra part
        break;
    }
}

int w3p_xt_decode(struct w3p_xt *out, const struct w3p_metadata *md, enum w3p_address_form form, const uint8_t *bytes,
                  size_t len)
{
    struct w3p_reader r;
    struct w3p_xt xt = {0};
    int err = w3p_xt_check_extensions(md, NULL);
    if (err != W3P_OK)
        return err;
    w3p_reader_init(&r, bytes, len);
    size_t body_len = w3p_scale_length(&r, XT_MAX);
    if (r.err == W3P_OK && body_len != w3p_reader_left(&r))
        w3p_reader_fail(&r, W3P_E_INVALID);
    if (w3p_reader_u8(&r) != SIGNED_V4)
        w3p_reader_fail(&r, W3P_E_INVALID);
    if (form == W3P_ADDRESS_MULTI && w3p_reader_u8(&r) != 0)
        w3p_reader_fail(&r, W3P_E_INVALID);
    struct w3p_span signer = w3p_reader_take(&r, 32);
    xt.sig_type = w3p_reader_u8(&r);
    if (xt.sig_type > 2)
        w3p_reader_fail(&r, W3P_E_INVALID);
    xt.sig = w3p_reader_take(&r, xt.sig_type == 2 ? 65 : 64);
    size_t extra_at = r.pos;
    for (size_t i = 0; i < md->extension_count; i++)
        read_part(&xt, &r, find_extension(md, &md->extensions[i])->extra);
    if (r.err != W3P_OK)
        return W3P_E_INVALID;
    memcpy(xt.signer32, signer.ptr, sizeof xt.signer32);
    xt.extra = W3P_SPAN(bytes + extra_at, r.pos - extra_at);
    xt.call = w3p_reader_take(&r, w3p_reader_left(&r));
    *out = xt;
    return W3P_OK;
}

// The account of an ecdsa signature is the hash of the key that the signature gives back.
static enum w3p_verdict verify_ecdsa(const struct w3p_xt *xt, struct w3p_span bytes)
{
    uint8_t digest32[32], pub33[33], account32[32];
    uint8_t v = xt->sig.ptr[64];
    w3p_blake2b_256(digest32, bytes.ptr, bytes.len);
    enum w3p_verdict verdict = w3p_ecdsa_recover(pub33, xt->sig.ptr, v > 26 ? v - 27u : v, digest32);
    if (verdict != W3P_SIG_VALID)
        return verdict;
    w3p_blake2b_256(account32, pub33, sizeof pub33);
    return memcmp(account32, xt->signer32, sizeof account32) == 0 ? W3P_SIG_VALID : W3P_SIG_INVALID;
}

enum w3p_verdict w3p_xt_verify(const struct w3p_xt *xt, struct w3p_span additional)
{
    struct w3p_buf payload;
    uint8_t hash32[32];
    enum w3p_verdict verdict = W3P_SIG_MALFORMED;
    w3p_buf_init(&payload, XT_MAX);
    w3p_buf_put_span(&payload, xt->call);
    w3p_buf_put_span(&payload, xt->extra);
    w3p_buf_put_span(&payload, additional);
    if (payload.failed)
        goto out;
    struct w3p_span bytes = signed_bytes(hash32, &payload);
    if (xt->sig_type == 0)
        verdict = w3p_ed25519_verify(xt->sig.ptr, xt->signer32, bytes.ptr, bytes.len);
    else if (xt->sig_type == 1)
        verdict = w3p_sr25519_verify(xt->sig.ptr, xt->signer32, bytes.ptr, bytes.len);
    else
        verdict = verify_ecdsa(xt, bytes);
out:
    w3p_buf_deinit(&payload);
    return verdict;
}
