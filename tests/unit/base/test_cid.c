// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what is no CID is refused with a sentence; every spelling of one content gives one key and one order text.
// The CIDs are of "hello"; they were made with an independent program.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

#include "base/cid.h"

#define HELLO_V0 "QmRN6wdp1S2A5EtjW9A3M1vKSBuQQGcgvuhoMUoEz4iiT5"
#define HELLO_V1 "bafybeibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq"
#define HELLO_RAW "bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq"
#define HELLO_SHA256 "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

static const struct {
    const char *text;
    int err;
} refused[] = {
    {"", W3P_E_INVALID},
    {"b", W3P_E_INVALID},
    {"Qm", W3P_E_INVALID},
    {"hello world", W3P_E_INVALID},
    {"/ipfs/" HELLO_V0, W3P_E_INVALID},
    {" " HELLO_V0, W3P_E_INVALID},
    {HELLO_V0 " ", W3P_E_INVALID},
    {HELLO_V0 "a", W3P_E_INVALID},
    {"QmRN6wdp1S2A5EtjW9A3M1vKSBuQQGcgvuhoMUoEz4iiT", W3P_E_INVALID},
    {"QmRN6wdp1S2A5EtjW9A3M1vKSBuQQGcgvuhoMUoEz4iiT0", W3P_E_INVALID}, // no base58
    {"Qmzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", W3P_E_INVALID}, // another length inside
    {"Rm"
     "RN6wdp1S2A5EtjW9A3M1vKSBuQQGcgvuhoMUoEz4iiT5",
     W3P_E_INVALID},
    {"bafybeibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeQ", W3P_E_INVALID}, // mixed case
    {"Bafybeibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq", W3P_E_INVALID},
    {"bafybeibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yer", W3P_E_INVALID}, // trailing bits
    {"f01551220"
     "2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824",
     W3P_E_INVALID},
    {"F01551220" HELLO_SHA256, W3P_E_INVALID},
    {"f02551220" HELLO_SHA256, W3P_E_INVALID},   // version 2
    {"f00551220" HELLO_SHA256, W3P_E_INVALID},   // version 0
    {"z" HELLO_V0, W3P_E_INVALID},               // v0 has no multibase letter
    {"f1220" HELLO_SHA256, W3P_E_INVALID},       // a bare multihash
    {"f8100551220" HELLO_SHA256, W3P_E_INVALID}, // version not minimal
    {"f01d5001220" HELLO_SHA256, W3P_E_INVALID}, // codec not minimal
    {"f0155920020" HELLO_SHA256, W3P_E_INVALID}, // hash not minimal
    {"f015512a000" HELLO_SHA256, W3P_E_INVALID}, // length not minimal
    {"f01", W3P_E_INVALID},
    {"f015512", W3P_E_INVALID},
    {"f01551220", W3P_E_INVALID},
    {"f01551220" HELLO_SHA256 "78", W3P_E_INVALID},                                             // a byte too many
    {"bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4y", W3P_E_INVALID},               // a byte too few
    {"f0155121f2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b98", W3P_E_INVALID}, // sha2-256 of 31
    {"f01551221" HELLO_SHA256 "78", W3P_E_INVALID},                                             // sha2-256 of 33
    {"f01551114" HELLO_SHA256, W3P_E_INVALID},                                                  // sha1 of 32
    {"f015594e402152cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1f", W3P_E_INVALID},                 // blake2b-160 of 21
    {"f01559ae4021a" HELLO_SHA256, W3P_E_INVALID},
    {"bafkqablimvwgy3y", W3P_E_UNSUPPORTED}, // identity
    {"f01550020" HELLO_SHA256, W3P_E_UNSUPPORTED},
    {"f01550000", W3P_E_UNSUPPORTED},
    {"f01720012080112200a0b0c0d0e0f1011121314151617", W3P_E_UNSUPPORTED},               // identity of a libp2p key
    {"bafzbeibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq", W3P_E_UNSUPPORTED}, // libp2p key
    {"f01558180fc01132cf24dba5fb0a30e26e83b2ac5b9e29e1b161e", W3P_E_UNSUPPORTED},       // 19 bytes, unknown hash
    {"f01558180fc0141" HELLO_SHA256 HELLO_SHA256 "78", W3P_E_UNSUPPORTED},              // 65 bytes
    {"f01558180808080808080808001202cf24dba5fb0a30e26e83b2ac5b9e29e", W3P_E_INVALID},   // varint of ten bytes
    {"x" HELLO_SHA256, W3P_E_INVALID},
};

Test(cid, refuses_with_a_sentence)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        const char *why = NULL;
        struct w3p_cid cid;
        memset(&cid, 0x5a, sizeof(cid));
        int err = w3p_cid_parse(&cid, &why, refused[i].text, strlen(refused[i].text));
        cr_expect(err == refused[i].err, "case %zu \"%s\": %d", i, refused[i].text, err);
        cr_expect(why != NULL && strlen(why) > 10, "case %zu has no sentence", i);
        cr_expect(cid.digest_len == 0x5a && cid.version == 0x5a, "case %zu wrote its output", i);
    }
}

Test(cid, length_is_bounded_and_counted)
{
    char text[W3P_CID_TEXT_MAX + 2];
    struct w3p_cid cid;
    static const char letters[] = "fFbBkKzumQx";
    for (const char *letter = letters; *letter != '\0'; letter++)
        for (size_t len = 1; len < sizeof(text); len++) {
            memset(text, '1', sizeof(text));
            text[0] = *letter;
            cr_expect(w3p_cid_parse(&cid, NULL, text, len) != W3P_OK, "%c with %zu", *letter, len);
        }
    const char *why = "";
    memset(text, '1', sizeof(text)); // 191 zero bytes in base58: not a CID, but not for its characters
    text[0] = 'z';
    cr_expect(w3p_cid_parse(&cid, &why, text, W3P_CID_TEXT_MAX) == W3P_E_INVALID);
    cr_expect(strstr(why, "characters") == NULL, "%s", why);
    cr_expect(w3p_cid_parse(&cid, &why, text, W3P_CID_TEXT_MAX + 1) == W3P_E_INVALID);
    cr_expect(strstr(why, "longer than any") != NULL, "%s", why); // before anything is decoded
    cr_expect(w3p_cid_parse(&cid, NULL, HELLO_V1 "garbage", strlen(HELLO_V1)) == W3P_OK, "reads past the length");
    cr_expect(w3p_cid_parse(&cid, NULL, HELLO_V1 "\0", strlen(HELLO_V1) + 1) == W3P_E_INVALID, "NUL behind");
}

static const char *const hello_spellings[] = {
    HELLO_V0,
    HELLO_V1,
    "BAFYBEIBM6JG3UX5QUMHCN2B3FLC3TYU6DMLB4XA7U5BF44YEGNRJHC4YEQ",
    "zdj7WYTMK4sruVkwxCfEt7fDPkt4Q6r7p2poE7L2HBuoWHcd1",
    "k2jmtxshftbvrdof1z3qg5p2h3ikoogqns7mwkrp24dbii8uaksgjg2s",
    "K2JMTXSHFTBVRDOF1Z3QG5P2H3IKOOGQNS7MWKRP24DBII8UAKSGJG2S",
    "f01701220" HELLO_SHA256,
    "F01701220"
    "2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824",
    "uAXASICzyTbpfsKMOJug7KsW54p4bFh5cH6dCXnMEM2KTi5gk",
    "mAXASICzyTbpfsKMOJug7KsW54p4bFh5cH6dCXnMEM2KTi5gk",
};

Test(cid, all_spellings_are_one_content)
{
    for (size_t i = 0; i < sizeof(hello_spellings) / sizeof(hello_spellings[0]); i++) {
        struct w3p_cid cid;
        uint8_t key[W3P_CID_KEY_MAX];
        char order[W3P_CID_ORDER_MAX], alternate[W3P_CID_ORDER_MAX], hex[2 * W3P_CID_KEY_MAX + 1] = "";
        const char *text = hello_spellings[i];
        cr_assert(w3p_cid_parse(&cid, NULL, text, strlen(text)) == W3P_OK, "%s", text);
        cr_expect(cid.version == (i == 0 ? 0 : 1) && cid.codec == W3P_CODEC_DAG_PB, "%s", text);
        size_t len = w3p_cid_key(key, &cid);
        for (size_t b = 0; b < len; b++)
            snprintf(hex + 2 * b, 3, "%02x", key[b]);
        cr_expect(strcmp(hex, "701220" HELLO_SHA256) == 0, "%s has key %s", text, hex);
        w3p_cid_format_order(order, &cid);
        cr_expect(strcmp(order, HELLO_V0) == 0, "%s is ordered as %s", text, order);
        cr_expect(w3p_cid_format_alternate(alternate, &cid) == true, "%s", text);
        cr_expect(strcmp(alternate, HELLO_V1) == 0, "%s has the alternate %s", text, alternate);
    }
}

static const struct {
    const char *text, *order;
    uint64_t codec, hash;
    uint8_t digest_len;
} others[] = {
    {HELLO_RAW, HELLO_RAW, 0x55, 0x12, 32},
    {"zb2rhZfjRh2FHHB2RkHVEvL2vJnCTcu7kwRqgVsf9gpkLgteo", HELLO_RAW, 0x55, 0x12, 32},
    {"k2cwue9rqdypmt3thjky14z1tk9fi9f0o5w7b3ofitdewlcf87lismqs", HELLO_RAW, 0x55, 0x12, 32},
    {"bafyreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq",
     "bafyreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq", 0x71, 0x12, 32},
    {"zB7NCfvYmw11M2X7ym9w2BFnazMHJJKhDr954ytKT9PtXtaddjwRrAA2cJzrnY7rcYemvrCxCQCRFtArTjfuWBRphT6ae",
     "bafkrgqe3ohjcjplc6n4f3fwunlj6upltggn7xqujbsvnvyw764srszz4u4rshq6ztos4chl4plgg4ffyyxnayrtdi5oc4xb2332g645433aeg",
     0x55, 0x13, 64},
    {"uAVWg5AIgMk3PAn3UowqTLEQfNlol6GsXPe-kuOWJSCU0cbgbcs8",
     "bafk2bzaceaze3tycpxkkgcutfrcb6ns2exugwfz556slrzmjjasti4nydnzm6", 0x55, 0xb220, 32},
    {"mAVWg5AIgMk3PAn3UowqTLEQfNlol6GsXPe+kuOWJSCU0cbgbcs8",
     "bafk2bzaceaze3tycpxkkgcutfrcb6ns2exugwfz556slrzmjjasti4nydnzm6", 0x55, 0xb220, 32},
    {"z8mWaHbndXQBLDfPzerCGWwQx2S4YkLs6", "baf4bcffk6tdb3xgf5crnvpw6b45uqlgzv2uugti", 0x78, 0x11, 20},
    {"k2cwzfrl04ba5mh5siywo5h03rvz06pmlaop4gxb3cmq5aj24yme1axe",
     "bafkrmibthc7gst2qyxztrakjq3g7a2dekouirocpijgxskxuxeqchghtsi", 0x55, 0x16, 32},
    {"zb38S8zjzWHYACAH7yd4SmPPacrEfJ1xbUki8EKz7ncaB92nF", "bafkr4ibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq",
     0x55, 0x1e, 32},
    {"uAVWU5AIULPJNul-wow4m6DsqxbninhsWHlw", "bafkzjzaccqwpetn2l6ykgdrg5a5svrnz4kpbwfq6lq", 0x55, 0xb214, 20},
    {"zBTXCBJjNT8T8U6xh7trNc5jxQ3xCBvgoxnXd", "bafkydah4aekcz4snxjp3biyoe3udwkwfxhrj4gywdzoa", 0x55, 0x3f0001, 20},
    {"f01558180fc0140" HELLO_SHA256 HELLO_SHA256,
     "bafkydah4afacz4snxjp3biyoe3udwkwfxhrj4gywdzob7j2clzzqim3csofzqjbm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4y"
     "eq",
     0x55, 0x3f0001, 64},
};

Test(cid, other_codecs_and_hashes_are_ordered_as_base32)
{
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        struct w3p_cid cid, again;
        char order[W3P_CID_ORDER_MAX];
        const char *text = others[i].text;
        cr_assert(w3p_cid_parse(&cid, NULL, text, strlen(text)) == W3P_OK, "%s", text);
        cr_expect(cid.version == 1 && cid.codec == others[i].codec && cid.hash == others[i].hash, "%s", text);
        cr_expect(cid.digest_len == others[i].digest_len, "%s", text);
        w3p_cid_format_order(order, &cid);
        cr_expect(strcmp(order, others[i].order) == 0, "%s is ordered as %s", text, order);
        cr_expect(w3p_cid_parse(&again, NULL, order, strlen(order)) == W3P_OK, "%s", text);
        cr_expect(memcmp(cid.digest, again.digest, cid.digest_len) == 0, "%s", text);
        cr_expect(w3p_cid_format_alternate(order, &cid) == false, "%s", text);
    }
}

Test(cid, the_documented_pair)
{
    static const char v0[] = "QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n";
    static const char v1[] = "bafybeihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";
    struct w3p_cid a, b;
    uint8_t key_a[W3P_CID_KEY_MAX], key_b[W3P_CID_KEY_MAX];
    cr_assert(w3p_cid_parse(&a, NULL, v0, strlen(v0)) == W3P_OK);
    cr_assert(w3p_cid_parse(&b, NULL, v1, strlen(v1)) == W3P_OK);
    size_t len = w3p_cid_key(key_a, &a);
    cr_assert(len == w3p_cid_key(key_b, &b));
    cr_assert(memcmp(key_a, key_b, len) == 0);
}
