// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: metadata V13 to V15: hostile registries, what must be refused and where memory ends; then a Crust runtime
// written as V14 and V15, which must read as it does in V12; then real files of another chain.
#include "chain_test.h"
#include "crust/crust_internal.h"
#include "metadata_convert.h"

TestSuite(metadata_v14, .timeout = 60);

static int parse(const uint8_t *bytes, size_t len)
{
    struct w3p_metadata *md = NULL;
    int err = w3p_metadata_parse(&md, NULL, bytes, len);
    cr_assert(eq(int, md != NULL, err == W3P_OK));
    w3p_metadata_destroy(md);
    return err;
}

// No path, no parameters, then the definition, no documentation.
#define TYPE(id, definition) id "\0\0" definition "\0"
#define FIELD(type) "\0" type "\0\0"
#define U8 TYPE("\0", "\5\3")
// No pallets, extrinsic of type 0, version 4, no extensions, the runtime is type 0.
#define NO_PALLETS "\0\0\4\0\0"

static const struct {
    const char *name, *bytes;
    size_t len;
    int err; // W3P_E_INVALID stands for every refusal of broken bytes
} registries[] = {
#define CASE(name, err, bytes)                                                                                         \
    {                                                                                                                  \
        name, bytes, sizeof(bytes) - 1, err                                                                            \
    }
    CASE("nothing at all", W3P_E_INVALID, ""),
    CASE("no types, and a reference to one", W3P_E_INVALID, "\0" NO_PALLETS),
    CASE("a count without types", W3P_E_INVALID, "\xfe\xff\xff\xff"),
    CASE("more types than the bytes can hold", W3P_E_INVALID, "\x08" U8 NO_PALLETS),
    CASE("one type", W3P_OK, "\x04" U8 NO_PALLETS),
    CASE("a byte behind the end", W3P_E_INVALID, "\x04" U8 NO_PALLETS "\0"),
    CASE("an id that is not its place", W3P_E_INVALID, "\x04" TYPE("\4", "\5\3") NO_PALLETS),
    CASE("an id twice", W3P_E_INVALID, "\x08" U8 U8 NO_PALLETS),
    CASE("a definition that there is not", W3P_E_INVALID, "\x04" TYPE("\0", "\x08\0") NO_PALLETS),
    CASE("a primitive that there is not", W3P_E_INVALID, "\x04" TYPE("\0", "\5\x0f") NO_PALLETS),
    CASE("a sequence of type 1 of 1", W3P_E_INVALID, "\x04" TYPE("\0", "\2\4") NO_PALLETS),
    CASE("an array of type 1 of 1", W3P_E_INVALID, "\x04" TYPE("\0", "\3\1\0\0\0\4") NO_PALLETS),
    CASE("a compact of type 1 of 1", W3P_E_INVALID, "\x04" TYPE("\0", "\6\4") NO_PALLETS),
    CASE("bits in type 1 of 1", W3P_E_INVALID, "\x04" TYPE("\0", "\7\4\0") NO_PALLETS),
    CASE("a tuple with type 1 of 1", W3P_E_INVALID, "\x04" TYPE("\0", "\4\4\4") NO_PALLETS),
    CASE("a struct with type 1 of 1", W3P_E_INVALID, "\x04" TYPE("\0", "\0\4" FIELD("\4")) NO_PALLETS),
    CASE("an enum with type 1 of 1", W3P_E_INVALID, "\x04" TYPE("\0", "\1\4\4A\4" FIELD("\4") "\0\0") NO_PALLETS),
    CASE("an id beyond every registry", W3P_E_INVALID, "\x04" TYPE("\0", "\2\xfe\xff\xff\xff") NO_PALLETS),
    CASE("two alternatives of one number", W3P_E_INVALID, "\x04" TYPE("\0", "\1\x08\4A\0\0\0\4B\0\0\0") NO_PALLETS),
    CASE("two alternatives", W3P_OK, "\x04" TYPE("\0", "\1\x08\4A\0\0\0\4B\0\1\0") NO_PALLETS),
    CASE("a name with a NUL", W3P_E_INVALID, "\x04" TYPE("\0", "\1\4\4\0\0\0\0") NO_PALLETS),
    CASE("a list of itself", W3P_OK, "\x04" TYPE("\0", "\2\0") NO_PALLETS),
    CASE("a struct of itself", W3P_OK, "\x04" TYPE("\0", "\0\4" FIELD("\0")) NO_PALLETS),
    CASE("a tuple of itself, twice", W3P_OK, "\x04" TYPE("\0", "\4\x08\0\0") NO_PALLETS),
    CASE("calls that are no enum", W3P_E_INVALID, "\x04" U8 "\4\4P\0\1\0\0\0\0\0\0\4\0\0"),
    CASE("events of a type that there is not", W3P_E_INVALID, "\x04" U8 "\4\4P\0\0\1\4\0\0\0\0\4\0\0"),
    CASE("a map of no keys", W3P_E_INVALID, "\x04" U8 "\4\4P\1\4P\4\4E\0\1\0\0\0\0\0\0\0\0\0\0\0\4\0\0"),
    CASE("a map of one key", W3P_OK, "\x04" U8 "\4\4P\1\4P\4\4E\0\1\4\0\0\0\0\0\0\0\0\0\0\0\4\0\0"),
    CASE("a map of a hasher that there is not", W3P_E_INVALID,
         "\x04" U8 "\4\4P\1\4P\4\4E\0\1\4\7\0\0\0\0\0\0\0\0\0\0\4\0\0"),
    CASE("a map of two keys that are no tuple", W3P_E_INVALID,
         "\x04" U8 "\4\4P\1\4P\4\4E\0\1\x08\0\0\0\0\0\0\0\0\0\0\0\0\4\0\0"),
    CASE("a map of nine keys", W3P_E_INVALID,
         "\x04" U8 "\4\4P\1\4P\4\4E\0\1\x24\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\4\0\0"),
    CASE("an extension of a type that there is not", W3P_E_INVALID, "\x04" U8 "\0\0\4\4\4X\0\4\0"),
};

Test(metadata_v14, registries)
{
    for (size_t i = 0; i < sizeof registries / sizeof registries[0]; i++) {
        uint8_t bytes[256] = "meta\x0e";
        memcpy(bytes + 5, registries[i].bytes, registries[i].len);
        int err = parse(bytes, 5 + registries[i].len);
        bool wanted = registries[i].err == W3P_OK;
        cr_expect(wanted == (err == W3P_OK), "%s: %d", registries[i].name, err);
    }
}

// Sixteen bytes and more for every four: the decoded form has an end of its own.
Test(metadata_v14, memory_has_an_end)
{
    struct w3p_buf b;
    struct w3p_metadata *md = NULL;
    w3p_buf_init(&b, W3P_METADATA_MAX);
    w3p_buf_put_str(&b, "meta\x0e");
    uint32_t types = 4000;
    w3p_scale_put_compact(&b, types);
    for (uint32_t id = 0; id < types; id++) {
        w3p_scale_put_compact(&b, id);
        w3p_buf_put(&b, "\0\0\1", 3);
        w3p_scale_put_compact(&b, 256);
        for (unsigned i = 0; i < 256; i++) {
            w3p_buf_put(&b, "\0\0", 2);
            w3p_buf_put_u8(&b, (uint8_t)i);
            w3p_buf_put_u8(&b, 0);
        }
        w3p_buf_put_u8(&b, 0);
    }
    cr_assert(b.failed || b.len <= W3P_METADATA_MAX);
    struct w3p_errmsg msg = {""};
    b.len = b.len > W3P_METADATA_MAX ? W3P_METADATA_MAX : b.len;
    cr_assert(w3p_metadata_parse(&md, &msg, b.ptr, b.len) != W3P_OK);
    cr_assert(strstr(msg.text, "limit") != NULL, "%s", msg.text);
    w3p_buf_deinit(&b);
}

// A counted list is never larger than the bytes behind the count allow.
Test(metadata_v14, counts_are_bounded_by_their_bytes)
{
    struct w3p_buf b;
    w3p_buf_init(&b, 1 << 20);
    w3p_buf_put_str(&b, "meta\x0e");
    w3p_scale_put_compact(&b, W3P_TYPES_MAX);
    for (unsigned i = 0; i < 2 * W3P_TYPES_MAX; i++) // two bytes for each type; the least one has six
        w3p_buf_put_u8(&b, 0);
    struct w3p_metadata *md = NULL;
    struct w3p_errmsg msg = {""};
    cr_assert(eq(int, w3p_metadata_parse(&md, &msg, b.ptr, b.len), W3P_E_INVALID));
    cr_assert(strstr(msg.text, "near byte 9 of") != NULL, "refused behind the count: %s", msg.text);
    w3p_buf_deinit(&b);
}

struct runtime {
    struct w3p_buf bytes;
    struct w3p_metadata *md, *from;
};

static void runtime_init(struct runtime *rt, unsigned version)
{
    struct w3p_errmsg msg = {""};
    rt->from = test_rocky();
    mc_convert(&rt->bytes, rt->from, version);
    int err = w3p_metadata_parse(&rt->md, &msg, rt->bytes.ptr, rt->bytes.len);
    cr_assert(err == W3P_OK, "V%u: %s", version, msg.text);
}

static void runtime_deinit(struct runtime *rt)
{
    w3p_metadata_destroy(rt->md);
    w3p_metadata_destroy(rt->from);
    w3p_buf_deinit(&rt->bytes);
}

static void expect_same_variants(const struct w3p_metadata *a, const struct w3p_type_variant *left, size_t count,
                                 const struct w3p_metadata *b, const struct w3p_type_variant *right, size_t right_count)
{
    cr_assert(eq(sz, count, right_count));
    for (size_t i = 0; i < count; i++) {
        cr_assert(eq(str, (char *)left[i].name, (char *)right[i].name));
        cr_assert(eq(str, (char *)left[i].doc, (char *)right[i].doc));
        cr_assert(left[i].index == right[i].index && left[i].field_count == right[i].field_count);
        for (size_t k = 0; k < left[i].field_count; k++) {
            const struct w3p_type *l = w3p_type_at(&a->types, left[i].fields[k].type);
            const struct w3p_type *r = w3p_type_at(&b->types, right[i].fields[k].type);
            // what V12 only names was written as a struct without fields
            bool named = l->kind == W3P_TYPE_UNKNOWN || l->width == W3P_TYPE_VARIABLE;
            cr_assert(l->kind == W3P_TYPE_UNKNOWN || l->kind == r->kind, "%s", left[i].name);
            cr_assert(named || l->width == r->width, "%s", left[i].name);
        }
    }
}

Test(metadata_v14, one_runtime_in_every_version_is_one_model)
{
    for (unsigned version = 14; version <= 15; version++) {
        struct runtime rt;
        runtime_init(&rt, version);
        const struct w3p_metadata *a = rt.from, *b = rt.md;
        cr_assert(b->version == version && a->pallet_count == b->pallet_count);
        for (size_t i = 0; i < a->pallet_count; i++) {
            const struct w3p_md_pallet *p = &a->pallets[i], *q = w3p_md_pallet(b, p->name);
            cr_assert(q != NULL && p->index == q->index && p->entry_count == q->entry_count);
            expect_same_variants(a, p->calls, p->call_count, b, q->calls, q->call_count);
            expect_same_variants(a, p->events, p->event_count, b, q->events, q->event_count);
            expect_same_variants(a, p->errors, p->error_count, b, q->errors, q->error_count);
            for (size_t k = 0; k < p->entry_count; k++)
                cr_assert(p->entries[k].key_count == q->entries[k].key_count &&
                          memcmp(p->entries[k].hashers, q->entries[k].hashers, W3P_MD_KEYS_MAX) == 0 &&
                          w3p_span_eq(p->entries[k].fallback, q->entries[k].fallback));
            for (size_t k = 0; k < p->const_count; k++)
                cr_assert(w3p_span_eq(p->consts[k].value, w3p_md_const(q, p->consts[k].name)->value));
        }
        cr_assert(a->extension_count == b->extension_count);
        runtime_deinit(&rt);
    }
}

Test(metadata_v14, the_market_is_found_in_it)
{
    for (unsigned version = 14; version <= 15; version++) {
        struct runtime rt;
        struct w3p_crust_runtime *crust = NULL;
        struct w3p_errmsg msg = {""};
        runtime_init(&rt, version);
        // the address form is the metadata's, not a guess by the name
        int err = w3p_crust_runtime_parse(&crust, &msg, "another", rt.bytes.ptr, rt.bytes.len);
        cr_assert(err == W3P_OK, "%s", msg.text);
        cr_expect(eq(int, (int)crust->layout, (int)W3P_CRUST_FILES_SPEC3));
        cr_expect(crust->call_has_memo && crust->market->index == 20);
        cr_expect(eq(int, (int)crust->address_form, (int)W3P_ADDRESS_RAW));
        w3p_crust_runtime_free(crust);
        runtime_deinit(&rt);
    }
}

Test(metadata_v14, every_truncation_is_refused)
{
    for (unsigned version = 14; version <= 15; version++) {
        struct runtime rt;
        runtime_init(&rt, version);
        for (size_t len = 0; len < rt.bytes.len; len += len < 3000 ? 1 : 41)
            cr_assert(parse(rt.bytes.ptr, len) == W3P_E_INVALID, "accepted after %zu bytes", len);
        cr_assert(parse(rt.bytes.ptr, rt.bytes.len - 1) == W3P_E_INVALID);
        runtime_deinit(&rt);
    }
}

Test(metadata_v14, survives_flipped_bytes)
{
    struct runtime rt;
    runtime_init(&rt, 15);
    for (size_t at = 5; at < rt.bytes.len; at += 13) {
        rt.bytes.ptr[at] ^= 0xfc;
        (void)parse(rt.bytes.ptr, rt.bytes.len);
        rt.bytes.ptr[at] ^= 0xfc;
    }
    runtime_deinit(&rt);
}

Test(metadata_v14, the_answer_of_the_runtime_api)
{
    static const struct {
        const char *hex;
        int err;
    } answers[] = {{"", W3P_E_INVALID},           {"02", W3P_E_INVALID}, {"0000", W3P_E_INVALID},
                   {"00", W3P_E_NOTFOUND},        {"01", W3P_E_INVALID}, {"010c6d65", W3P_E_INVALID},
                   {"01086d6500", W3P_E_INVALID}, {"01086d65", W3P_OK}};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct test_bytes b = test_hex(answers[i].hex);
        struct w3p_span inner = {NULL, 0};
        cr_expect(eq(int, w3p_metadata_of_answer(&inner, W3P_SPAN(b.ptr, b.len)), answers[i].err), "%s",
                  answers[i].hex);
        cr_expect(answers[i].err != W3P_OK || w3p_span_eq_str(inner, "me"));
        free(b.ptr);
    }
}

// A packed file of the outside data; ptr is NULL when it is not there.
static struct test_bytes outside(const char *name)
{
    char path[1024];
    const char *folder = getenv("W3PIN_TEST_DATA");
    struct test_bytes out = {NULL, 0};
    snprintf(path, sizeof path, "%s/metadata/%s", folder != NULL ? folder : W3P_TEST_SOURCE_DIR "/../../shared/data",
             name);
    FILE *probe = fopen(path, "rb");
    if (probe == NULL)
        return out;
    fclose(probe);
    char command[1100];
    snprintf(command, sizeof command, "gzip -dc '%s'", path);
    FILE *unpacked = popen(command, "r");
    cr_assert(unpacked != NULL);
    out.ptr = w3p_calloc(W3P_METADATA_MAX, 1);
    out.len = fread(out.ptr, 1, W3P_METADATA_MAX, unpacked);
    cr_assert(pclose(unpacked) == 0 && out.len > 100000);
    return out;
}

static void check_kusama(const struct w3p_metadata *md)
{
    const struct w3p_md_pallet *system = w3p_md_pallet(md, "System"), *staking = w3p_md_pallet(md, "Staking");
    cr_assert(system != NULL && system->index == 0 && staking != NULL && staking->index == 6);
    cr_assert(w3p_md_call(system, "remark")->index == 1);
    cr_assert(w3p_md_call(w3p_md_pallet(md, "Utility"), "batch_all")->index == 2);
    cr_assert(w3p_md_pallet(md, "Utility")->index == 24);
    cr_assert(w3p_md_entry(system, "Account")->hashers[0] == W3P_BLAKE2_128_CONCAT);
    const struct w3p_md_const *hashes = w3p_md_const(system, "BlockHashCount");
    cr_assert(test_is_hex(hashes->value.ptr, hashes->value.len, "60090000")); // 2400
    const struct w3p_md_const *deposit = w3p_md_const(w3p_md_pallet(md, "Balances"), "ExistentialDeposit");
    cr_assert(deposit->value.len == 16);
    cr_assert(md->extension_count == 7 && strcmp(md->extensions[3].name, "CheckMortality") == 0);
    cr_assert(w3p_xt_check_extensions(md, NULL) == W3P_OK);
    cr_assert(eq(str, (char *)w3p_md_error_at(staking, 0)->name, "NotController"));
    cr_assert(lt(sz, md->memory, (size_t)1 << 20));
}

// Real files, every truncation of their beginning and many of the rest.
static void real_file(const char *name, unsigned version, size_t step)
{
    struct test_bytes b = outside(name);
    struct w3p_metadata *md = NULL;
    struct w3p_errmsg msg = {""};
    if (b.ptr == NULL) {
        fprintf(stderr, "SKIPPED: metadata_v14: no outside data for %s\n", name);
        cr_skip_test("outside metadata is missing");
    }
    cr_assert(w3p_metadata_parse(&md, &msg, b.ptr, b.len) == W3P_OK, "%s", msg.text);
    cr_assert(md->version == version);
    check_kusama(md);
    w3p_metadata_destroy(md);
    for (size_t len = 0; len < b.len; len += len < 2000 ? 1 : step)
        cr_assert(parse(b.ptr, len) == W3P_E_INVALID, "accepted after %zu bytes", len);
    free(b.ptr);
}

Test(metadata_v14, kusama_as_v13)
{
    real_file("kusama-v13.bin.gz", 13, 997);
}

Test(metadata_v14, kusama_as_v14)
{
    real_file("kusama-v14.bin.gz", 14, 997);
}

// V13 has maps of many keys, V12 does not.
Test(metadata_v14, maps_of_many_keys)
{
    static const char tail[] = "\4\4P\1\4P\4\4E\0\3\x08\4A\4B\x08\0\2\4C\0\0\0\0\0\0\0\4\0";
    static const char uneven[] = "\4\4P\1\4P\4\4E\0\3\x08\4A\4B\4\0\4C\0\0\0\0\0\0\0\4\0";
    static const char none[] = "\4\4P\1\4P\4\4E\0\3\0\0\4C\0\0\0\0\0\0\0\4\0";
    uint8_t bytes[128] = "meta\x0d";
    struct w3p_metadata *md = NULL;
    memcpy(bytes + 5, tail, sizeof tail);
    cr_assert(w3p_metadata_parse(&md, NULL, bytes, 5 + sizeof tail - 1) == W3P_OK);
    const struct w3p_md_entry *entry = &md->pallets[0].entries[0];
    cr_assert(entry->key_count == 2 && entry->hashers[0] == W3P_BLAKE2_128 &&
              entry->hashers[1] == W3P_BLAKE2_128_CONCAT);
    cr_assert(w3p_type_is(&md->types, entry->key_types[1], "B") && w3p_type_is(&md->types, entry->value_type, "C"));
    w3p_metadata_destroy(md);
    bytes[4] = 12;
    cr_assert(eq(int, parse(bytes, 5 + sizeof tail - 1), W3P_E_INVALID));
    bytes[4] = 13;
    memcpy(bytes + 5, uneven, sizeof uneven);
    cr_assert(eq(int, parse(bytes, 5 + sizeof uneven - 1), W3P_E_INVALID));
    memcpy(bytes + 5, none, sizeof none);
    cr_assert(eq(int, parse(bytes, 5 + sizeof none - 1), W3P_E_INVALID));
}
