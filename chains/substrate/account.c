// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: System.Account: the nonce in front, reference counters whose number has grown, and four balances at the end.
// The last of these was fee_frozen until 2023 and is a set of flags since: only the registry tells which.
#include "substrate/account.h"

#include <string.h>

#include "base/reader.h"

#define BALANCES_BYTES 64u
#define VALUE_MAX 256u

enum form { FORM_OTHER, FORM_TWO_LOCKS, FORM_FLAGS };

// For a composite type whose shape is known to be a tuple: that shape does not show the newtypes around it.
static const struct w3p_type *inside_newtypes(const struct w3p_metadata *md, const struct w3p_type *type)
{
    while (type->count == 1)
        type = w3p_type_at(&md->types, type->of.fields[0].type);
    return type;
}

// *width: bytes of every value, W3P_TYPE_VARIABLE where only the text of the type is known.
static enum form form_of(const struct w3p_metadata *md, uint32_t *width)
{
    static const char *const shapes[] = {"(u32,u32,(u128,u128,u128,u128))", "(u32,u8,(u128,u128,u128,u128))",
                                         "(u32,u32,u32,(u128,u128,u128,u128))",
                                         "(u32,u32,u32,u32,(u128,u128,u128,u128))"};
    const struct w3p_md_pallet *system = w3p_md_pallet(md, "System");
    const struct w3p_md_entry *account = system != NULL ? w3p_md_entry(system, "Account") : NULL;
    const struct w3p_type *info = account != NULL ? w3p_type_at(&md->types, account->value_type) : NULL;
    if (info == NULL)
        return FORM_OTHER;
    *width = info->width;
    if (info->kind == W3P_TYPE_UNKNOWN) // a text: from before there were flags
        return FORM_TWO_LOCKS;
    bool known = false;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        known = known || w3p_type_is(&md->types, account->value_type, shapes[i]);
    if (!known)
        return FORM_OTHER;
    info = inside_newtypes(md, info);
    const struct w3p_type *data = inside_newtypes(md, w3p_type_at(&md->types, info->of.fields[info->count - 1].type));
    return strcmp(data->of.fields[3].name, "flags") == 0 ? FORM_FLAGS : FORM_TWO_LOCKS;
}

int w3p_account_decode(struct w3p_account *out, const struct w3p_metadata *md, struct w3p_span value)
{
    uint32_t width = W3P_TYPE_VARIABLE;
    enum form form = form_of(md, &width);
    struct w3p_account account = {0};
    struct w3p_reader r;
    if (form == FORM_OTHER)
        return W3P_E_UNSUPPORTED;
    if (value.len < 4 + BALANCES_BYTES || value.len > VALUE_MAX || (width != W3P_TYPE_VARIABLE && value.len != width))
        return W3P_E_INVALID;
    w3p_reader_init(&r, value.ptr, value.len);
    account.nonce = w3p_reader_le32(&r);
    w3p_reader_skip(&r, value.len - 4 - BALANCES_BYTES);
    account.available = w3p_reader_le128(&r);
    account.reserved = w3p_reader_le128(&r);
    account.frozen = w3p_reader_le128(&r);
    w3p_u128 last = w3p_reader_le128(&r);
    if (form == FORM_TWO_LOCKS && last > account.frozen) // of two locks the higher one holds
        account.frozen = last;
    int err = w3p_reader_end(&r);
    if (err == W3P_OK)
        *out = account;
    return err;
}
