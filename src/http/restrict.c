// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: restrict.h.
#include "http/restrict.h"

#include <string.h>

static const struct w3p_restrictions *restrictions_of(const struct w3p_caller *caller)
{
    return caller->entry != NULL ? caller->entry->restrictions : NULL;
}

static bool permits_cid(const struct w3p_restrictions *r, const struct w3p_cid *cid)
{
    uint8_t multihash[W3P_CID_KEY_MAX];
    return w3p_restrictions_permit_cid(r, multihash, w3p_cid_multihash(multihash, cid));
}

static bool refuse(struct w3p_call *call, const char *what)
{
    w3p_call_note_reason(call, "restricted");
    w3p_reply_error(call, 403, "TOKEN_RESTRICTED", "%s", what);
    return false;
}

bool w3p_restrict_list(struct w3p_call *call, const struct w3p_caller *caller, const struct w3p_pin_query *query)
{
    const struct w3p_restrictions *r = restrictions_of(caller);
    if (r == NULL || !r->has_cids)
        return true;
    bool good = query->cid_count > 0;
    for (size_t i = 0; i < query->cid_count; i++)
        good = good && permits_cid(r, &query->cids[i]);
    return good || refuse(call, "this token is for some contents only: list them with cid=, and no others");
}

bool w3p_restrict_new(struct w3p_call *call, const struct w3p_caller *caller, const struct w3p_cid *cid, uint64_t size)
{
    const struct w3p_restrictions *r = restrictions_of(caller);
    if (r == NULL)
        return true;
    if (!permits_cid(r, cid))
        return refuse(call, "this token is for other contents");
    if (!w3p_restrictions_permit_bytes(r, size > 0 ? size : caller->app->limits->default_size))
        return refuse(call, size > 0 ? "this token is for smaller contents"
                                     : "this token is for smaller contents than the usual size; state meta.size");
    return true;
}

bool w3p_restrict_sees(const struct w3p_caller *caller, const char *cid_text)
{
    const struct w3p_restrictions *r = restrictions_of(caller);
    struct w3p_cid cid;
    const char *why = NULL;
    if (r == NULL || !r->has_cids)
        return true;
    return w3p_cid_parse(&cid, &why, cid_text, strlen(cid_text)) == W3P_OK && permits_cid(r, &cid);
}

bool w3p_restrict_pin(struct w3p_call *call, const struct w3p_caller *caller, const char *requestid)
{
    const struct w3p_restrictions *r = restrictions_of(caller);
    struct w3p_pin pin = {0};
    if (r == NULL || !r->has_cids)
        return true;
    int err = w3p_reader_fresh(caller->db);
    if (err == W3P_OK)
        err = w3p_pins_get(caller->db, &pin, caller->account_id, requestid);
    if (err == W3P_OK && !w3p_restrict_sees(caller, pin.cid))
        err = W3P_E_NOTFOUND;
    w3p_pin_deinit(&pin);
    if (err == W3P_E_NOTFOUND)
        w3p_reply_error(call, 404, NULL, "%s", W3P_NO_PIN);
    else if (err != W3P_OK)
        w3p_reply_store_failed(call);
    return err == W3P_OK;
}
