// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: fuzz the events of a block, judged for one order, with small runtimes of V12 and of V14 that have every kind
// of argument; and type texts as hostile metadata could bring them. Input: a type text, a NUL, and the bytes.
#include <stdlib.h>
#include <string.h>

#include "crust/crust_internal.h"
#include "substrate/events.h"
#include "substrate/scale.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put_text(struct w3p_buf *b, const char *text)
{
    w3p_scale_put_bytes(b, text, strlen(text));
}

// V12: an event of these argument types, separated by blanks.
static void put_event(struct w3p_buf *b, const char *name, const char *types)
{
    size_t count = types[0] != '\0';
    put_text(b, name);
    for (const char *c = types; *c != '\0'; c++)
        count += *c == ' ';
    w3p_scale_put_compact(b, count);
    for (size_t len; count > 0; count--, types += len + (types[len] == ' ')) {
        len = strcspn(types, " ");
        w3p_scale_put_bytes(b, types, len);
    }
    w3p_scale_put_compact(b, 0);
}

// A pallet without storage and calls; the events come next.
static void begin_pallet(struct w3p_buf *b, const char *name, size_t events)
{
    put_text(b, name);
    w3p_buf_put(b, "\0\0\1", 3);
    w3p_scale_put_compact(b, events);
}

// No constants, perhaps the error FileTooLarge at 0.
static void end_pallet(struct w3p_buf *b, bool error, uint8_t index)
{
    w3p_scale_put_compact(b, 0);
    w3p_scale_put_compact(b, error ? 1 : 0);
    if (error) {
        put_text(b, "FileTooLarge");
        w3p_scale_put_compact(b, 0);
    }
    w3p_buf_put_u8(b, index);
}

static struct w3p_metadata *parsed(struct w3p_buf *b)
{
    struct w3p_metadata *md = NULL;
    if (b->failed || w3p_metadata_parse(&md, NULL, b->ptr, b->len) != W3P_OK)
        abort();
    w3p_buf_deinit(b);
    return md;
}

static struct w3p_metadata *runtime_v12(const char *type)
{
    struct w3p_buf b;
    w3p_buf_init(&b, 8192);
    w3p_buf_put(&b, "meta\x0c\x10", 6); // four pallets
    begin_pallet(&b, "System", 3);
    put_event(&b, "ExtrinsicSuccess", "DispatchInfo");
    put_event(&b, "ExtrinsicFailed", "DispatchError DispatchInfo");
    put_event(&b, "CodeUpdated", "");
    end_pallet(&b, false, 0);
    begin_pallet(&b, "Balances", 1);
    put_event(&b, "Transfer", "AccountId AccountId Balance");
    end_pallet(&b, false, 5);
    begin_pallet(&b, "Market", 2);
    put_event(&b, "FileSuccess", "AccountId MerkleRoot");
    put_event(&b, "Mixed",
              "Option<Vec<u8>> Vec<IdentificationTuple> DispatchResult ValidatorPrefs Timepoint<BlockNumber>");
    end_pallet(&b, true, 20);
    begin_pallet(&b, "Foreign", 1);
    put_text(&b, "Type");
    w3p_scale_put_compact(&b, 1);
    put_text(&b, type);
    w3p_scale_put_compact(&b, 0);
    end_pallet(&b, false, 30);
    w3p_buf_put(&b, "\x04\0", 2);
    return parsed(&b);
}

// V14: types written by hand; each is its id, no path or one name, no parameters, the definition, no documentation.
static void put_type(struct w3p_buf *b, unsigned id, const char *name, const char *definition, size_t len)
{
    w3p_scale_put_compact(b, id);
    w3p_scale_put_compact(b, name != NULL ? 1 : 0);
    if (name != NULL)
        put_text(b, name);
    w3p_scale_put_compact(b, 0);
    w3p_buf_put(b, definition, len);
    w3p_scale_put_compact(b, 0);
}
#define TYPE(id, name, definition) put_type(&b, id, name, definition, sizeof(definition) - 1)
#define FIELD(id) "\0" id "\0\0"

static struct w3p_metadata *runtime_v14(void)
{
    struct w3p_buf b;
    w3p_buf_init(&b, 8192);
    w3p_buf_put(&b, "meta\x0e\x44", 6);                      // 17 types
    TYPE(0, NULL, "\x05\x03");                               // u8
    TYPE(1, "AccountId32", "\x03\x20\0\0\0\0");              // [u8;32]
    TYPE(2, NULL, "\x02\0");                                 // Vec<u8>
    TYPE(3, NULL, "\x05\x07");                               // u128
    TYPE(4, NULL, "\x05\x06");                               // u64
    TYPE(5, NULL, "\x06\x10");                               // Compact<u64>
    TYPE(6, "Weight", "\0\x08" FIELD("\x14") FIELD("\x14")); // two of them
    TYPE(7, "Pays", "\x01\x08\x0cYes\0\0\0\x08No\0\x01\0");  // enum
    TYPE(8, "DispatchInfo", "\0\x0c" FIELD("\x18") FIELD("\x1c") FIELD("\x1c"));
    TYPE(9, NULL, "\x03\x04\0\0\0\0"); // [u8;4]
    TYPE(10, "ModuleError", "\0\x08" FIELD("\0") FIELD("\x24"));
    TYPE(11, "DispatchError",
         "\x01\x0c\x14Other\0\0\0\x18Module\x04" FIELD("\x28") "\x03\0\x14Token\x04" FIELD("\x1c") "\x07\0");
    TYPE(12, NULL, "\x07\0\0"); // bits
    TYPE(13, "Deep",
         "\x01\x08\x0c"
         "End\0\0\0\x10More\x04" FIELD("\x38") "\x01\0"); // refers to the next
    TYPE(14, NULL, "\x02\x34");                           // Vec<Deep>
    TYPE(15, "Event",
         "\x01\x0c\x40"
         "ExtrinsicSuccess\x04" FIELD("\x20") "\0\0\x3c"
                                              "ExtrinsicFailed\x08" FIELD("\x2c")
                                                  FIELD("\x20") "\x01\0\x0c"
                                                                "Any\x0c" FIELD("\x38") FIELD("\x30")
                                                                    FIELD("\x08") "\x02\0");
    TYPE(16, "Event",
         "\x01\x08\x2c"
         "FileSuccess\x08" FIELD("\x04") FIELD("\x08") "\0\0\x20"
                                                       "Transfer\x0c" FIELD("\x04") FIELD("\x04")
                                                           FIELD("\x0c") "\x02\0");
    w3p_buf_put(&b, "\x08", 1);
    put_text(&b, "System");
    w3p_buf_put(&b, "\0\0\x01\x3c\0\0\0", 7);
    put_text(&b, "Market");
    w3p_buf_put(&b, "\0\0\x01\x40\0\0\x14", 7);
    w3p_buf_put(&b, "\0\x04\0\0", 4); // extrinsic of type 0, version 4, no extensions; the runtime
    return parsed(&b);
}

static void judge(const struct w3p_metadata *md, const uint8_t *data, size_t size)
{
    static const uint8_t account32[32];
    static const char *const cids[] = {"QmA", "QmB", "QmC"};
    struct w3p_chain_outcome out;
    for (uint32_t index = 0; index < 4; index++) {
        size_t n = index < 2 ? 1 : 3;
        size_t tried = w3p_crust_judge(&out, md, W3P_SPAN(data, size), index % 2, account32, cids, n);
        if (tried < 1 || tried > n)
            abort();
        for (size_t i = 0; i < W3P_CHAIN_BATCH_MAX; i++) {
            const struct w3p_chain_item *item = &out.items[i];
            bool nothing = item->end == W3P_ITEM_NOT_TRIED && item->price == 0 && item->error[0] == '\0';
            if ((!out.known || i >= n) && !nothing)
                abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct w3p_metadata *v12, *v14; // reachable until the end
    const uint8_t *nul = size > 0 ? memchr(data, 0, size) : NULL;
    if (v12 == NULL) {
        v12 = runtime_v12("u8");
        v14 = runtime_v14();
    }
    if (nul != NULL && nul > data && nul - data < 200) {
        struct w3p_metadata *md = runtime_v12((const char *)data);
        struct w3p_reader r;
        size_t steps = W3P_TYPE_STEPS_MAX;
        w3p_reader_init(&r, nul + 1, size - (size_t)(nul - data) - 1);
        w3p_type_skip(&r, &md->types, md->pallets[3].events[0].fields[0].type, &steps);
        if (r.pos > r.len)
            abort();
        data = nul + 1;
        size = r.len;
        w3p_metadata_destroy(md);
    }
    judge(v12, data, size);
    judge(v14, data, size);
    return 0;
}
