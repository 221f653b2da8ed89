// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: prints what the client sees in a runtime's metadata, one fact a line, to be compared with what another
// implementation sees; and how long reading takes and what it occupies, on stderr. The version is not printed: the same
// runtime must read the same in every version.
//
//   chain_metadata [--no-types] FILE     FILE is metadata, or its 0x hex; without types for V12 and V13, whose types
//                                        are texts
//   chain_metadata --as-v14 FILE         prints a Crust runtime of V12 as V14, in hex; --as-v15 as V15
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "substrate/extrinsic.h"
#include "substrate/metadata.h"

#include "../metadata_convert.h"

enum { DESCRIPTION_DEPTH = 6, TEXT_MAX = 1 << 16, ROUNDS = 10 };

static bool with_types = true;

static const char *hex(struct w3p_span bytes)
{
    static char text[2 * W3P_METADATA_MAX + 1];
    w3p_hex_encode(text, bytes.ptr, bytes.len);
    return text;
}

static void print_type(const struct w3p_metadata *md, uint32_t type)
{
    struct w3p_buf text;
    w3p_buf_init(&text, TEXT_MAX);
    if (with_types)
        w3p_type_describe(&text, &md->types, type, DESCRIPTION_DEPTH);
    printf(" %s", w3p_buf_str(&text));
    w3p_buf_deinit(&text);
}

static void print_variants(const struct w3p_metadata *md, const char *kind, const char *pallet,
                           const struct w3p_type_variant *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        printf("%s %s %u %s", kind, pallet, list[i].index, list[i].name);
        for (size_t k = 0; k < list[i].field_count; k++) {
            printf(" %s", list[i].fields[k].name[0] != '\0' ? list[i].fields[k].name : "-");
            print_type(md, list[i].fields[k].type);
        }
        printf("\n");
    }
}

static void print_pallet(const struct w3p_metadata *md, const struct w3p_md_pallet *p)
{
    printf("pallet %u %s prefix %s\n", p->index, p->name, p->storage_prefix != NULL ? p->storage_prefix : "-");
    print_variants(md, "call", p->name, p->calls, p->call_count);
    print_variants(md, "event", p->name, p->events, p->event_count);
    print_variants(md, "error", p->name, p->errors, p->error_count);
    for (size_t i = 0; i < p->const_count; i++) {
        printf("const %s %s 0x%s", p->name, p->consts[i].name, hex(p->consts[i].value));
        print_type(md, p->consts[i].type);
        printf("\n");
    }
    for (size_t i = 0; i < p->entry_count; i++) {
        const struct w3p_md_entry *e = &p->entries[i];
        printf("storage %s %s %s 0x%s", p->name, e->name, e->is_default ? "default" : "optional", hex(e->fallback));
        print_type(md, e->value_type);
        for (size_t k = 0; k < e->key_count; k++) {
            printf(" %u", e->hashers[k]);
            print_type(md, e->key_types[k]);
        }
        printf("\n");
    }
}

static void print_all(const struct w3p_metadata *md)
{
    struct w3p_errmsg msg = {""};
    enum w3p_address_form form;
    for (size_t i = 0; i < md->pallet_count; i++)
        print_pallet(md, &md->pallets[i]);
    printf("extrinsic %u\n", md->extrinsic_version);
    for (size_t i = 0; i < md->extension_count; i++) {
        printf("extension %s", md->extensions[i].name);
        print_type(md, md->extensions[i].extra);
        print_type(md, md->extensions[i].additional);
        printf("\n");
    }
    int err = w3p_xt_address_form(&form, &msg, md);
    fprintf(stderr, "address %s\n", err == W3P_OK ? form == W3P_ADDRESS_RAW ? "raw" : "multiaddress" : msg.text);
    err = w3p_xt_check_extensions(md, &msg);
    fprintf(stderr, "extensions %s\n", err == W3P_OK ? "known" : msg.text);
}

int main(int argc, char **argv)
{
    struct w3p_metadata *md = NULL;
    struct w3p_errmsg msg = {""};
    unsigned convert = argc == 3 && strcmp(argv[1], "--as-v14") == 0 ? 14 : 0;
    if (argc == 3 && strcmp(argv[1], "--as-v15") == 0)
        convert = 15;
    with_types = !(argc == 3 && strcmp(argv[1], "--no-types") == 0);
    if (argc != (with_types && convert == 0 ? 2 : 3)) {
        fprintf(stderr, "usage: chain_metadata [--no-types | --as-v14 | --as-v15] FILE\n");
        return 2;
    }
    size_t room = 2 * W3P_METADATA_MAX + 4, len;
    char *text = w3p_calloc(room, 1);
    uint8_t *bytes = w3p_calloc(room, 1);
    FILE *file = fopen(argv[argc - 1], "rb");
    len = file != NULL ? fread(text, 1, room, file) : 0;
    if (file != NULL)
        fclose(file);
    while (len > 2 && text[0] == '0' && text[len - 1] == '\n')
        len--;
    size_t byte_len = room;
    if (len < 2 || memcmp(text, "0x", 2) != 0) {
        memcpy(bytes, text, len);
        byte_len = len;
    } else if (w3p_hex0x_decode(bytes, &byte_len, text, len) != W3P_OK) {
        byte_len = 0;
    }
    uint64_t began = w3p_clock_mono_ns();
    int err = W3P_OK;
    for (int i = 0; i < ROUNDS && err == W3P_OK; i++) {
        w3p_metadata_destroy(md);
        err = w3p_metadata_parse(&md, &msg, bytes, byte_len);
    }
    uint64_t took_us = (w3p_clock_mono_ns() - began) / ROUNDS / 1000;
    if (err == W3P_OK && convert != 0) {
        struct w3p_buf out;
        mc_convert(&out, md, convert);
        printf("0x%s\n", hex(w3p_buf_span(&out)));
        w3p_buf_deinit(&out);
    } else if (err == W3P_OK) {
        print_all(md);
        fprintf(stderr, "V%u, %zu bytes, %zu types, %zu bytes of memory, %llu us\n", md->version, byte_len,
                md->types.count, md->memory, (unsigned long long)took_us);
    } else {
        fprintf(stderr, "chain_metadata: %s\n", msg.text);
    }
    w3p_metadata_destroy(md);
    free(text);
    free(bytes);
    return err != W3P_OK;
}
