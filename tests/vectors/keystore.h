// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: JSON keystores of polkadot.js with their passwords. Public test keys only.
// Origin: the first is the example configuration of the public repository crustio/crust-spower, the others were sealed
// with @polkadot/keyring and @polkadot/util-crypto 14.0.3.
#ifndef W3P_TEST_VECTORS_KEYSTORE_H
#define W3P_TEST_VECTORS_KEYSTORE_H

#include "crypto/keys.h"

// clang-format off
static const struct {
    const char *note, *json, *password;
    enum w3p_key_type type;
    const char *pub;
} keystore_vectors[] = {
    {"the public example of crust-spower, exported by Crust Apps",
     "{\"encoded\":\"lND+h2U6gtarfJ6BqLWUEB7tYXzukss7bjgyUxA9l7sAgAAAAQAAAAgAAACYBqroWSU0nlzq1w1/bPIGTecPbEES3"
     "NWay0SpkqQeKXEiqGvmsIf5UCJSoTyVu72A+JZqnpwch72XHhEiJp4r0nZf+dxtrBAzY7LFeGATnLRmc7yGz8DE2Jttdq4m05j1APxKw"
     "1muRVaD4nMcOU16nSkc5UzMAYwu7rxOGqJ2AjfiMxJ2npbaInrXzIlgM3qVfjR//m5kindxm9G+\",\"encoding\":{\"content\":"
     "[\"pkcs8\",\"sr25519\"],\"type\":[\"scrypt\",\"xsalsa20-poly1305\"],\"version\":\"3\"},\"address\":\"cTH"
     "qXgHChchei9XmEaFnm6FCsGods1XA43kbMkyF5UmLTGT9D\",\"meta\":{\"isHardware\":false,\"name\":\"crust-spower"
     "\",\"tags\":[],\"whenCreated\":1716271018971}}",
     "123456", W3P_KEY_SR25519, "42459595e7382a7e40e1b67082b3b85e9dba6ac6ad9574f5b4b2ade3f52cd055"},
    {"//Alice, sealed by @polkadot/keyring with N = 2^17",
     "{\"encoded\":\"idKw5tvKpf9jO6JPwEwJKVzZhAmcLc1e7DVh3QIfRowAAAIAAQAAAAgAAABxCVU/ddcyad3olrZ3tYGnhmvtxf0g2"
     "WvGKEGHi23XVE6i+34aMcApKmTn0FZi9MkYatCXcUPgqHBceDSAHzp6njcmRSZShqP9s41nvEtgbA/LX8IxIy41lHx7jXrl9lrKlxWDT"
     "CrimSWrjdIoQzEsJP6mrfHo8qq+I58eRNwDbwkYAjxzGtAu281HziuiNel8kuufuQxkYM4yzFrs\",\"encoding\":{\"content\":"
     "[\"pkcs8\",\"sr25519\"],\"type\":[\"scrypt\",\"xsalsa20-poly1305\"],\"version\":\"3\"},\"address\":\"cTM"
     "8suyN19VZb7JEPRNvtezyfpEAJyYxHkk1n5J4XEr6XroRa\",\"meta\":{}}",
     "crust-test", W3P_KEY_SR25519, "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"},
    {"//Alice as ed25519, by @polkadot/util-crypto",
     "{\"encoded\":\"+V59b+W2ukPnDnADJAcBhxe0L41d3SVemsstgHPyxmAAgAAAAQAAAAgAAABuzQNPUA5lPZ1dUz64r285wkSg6gMNr"
     "+rZnYKi1q9kCaZ/gXQPFBo2+P9coG5fpgtGdsvLHbChRx97wx0vWLlq7MDDp7TCRBjPdmkW4Xtgj7PIuDpZMZwslApADrcttJrqw+k9W"
     "yUZWKLg6cMKTKeYzRXYglDyFPGNABm3UmlyklwQlVqQ+dW89EZg9y2CwXfRjhu12u+aVC5j3ut9\",\"encoding\":{\"content\":"
     "[\"pkcs8\",\"ed25519\"],\"type\":[\"scrypt\",\"xsalsa20-poly1305\"],\"version\":\"3\"},\"address\":\"5FA"
     "9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu\",\"meta\":{\"name\":\"vector\",\"whenCreated\":1700000000"
     "000}}",
     "sesame ed", W3P_KEY_ED25519, "88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee"},
    {"//Alice as ecdsa, by @polkadot/util-crypto",
     "{\"encoded\":\"WNU/uZl0Dy+hUdkbGz9dW6Hixhdy0MU6bHiqHr0FfeQAgAAAAQAAAAgAAADvS6ef6pn/5jULyLWHprPESkasFiCjx"
     "iMV3lJYrN7UCfiOqrZli1nMqv6VLki3zGkFMcqacJ5e2t681NFERzXgXk2wpVcUJNsQhdJ8mBvejnIxsF5GiH+cXZifoLur5Ic2WZHo6"
     "7SqeAGaOsZw2Hm+wzZ63xSuz//7YE2CHH4=\",\"encoding\":{\"content\":[\"pkcs8\",\"ecdsa\"],\"type\":[\"scrypt"
     "\",\"xsalsa20-poly1305\"],\"version\":\"3\"},\"address\":\"5C7C2Z5sWbytvHpuLTvzKunnnRwQxft1jiqrLD5rhucQ5"
     "S9X\",\"meta\":{\"name\":\"vector\",\"whenCreated\":1700000000000}}",
     "sesame ec", W3P_KEY_ECDSA, "020a1091341fe5664bfa1782d5e04779689068c916b04cb365ec3153755684d9a1"},
    {"//Alice/soft as sr25519, by @polkadot/util-crypto",
     "{\"encoded\":\"Xw7YYbB7nAck3NOHL5SuPN6SIu7n6UdE08OovLcmXG8AgAAAAQAAAAgAAABF/sdfkGv3eztYUXEpzxgNe8XlP8vJd"
     "275NyTymyVZuUagCH6uKzIQSzqk76Dp1pDxcEUSP3u1/PkHv4X48XilO2AiP1lji5k/UxRJDDyYvcXV2ot1y1X41cJ+yW/hWc5EEu/Hz"
     "Mp9ospcm/4w0wPha2tj3Hns8Z7kXfbnpiTwdRmKGsm552SkuU6mSqzz3RhcGuHgM4rsIGsVq0hz\",\"encoding\":{\"content\":"
     "[\"pkcs8\",\"sr25519\"],\"type\":[\"scrypt\",\"xsalsa20-poly1305\"],\"version\":\"3\"},\"address\":\"5C8"
     "PhJPLE54x23RjmqBcEEnALryCDWdTJM5xLaoL9W8XEpnt\",\"meta\":{\"name\":\"vector\",\"whenCreated\":1700000000"
     "000}}",
     "p\303\244ss w\303\266rd \342\234\223", W3P_KEY_SR25519, "02cfd83074aefc9955af4034d19b3780d47a52e158ababec8ec012b2295f1c5b"},
    {"//Alice as its 32-byte seed, as older writers do",
     "{\"encoded\":\"Ubuc5hdPPfHcCq+s+UwnmZWMV0WG67WcH9/gvUJ/1pAAgAAAAwAAAAgAAAAcjV4kma50NCkgJRUKdWfwaCUFsTRcz"
     "8i7CDzkdh/GpJVk5rPiOFes0Y608vm+j/u4Go48AaA1BdIvd36dYnVPHK14YOPr8w83dgysZ1aUxfKJrQwTD1raa59g+yFrznKBklUYL"
     "TPM/ERR8BnaPfUomenuGkJJ08snHI5IlA==\",\"encoding\":{\"content\":[\"pkcs8\",\"sr25519\"],\"type\":[\"scry"
     "pt\",\"xsalsa20-poly1305\"],\"version\":\"3\"},\"address\":\"5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHG"
     "KutQY\",\"meta\":{\"name\":\"vector\",\"whenCreated\":1700000000000}}",
     "old", W3P_KEY_SR25519, "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"},
};
// clang-format on

#endif
