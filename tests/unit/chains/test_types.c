// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: values by a registry: hostile types and bytes, then every kind; how calls end on modern runtimes; accounts;
// signed extensions with types.
#include "chain_test.h"
#include "crypto/hash.h"
#include "metadata_write.h"
#include "substrate/account.h"
#include "substrate/dispatch.h"
#include "substrate/events.h"
#include "substrate/extrinsic.h"

TestSuite(types, .timeout = 20);

// A runtime that consists of types, extensions, and the pallet System with what a test puts into it.
struct rig {
    struct mw w;
    struct mw_basics b;
    struct mw_extension extensions[MW_EXTENSIONS + 2];
    size_t extension_count;
    struct w3p_buf pallets;
    struct w3p_metadata *md;
};

static void rig_begin(struct rig *rig)
{
    memset(rig, 0, sizeof *rig);
    mw_init(&rig->w);
    rig->b = mw_basics(&rig->w, true);
    mw_usual_extensions(rig->extensions, &rig->b);
    rig->extension_count = MW_EXTENSIONS;
    w3p_buf_init(&rig->pallets, 4096);
}

static void rig_end(struct rig *rig)
{
    struct w3p_buf bytes;
    struct w3p_errmsg msg = {""};
    if (rig->pallets.len == 0)
        w3p_buf_put_u8(&rig->pallets, 0);
    mw_finish(&bytes, &rig->w, &rig->b, 14, &rig->pallets, rig->extensions, rig->extension_count);
    cr_assert(w3p_metadata_parse(&rig->md, &msg, bytes.ptr, bytes.len) == W3P_OK, "%s", msg.text);
    w3p_buf_deinit(&bytes);
    w3p_buf_deinit(&rig->pallets);
}

// One pallet, System at 0, with events and errors of these types and an Account of this one.
static void put_system(struct rig *rig, uint32_t events, uint32_t errors, uint32_t account)
{
    struct w3p_buf *p = &rig->pallets;
    w3p_scale_put_compact(p, 1);
    mw_text(p, "System");
    w3p_buf_put_u8(p, 1);
    mw_text(p, "System");
    w3p_scale_put_compact(p, 1);
    mw_text(p, "Account");
    w3p_buf_put(p, "\1\1\4\2", 4);
    w3p_scale_put_compact(p, rig->b.hash);
    w3p_scale_put_compact(p, account);
    w3p_buf_put(p, "\0\0\0", 3); // no default, no documentation, no calls
    w3p_buf_put_u8(p, 1);
    w3p_scale_put_compact(p, events);
    w3p_buf_put(p, "\0\1", 2); // no constants
    w3p_scale_put_compact(p, errors);
    w3p_buf_put_u8(p, 0);
}

static int skip(const struct rig *rig, uint32_t type, const char *hex, size_t steps)
{
    struct test_bytes bytes = test_hex(hex);
    struct w3p_reader r;
    w3p_reader_init(&r, bytes.ptr, bytes.len);
    w3p_type_skip(&r, &rig->md->types, type, &steps);
    int err = w3p_reader_end(&r);
    free(bytes.ptr);
    return err;
}

Test(types, circles_and_multiplication_end)
{
    struct rig rig;
    rig_begin(&rig);
    uint32_t self = rig.w.count, list, wide;
    list = mw_of(&rig.w, 2, self); // a list of lists of itself
    struct mw_field circle = {NULL, rig.w.count};
    uint32_t loop = mw_composite(&rig.w, "Loop", &circle, 1);
    // 64 fields of 64 fields of 64 fields … of an enum with one alternative: 64^8 looks for nothing but zeros
    uint32_t level = mw_enum(&rig.w, "One", &(struct mw_variant){"A", 0, NULL, 0, NULL}, 1);
    for (int i = 0; i < 8; i++) {
        struct mw_field fields[64];
        for (int k = 0; k < 64; k++)
            fields[k] = (struct mw_field){NULL, level};
        level = mw_composite(&rig.w, NULL, fields, 64);
    }
    // nothing, multiplied
    uint32_t zero = rig.b.nothing;
    for (int i = 0; i < 40; i++) {
        struct mw_field fields[64];
        for (int k = 0; k < 64; k++)
            fields[k] = (struct mw_field){NULL, zero};
        zero = mw_composite(&rig.w, NULL, fields, 64);
    }
    wide = mw_array(&rig.w, mw_array(&rig.w, rig.b.u128, UINT32_MAX), UINT32_MAX);
    uint32_t zeros = mw_array(&rig.w, zero, UINT32_MAX), ones = mw_array(&rig.w, list, UINT32_MAX);
    rig_end(&rig);

    cr_expect(eq(int, skip(&rig, list, "00", 1000), W3P_OK));
    char deep[2 * 70 + 1];
    for (int i = 0; i < 70; i++)
        memcpy(deep + 2 * i, "04", 3);
    cr_expect(eq(int, skip(&rig, list, deep, 1000), W3P_E_LIMIT), "deeper than types go");
    cr_expect(eq(int, skip(&rig, loop, "00", 1000), W3P_E_LIMIT));
    cr_expect(skip(&rig, level, "00", W3P_TYPE_STEPS_MAX) != W3P_OK);
    cr_expect(eq(int, skip(&rig, zero, "", 2), W3P_OK), "its width is known: one look");
    cr_expect(eq(int, skip(&rig, zeros, "", 2), W3P_OK));
    cr_expect(eq(int, skip(&rig, wide, "0000", 1000), W3P_E_INVALID));
    cr_expect(skip(&rig, ones, "00000000", 3) == W3P_E_LIMIT, "out of steps");
    cr_expect(eq(int, skip(&rig, W3P_TYPE_NONE, "00", 1000), W3P_E_UNSUPPORTED));
    cr_expect(w3p_type_is(&rig.md->types, loop, ".."), "a circle is described by nothing");
    struct w3p_buf text;
    w3p_buf_init(&text, W3P_TYPE_DESCRIPTION_MAX);
    w3p_type_describe(&text, &rig.md->types, level, W3P_TYPE_DEPTH_MAX);
    cr_expect(text.failed, "a description has an end");
    w3p_buf_deinit(&text);
    w3p_metadata_destroy(rig.md);
}

Test(types, every_kind)
{
    struct rig rig;
    rig_begin(&rig);
    struct mw_field pair[] = {{"a", rig.b.u32}, {"b", rig.b.bytes}};
    struct mw_variant gaps[] = {{"Low", 2, NULL, 0, NULL}, {"High", 250, pair, 2, NULL}};
    uint32_t gapped = mw_enum(&rig.w, "Gaps", gaps, 2), record = mw_composite(&rig.w, "Pair", pair, 2),
             text = mw_primitive(&rig.w, W3P_PRIMITIVE_STR), wide = mw_primitive(&rig.w, W3P_PRIMITIVE_U256),
             records = mw_of(&rig.w, 2, record), three = mw_array(&rig.w, record, 3),
             nothings = mw_of(&rig.w, 6, rig.b.nothing), numbers = mw_of(&rig.w, 2, rig.b.u64), bits8 = rig.w.count;
    mw_begin(&rig.w, NULL);
    w3p_buf_put(&rig.w.types, "\0\7", 2);
    w3p_scale_put_compact(&rig.w.types, rig.b.u8);
    w3p_scale_put_compact(&rig.w.types, rig.b.nothing);
    (void)mw_end(&rig.w);
    uint32_t bits64 = rig.w.count;
    mw_begin(&rig.w, NULL);
    w3p_buf_put(&rig.w.types, "\0\7", 2);
    w3p_scale_put_compact(&rig.w.types, rig.b.u64);
    w3p_scale_put_compact(&rig.w.types, rig.b.nothing);
    (void)mw_end(&rig.w);
    rig_end(&rig);
    const struct {
        uint32_t type;
        const char *hex;
        int err;
        const char *description;
    } values[] = {
        {gapped, "02", W3P_OK, "enum Gaps"},
        {gapped, "fa 01000000 0861 62", W3P_OK, NULL},
        {gapped, "00", W3P_E_INVALID, NULL},
        {gapped, "fa 01000000 0c61 62", W3P_E_INVALID, NULL},
        {record, "01000000 04ff", W3P_OK, "(u32,Vec<u8>)"},
        {text, "0c616263", W3P_OK, "str"},
        {text, "10616263", W3P_E_INVALID, NULL},
        {wide, "0000000000000000000000000000000000000000000000000000000000000000", W3P_OK, "u256"},
        {records, "08 01000000 00 01000000 00", W3P_OK, "Vec<(u32,Vec<u8>)>"},
        {records, "0c 01000000 00 01000000 00", W3P_E_INVALID, NULL},
        {three, "0100000000 0100000000 0100000000", W3P_OK, "[(u32,Vec<u8>);3]"},
        {three, "0100000000 0100000000", W3P_E_INVALID, NULL},
        {nothings, "", W3P_OK, "Compact<()>"},
        {numbers, "08 0100000000000000 0100000000000000", W3P_OK, "Vec<u64>"},
        {numbers, "0c 0100000000000000 0100000000000000", W3P_E_INVALID, NULL},
        {bits8, "00", W3P_OK, "Bits<u8>"},
        {bits8, "24 ff01", W3P_OK, NULL}, // nine bits
        {bits8, "24 ff", W3P_E_INVALID, NULL},
        {bits8, "13 ffffffffffffffff", W3P_E_INVALID, NULL}, // rounded up to whole words this would be none
        {bits64, "04 0100000000000000", W3P_OK, "Bits<u64>"},
        {bits64, "04 01000000", W3P_E_INVALID, NULL},
        {rig.b.compact_u128, "13 000064a7b3b6e00d", W3P_OK, "Compact<u128>"},
        {rig.b.hash, "00", W3P_E_INVALID, "[u8;32]"},
    };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        cr_expect(eq(int, skip(&rig, values[i].type, values[i].hex, 1000), values[i].err), "%s", values[i].hex);
        cr_expect(values[i].description == NULL || w3p_type_is(&rig.md->types, values[i].type, values[i].description),
                  "%s", values[i].description);
    }
    w3p_metadata_destroy(rig.md);
}

// System with the modern DispatchError and DispatchInfo. error_len: bytes of a module's error.
static void modern(struct rig *rig, uint32_t error_len)
{
    rig_begin(rig);
    uint32_t compact64 = mw_of(&rig->w, 6, rig->b.u64);
    struct mw_field weight[] = {{"ref_time", compact64}, {"proof_size", compact64}};
    struct mw_variant classes[] = {
        {"Normal", 0, NULL, 0, NULL}, {"Operational", 1, NULL, 0, NULL}, {"Mandatory", 2, NULL, 0, NULL}};
    struct mw_variant pays[] = {{"Yes", 0, NULL, 0, NULL}, {"No", 1, NULL, 0, NULL}};
    struct mw_field info[] = {{"weight", mw_composite(&rig->w, "Weight", weight, 2)},
                              {"class", mw_enum(&rig->w, "DispatchClass", classes, 3)},
                              {"pays_fee", mw_enum(&rig->w, "Pays", pays, 2)}};
    struct mw_field module[] = {{"index", rig->b.u8}, {"error", mw_array(&rig->w, rig->b.u8, error_len)}};
    struct mw_field in_module = {NULL, mw_composite(&rig->w, "ModuleError", module, 2)};
    struct mw_variant tokens[] = {{"FundsUnavailable", 0, NULL, 0, NULL}, {"OnlyProvider", 1, NULL, 0, NULL}};
    struct mw_variant sums[] = {{"Underflow", 0, NULL, 0, NULL}, {"Overflow", 1, NULL, 0, NULL}};
    struct mw_variant layers[] = {{"LimitReached", 0, NULL, 0, NULL}, {"NoLayer", 1, NULL, 0, NULL}};
    struct mw_field token = {NULL, mw_enum(&rig->w, "TokenError", tokens, 2)},
                    sum = {NULL, mw_enum(&rig->w, "ArithmeticError", sums, 2)},
                    layer = {NULL, mw_enum(&rig->w, "TransactionalError", layers, 2)};
    struct mw_variant kinds[] = {{"Other", 0, NULL, 0, NULL},           {"CannotLookup", 1, NULL, 0, NULL},
                                 {"BadOrigin", 2, NULL, 0, NULL},       {"Module", 3, &in_module, 1, NULL},
                                 {"Token", 7, &token, 1, NULL},         {"Arithmetic", 8, &sum, 1, NULL},
                                 {"Transactional", 9, &layer, 1, NULL}, {"Exhausted", 10, NULL, 0, NULL},
                                 {"Corruption", 11, NULL, 0, NULL},     {"Unavailable", 12, NULL, 0, NULL}};
    struct mw_field dispatch_info = {"dispatch_info", mw_composite(&rig->w, "DispatchInfo", info, 3)};
    struct mw_field failed[] = {{"dispatch_error", mw_enum(&rig->w, "DispatchError", kinds, 10)}, dispatch_info};
    struct mw_variant events[] = {{"ExtrinsicSuccess", 0, &dispatch_info, 1, NULL},
                                  {"ExtrinsicFailed", 1, failed, 2, NULL}};
    struct mw_variant errors[] = {{"InvalidSpecName", 0, NULL, 0, "The name of\nthe specification."},
                                  {"Undocumented", 4, NULL, 0, NULL}};
    uint32_t error = mw_enum(&rig->w, "Error", errors, 2), event = mw_enum(&rig->w, "Event", events, 2);
    put_system(rig, event, error, rig->b.u8);
    rig_end(rig);
}

static const struct {
    const char *hex, *says; // NULL: cannot be read
} ends[] = {
    {"00", "Other"},
    {"02", "BadOrigin"},
    {"03 00 00000000", "System.InvalidSpecName: The name of the specification."},
    {"03 00 04000000", "System.Undocumented"},
    {"03 00 04000001", "System.Undocumented"}, // what nested errors hold is not shown
    {"03 00 63000000", "error 99 of pallet 0"},
    {"03 63 01000000", "error 1 of pallet 99"},
    {"07 00", "Token: FundsUnavailable"},
    {"08 01", "Arithmetic: Overflow"},
    {"09 00", "Transactional: LimitReached"},
    {"0a", "Exhausted"},
    {"0b", "Corruption"},
    {"0c", "Unavailable"},
    {"0d", NULL},
    {"07 02", NULL},
    {"07", NULL},
    {"03 00 0000", NULL},
    {"", NULL},
};

Test(types, modern_ends_of_calls)
{
    struct rig rig;
    modern(&rig, 4);
    const struct w3p_type_variant *failed = w3p_md_event(w3p_md_pallet(rig.md, "System"), "ExtrinsicFailed");
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        struct test_bytes bytes = test_hex(ends[i].hex);
        struct w3p_reader r;
        char text[128];
        w3p_reader_init(&r, bytes.ptr, bytes.len);
        struct w3p_dispatch_error e = w3p_dispatch_error_read(&r, rig.md, failed->fields[0].type);
        w3p_dispatch_error_format(text, sizeof text, &e);
        bool read = w3p_reader_end(&r) == W3P_OK, wanted = ends[i].says != NULL;
        cr_expect(read == wanted, "%s", ends[i].hex);
        cr_expect(wanted == false || strcmp(text, ends[i].says) == 0, "%s: %s", ends[i].hex, text);
        free(bytes.ptr);
    }
    w3p_metadata_destroy(rig.md);

    modern(&rig, 3); // no runtime has had this
    struct test_bytes bytes = test_hex("03 00 000000");
    struct w3p_reader r;
    w3p_reader_init(&r, bytes.ptr, bytes.len);
    failed = w3p_md_event(w3p_md_pallet(rig.md, "System"), "ExtrinsicFailed");
    (void)w3p_dispatch_error_read(&r, rig.md, failed->fields[0].type);
    cr_expect(eq(int, r.err, W3P_E_UNSUPPORTED));
    w3p_reader_init(&r, bytes.ptr, bytes.len);
    (void)w3p_dispatch_error_read(&r, rig.md, rig.b.u8);
    cr_expect(eq(int, r.err, W3P_E_UNSUPPORTED), "no enum");
    free(bytes.ptr);
    w3p_metadata_destroy(rig.md);
}

Test(types, weights_of_two_numbers)
{
    struct rig rig;
    struct w3p_events walk;
    struct w3p_event ev;
    struct w3p_reader r;
    modern(&rig, 4);
    struct test_bytes bytes = test_hex("08 00 01000000 0000 a2edbf1e 9101 00 01 00 00 02000000 0000 00 00 03 00 00");
    w3p_events_init(&walk, rig.md, bytes.ptr, bytes.len);
    cr_assert(w3p_events_next(&walk, &ev) && w3p_event_is(&ev, "System", "ExtrinsicSuccess"));
    cr_assert(ev.extrinsic == 1);
    w3p_reader_init(&r, ev.args.ptr, ev.args.len);
    struct w3p_dispatch_info info = w3p_dispatch_info_read(&r, rig.md, ev.event->fields[0].type);
    cr_assert(w3p_reader_end(&r) == W3P_OK);
    cr_assert(info.weight.ref_time == 128973672 && info.weight.proof_size == 100 && info.class == 0 && !info.pays_fee);
    static const char *const no_info[] = {"04 04 03 00", "04 04 00 02", "04 04 00"}; // class, whether it pays
    for (size_t i = 0; i < 3; i++) {
        struct test_bytes wrong = test_hex(no_info[i]);
        w3p_reader_init(&r, wrong.ptr, wrong.len);
        (void)w3p_dispatch_info_read(&r, rig.md, ev.event->fields[0].type);
        cr_expect(eq(int, r.err, W3P_E_INVALID), "%s", no_info[i]);
        free(wrong.ptr);
    }
    cr_assert(w3p_events_next(&walk, &ev) == false, "a class that there is not");
    cr_assert(eq(int, walk.reader.err, W3P_E_INVALID));
    cr_assert(w3p_type_is(&rig.md->types, w3p_weight_type(rig.md), "(Compact<u64>,Compact<u64>)"));
    free(bytes.ptr);
    w3p_metadata_destroy(rig.md);

    struct w3p_metadata *rocky = test_rocky();
    cr_assert(w3p_type_is(&rocky->types, w3p_weight_type(rocky), "u64"));
    w3p_metadata_destroy(rocky);
}

// free 5, reserved 1, then two numbers
#define BALANCES(third, fourth)                                                                                        \
    "05000000000000000000000000000000 01000000000000000000000000000000" third "000000000000000000000000000000" fourth

static const struct {
    const char *last; // name of the fourth balance
    unsigned counters;
    const char *hex;
    int err;
    unsigned frozen;
} accounts[] = {
    {"fee_frozen", 1, "07000000 00000000" BALANCES("02", "03000000000000000000000000000000"), W3P_OK, 3},
    {"fee_frozen", 2, "07000000 0000000000000000" BALANCES("04", "03000000000000000000000000000000"), W3P_OK, 4},
    {"fee_frozen", 3, "07000000 000000000000000000000000" BALANCES("02", "03000000000000000000000000000000"), W3P_OK,
     3},
    {"flags", 3, "07000000 000000000000000000000000" BALANCES("02", "00000000000000000000000000000080"), W3P_OK, 2},
    {"flags", 3, "07000000 000000000000000000000000" BALANCES("02", "000000000000000000000000000000"), W3P_E_INVALID,
     0},
    {"flags", 3, "07000000", W3P_E_INVALID, 0},
    {"flags", 4, "07000000 00000000000000000000000000000000" BALANCES("02", "03000000000000000000000000000000"),
     W3P_E_UNSUPPORTED, 0},
};

Test(types, accounts_of_all_ages)
{
    for (size_t i = 0; i < sizeof accounts / sizeof accounts[0]; i++) {
        struct rig rig;
        struct w3p_account account = {0};
        rig_begin(&rig);
        struct mw_field balances[] = {
            {"free", rig.b.u128}, {"reserved", rig.b.u128}, {"frozen", rig.b.u128}, {accounts[i].last, rig.b.u128}};
        struct mw_field data = {NULL, mw_composite(&rig.w, "AccountData", balances, 4)};
        uint32_t wrapped = mw_composite(&rig.w, "Wrapped", &data, 1);
        struct mw_field info[8] = {{"nonce", rig.b.u32}};
        for (unsigned k = 0; k < accounts[i].counters; k++)
            info[1 + k] = (struct mw_field){"counter", rig.b.u32};
        info[1 + accounts[i].counters] = (struct mw_field){"data", wrapped};
        uint32_t type = mw_composite(&rig.w, "AccountInfo", info, 2 + accounts[i].counters);
        uint32_t none = mw_enum(&rig.w, "Event", NULL, 0);
        put_system(&rig, none, none, type);
        rig_end(&rig);
        struct test_bytes bytes = test_hex(accounts[i].hex);
        int err = w3p_account_decode(&account, rig.md, W3P_SPAN(bytes.ptr, bytes.len));
        cr_expect(eq(int, err, accounts[i].err), "%zu", i);
        cr_expect(err != W3P_OK || (account.nonce == 7 && account.reserved == 1), "%zu", i);
        cr_expect(eq(uint, (unsigned)account.frozen, accounts[i].frozen), "%zu", i);
        free(bytes.ptr);
        w3p_metadata_destroy(rig.md);
    }
}

// Metadata is foreign: what has one field reads as that field, so the text of a form fits around any of its parts.
Test(types, an_account_inside_a_newtype)
{
    struct rig rig;
    struct w3p_account account = {0};
    rig_begin(&rig);
    struct mw_field balances[] = {
        {"free", rig.b.u128}, {"reserved", rig.b.u128}, {"frozen", rig.b.u128}, {"flags", rig.b.u128}};
    struct mw_field info[] = {
        {"nonce", rig.b.u32}, {"counter", rig.b.u8}, {"data", mw_composite(&rig.w, "AccountData", balances, 4)}};
    struct mw_field whole = {NULL, mw_composite(&rig.w, "AccountInfo", info, 3)};
    uint32_t none = mw_enum(&rig.w, "Event", NULL, 0);
    put_system(&rig, none, none, mw_composite(&rig.w, "Wrapped", &whole, 1));
    rig_end(&rig);
    struct test_bytes bytes = test_hex("07000000 00" BALANCES("02", "00000000000000000000000000000080"));
    cr_assert(w3p_account_decode(&account, rig.md, W3P_SPAN(bytes.ptr, bytes.len)) == W3P_OK);
    cr_expect(account.nonce == 7 && account.reserved == 1 && account.frozen == 2);
    free(bytes.ptr);
    w3p_metadata_destroy(rig.md);
}

static int check_with(const char *name, const char *extra, const char *additional, struct w3p_errmsg *msg,
                      struct w3p_buf *extra_out, struct w3p_buf *additional_out)
{
    struct rig rig;
    rig_begin(&rig);
    struct mw_variant modes[] = {{"Disabled", 0, NULL, 0, NULL}, {"Enabled", 1, NULL, 0, NULL}};
    uint32_t mode = mw_enum(&rig.w, "Mode", modes, 2), maybe = mw_option(&rig.w, rig.b.hash);
    struct mw_field asset[] = {{"tip", rig.b.compact_u128}, {"asset_id", mw_option(&rig.w, rig.b.u32)}};
    struct mw_field nothings[] = {{NULL, rig.b.nothing}, {NULL, rig.b.nothing}};
    uint32_t pair = mw_composite(&rig.w, "Pair", nothings, 2);
    uint32_t asset_tip = mw_composite(&rig.w, "ChargeAssetTxPayment", asset, 2);
    const struct {
        const char *name;
        uint32_t type;
    } named[] = {{"", rig.b.nothing},  {"mode", mode},     {"hash?", maybe},
                 {"asset", asset_tip}, {"u32", rig.b.u32}, {"pair", pair}};
    struct mw_extension added = {name, 0, 0};
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        added.extra = strcmp(named[i].name, extra) == 0 ? named[i].type : added.extra;
        added.additional = strcmp(named[i].name, additional) == 0 ? named[i].type : added.additional;
    }
    if (strcmp(name, "ChargeAssetTxPayment") == 0 || strcmp(name, "CheckNonce") == 0) {
        size_t at = strcmp(name, "CheckNonce") == 0 ? 4 : MW_EXTENSIONS - 1;
        rig.extensions[at] = added;
    } else {
        rig.extensions[rig.extension_count++] = added;
    }
    rig_end(&rig);
    struct w3p_xt_params params = {.spec_version = 25, .tx_version = 1, .nonce = 7, .tip = 3};
    int err = w3p_xt_check_extensions(rig.md, msg);
    w3p_buf_init(extra_out, 64);
    w3p_buf_init(additional_out, 128);
    if (err == W3P_OK)
        cr_expect(w3p_xt_extra(extra_out, additional_out, rig.md, &params) == W3P_OK);
    w3p_metadata_destroy(rig.md);
    return err;
}

static const struct {
    const char *name, *extra, *additional;
    int err;
    const char *bytes; // of the extra part: era 00, nonce 1c, tip 0c, and what the extension adds
    size_t additional_len;
} added[] = {
    {"CheckNonZeroSender", "", "", W3P_OK, "001c0c", 72},
    {"SomethingNew", "", "", W3P_OK, "001c0c", 72},
    {"SomethingNew", "pair", "", W3P_OK, "001c0c", 72}, // two times nothing is nothing
    {"SomethingNew", "u32", "", W3P_E_UNSUPPORTED, "", 0},
    {"SomethingNew", "", "u32", W3P_E_UNSUPPORTED, "", 0},
    {"CheckMetadataHash", "mode", "hash?", W3P_OK, "001c0c00", 73},
    {"CheckMetadataHash", "u32", "hash?", W3P_E_UNSUPPORTED, "", 0},
    {"ChargeAssetTxPayment", "asset", "", W3P_OK, "001c0c00", 72},
    {"ChargeAssetTxPayment", "u32", "", W3P_E_UNSUPPORTED, "", 0},
    {"CheckNonce", "u32", "", W3P_E_UNSUPPORTED, "", 0},
    {"CheckWeight", "", "", W3P_E_UNSUPPORTED, "", 0}, // there twice
};

Test(types, signed_extensions_by_their_types)
{
    for (size_t i = 0; i < sizeof added / sizeof added[0]; i++) {
        struct w3p_errmsg msg = {""};
        struct w3p_buf extra, additional;
        int err = check_with(added[i].name, added[i].extra, added[i].additional, &msg, &extra, &additional);
        cr_expect(eq(int, err, added[i].err), "%zu: %s", i, msg.text);
        cr_expect(err == W3P_OK || strstr(msg.text, added[i].name) != NULL, "%zu: %s", i, msg.text);
        cr_expect(test_is_hex(extra.ptr, extra.len, added[i].bytes), "%zu", i);
        cr_expect(eq(sz, additional.len, added[i].additional_len), "%zu", i);
        w3p_buf_deinit(&extra);
        w3p_buf_deinit(&additional);
    }
}

Test(types, forms_of_addresses_and_signatures)
{
    struct rig rig;
    struct w3p_errmsg msg = {""};
    enum w3p_address_form form = W3P_ADDRESS_RAW;
    rig_begin(&rig);
    rig_end(&rig);
    struct w3p_metadata changed = *rig.md;
    changed.signature_type = rig.md->address_type;
    cr_expect(eq(int, w3p_xt_address_form(&form, &msg, &changed), W3P_E_UNSUPPORTED));
    cr_expect(strstr(msg.text, "signatures") != NULL, "%s", msg.text);
    changed = *rig.md;
    changed.address_type = rig.b.u32;
    cr_expect(eq(int, w3p_xt_address_form(&form, &msg, &changed), W3P_E_UNSUPPORTED));
    changed.address_type = rig.md->signature_type; // an enum, too, and its first alternative is another
    cr_expect(eq(int, w3p_xt_address_form(&form, &msg, &changed), W3P_E_UNSUPPORTED));
    changed.address_type = W3P_TYPE_NONE;
    cr_expect(eq(int, w3p_xt_address_form(&form, &msg, &changed), W3P_E_NOTFOUND));
    cr_expect(eq(int, (int)form, (int)W3P_ADDRESS_RAW));
    cr_expect(eq(int, w3p_xt_address_form(&form, &msg, rig.md), W3P_OK));
    cr_expect(eq(int, (int)form, (int)W3P_ADDRESS_MULTI));
    changed.address_type = rig.b.hash;
    cr_expect(eq(int, w3p_xt_address_form(&form, &msg, &changed), W3P_OK));
    cr_expect(eq(int, (int)form, (int)W3P_ADDRESS_RAW));
    w3p_metadata_destroy(rig.md);
}

// An extension that is off is one zero byte; what another says is signed is nothing that we know.
Test(types, extensions_that_are_on_are_refused)
{
    struct rig rig;
    struct w3p_keypair key;
    struct w3p_buf xt;
    struct w3p_xt apart;
    struct w3p_errmsg msg = {""};
    struct w3p_xt_params params = {.spec_version = 6, .tx_version = 1, .era = w3p_era_at(64, 5), .nonce = 9};
    w3p_crypto_init();
    rig_begin(&rig);
    struct mw_variant modes[] = {{"Disabled", 0, NULL, 0, NULL}, {"Enabled", 1, NULL, 0, NULL}};
    rig.extensions[rig.extension_count++] =
        (struct mw_extension){"CheckMetadataHash", mw_enum(&rig.w, "Mode", modes, 2), mw_option(&rig.w, rig.b.hash)};
    rig_end(&rig);
    params.address_form = W3P_ADDRESS_MULTI;
    cr_assert(w3p_keypair_from_uri(&key, &msg, W3P_KEY_ED25519, "//Alice") == W3P_OK);
    w3p_buf_init(&xt, 4096);
    cr_assert(w3p_xt_sign(&xt, &msg, rig.md, &params, &key, W3P_SPAN_LIT("\0\1")) == W3P_OK, "%s", msg.text);
    uint8_t *mode = &xt.ptr[xt.len - 3];
    cr_assert(w3p_xt_decode(&apart, rig.md, W3P_ADDRESS_MULTI, xt.ptr, xt.len) == W3P_OK);
    cr_assert(eq(u8, *mode, 0));
    *mode = 1;
    cr_expect(w3p_xt_decode(&apart, rig.md, W3P_ADDRESS_MULTI, xt.ptr, xt.len) == W3P_E_INVALID);
    w3p_buf_deinit(&xt);
    w3p_metadata_destroy(rig.md);
}

// An extrinsic for a MultiAddress chain of V14 can be taken apart again.
Test(types, extrinsics_by_v14)
{
    struct rig rig;
    struct w3p_keypair key;
    struct w3p_buf xt, extra, additional;
    struct w3p_xt apart;
    struct w3p_errmsg msg = {""};
    struct w3p_xt_params params = {.spec_version = 6, .tx_version = 1, .era = w3p_era_at(64, 5), .nonce = 9};
    w3p_crypto_init();
    rig_begin(&rig);
    rig_end(&rig);
    cr_assert(w3p_xt_address_form(&params.address_form, &msg, rig.md) == W3P_OK, "%s", msg.text);
    cr_assert(eq(int, (int)params.address_form, (int)W3P_ADDRESS_MULTI));
    cr_assert(w3p_keypair_from_uri(&key, &msg, W3P_KEY_ECDSA, "//Alice") == W3P_OK);
    w3p_buf_init(&xt, 4096);
    w3p_buf_init(&extra, 64);
    w3p_buf_init(&additional, 128);
    cr_assert(w3p_xt_sign(&xt, &msg, rig.md, &params, &key, W3P_SPAN_LIT("\0\1hello")) == W3P_OK, "%s", msg.text);
    cr_assert(w3p_xt_decode(&apart, rig.md, W3P_ADDRESS_MULTI, xt.ptr, xt.len) == W3P_OK);
    cr_assert(apart.nonce == 9 && apart.sig_type == 2);
    cr_assert(w3p_xt_extra(&extra, &additional, rig.md, &params) == W3P_OK);
    cr_assert(w3p_xt_verify(&apart, w3p_buf_span(&additional)) == W3P_SIG_VALID);
    w3p_buf_deinit(&xt);
    w3p_buf_deinit(&extra);
    w3p_buf_deinit(&additional);
    w3p_metadata_destroy(rig.md);
}
