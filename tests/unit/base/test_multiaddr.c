// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: delegates that kubo could not use are refused with a sentence; real ones pass.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include "base/multiaddr.h"

#define PEER "12D3KooWD3gJQfDJ8nCHNMFikDWUERpH7vVkQLkArTg2vxKWKauM"
#define CERT "uEiAv_B0GOH74u3o0MStsbD9pFVBoRQjDzn7jiJN1oY1voA"

static const char *const refused[] = {
    "",
    "/",
    "//",
    "ip4/127.0.0.1/tcp/4001/p2p/" PEER,
    "/ip4/127.0.0.1/tcp/4001", // no peer: kubo fails after the pin was accepted
    "/ip4/127.0.0.1/tcp/4001/p2p",
    "/ip4/127.0.0.1/tcp/4001/p2p/",
    "/ip4/127.0.0.1/tcp/4001/p2p/" PEER "/",
    "/ip4/127.0.0.1/tcp/4001//p2p/" PEER,
    "/ip4/127.0.0.1/tcp/4001/p2p/" PEER "/p2p-circuit",
    "/ip4/127.0.0.1/tcp/4001/ipfs/" PEER, // the old name of p2p
    "/ip4/127.0.0.1/TCP/4001/p2p/" PEER,
    "/ip4/127.0.0.1/carrier-pigeon/p2p/" PEER,
    "/ip4/127.0.0.256/tcp/4001/p2p/" PEER,
    "/ip4/127.1/tcp/4001/p2p/" PEER,
    "/ip4/::1/tcp/4001/p2p/" PEER,
    "/ip4/tcp/4001/p2p/" PEER,
    "/ip6/127.0.0.1/tcp/4001/p2p/" PEER,
    "/ip6/fe80::1%eth0/tcp/4001/p2p/" PEER,
    "/ip6/0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000/tcp/4001/p2p/" PEER,
    "/dns4//tcp/4001/p2p/" PEER,
    "/dns4/-a.example/tcp/4001/p2p/" PEER,
    "/dns4/a-.example/tcp/4001/p2p/" PEER,
    "/dns4/a-/tcp/4001/p2p/" PEER,
    "/dns4/a..example/tcp/4001/p2p/" PEER,
    "/dns4/.example/tcp/4001/p2p/" PEER,
    "/dns4/example./tcp/4001/p2p/" PEER,
    "/dns4/exa mple/tcp/4001/p2p/" PEER,
    "/dns4/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/tcp/4001/p2p/" PEER, // a label of 64
    "/dns4/example/tcp/0/p2p/" PEER,
    "/dns4/example/tcp/65536/p2p/" PEER,
    "/dns4/example/tcp/04001/p2p/" PEER,
    "/dns4/example/tcp/-1/p2p/" PEER,
    "/dns4/example/tcp/http/p2p/" PEER,
    "/tcp/4001/p2p/" PEER,
    "/ip4/127.0.0.1/tcp/4001/tcp/4002/p2p/" PEER,
    "/ip4/127.0.0.1/udp/4001/quic-v1/webtransport/certhash/uEiAv/p2p/" PEER,
    "/ip4/127.0.0.1/tcp/4001/p2p/12D3KooWD3gJQfDJ8nCHNMFikDWUERpH7vVkQLkArTg2vxKWKau",         // cut
    "/ip4/127.0.0.1/tcp/4001/p2p/12D3L1Npj2m7BExkSu1DBR1mW23KXQ6sEHknnDrS5pxdrfWUtEP9",        // another key type
    "/ip4/127.0.0.1/tcp/4001/p2p/bafybeibp7qoqmod67c5xunbrfnwgyp3jcvigqriiyphh5y4isn22ddlpua", // content, no peer
    "/ip4/127.0.0.1/tcp/4001/p2p/QmRZxqmfd6isQRZ7AU9pUc7oTS95Ji2JENyBKsF8ZvdLF",
    "/ip4/127.0.0.1/tcp/4001/p2p/self",
    " /ip4/127.0.0.1/tcp/4001/p2p/" PEER,
};

Test(multiaddr, refuses_with_a_sentence)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        const char *why = NULL;
        cr_expect(w3p_multiaddr_check_delegate(refused[i], strlen(refused[i]), &why) == W3P_E_INVALID, "case %zu: %s",
                  i, refused[i]);
        cr_expect(why != NULL && strlen(why) > 10, "case %zu has no sentence", i);
    }
    cr_expect(w3p_multiaddr_check_delegate("", 0, NULL) == W3P_E_INVALID);
    static const char inner_nul[] = "/ip4/127.0.0.1\0/tcp/4001/p2p/" PEER;
    cr_expect(w3p_multiaddr_check_delegate(inner_nul, sizeof(inner_nul) - 1, NULL) == W3P_E_INVALID);
}

static const char *const accepted[] = {
    "/ip4/127.0.0.1/tcp/4001/p2p/" PEER,
    "/ip4/127.0.0.1/tcp/4001/ws/p2p/" PEER,
    "/ip6/::1/udp/4001/quic-v1/p2p/" PEER,
    "/ip6/2001:db8::1/udp/4001/quic/p2p/" PEER,
    "/ip4/1.2.3.4/udp/4001/quic-v1/webtransport/certhash/" CERT "/certhash/" CERT "/p2p/" PEER,
    "/ip4/1.2.3.4/udp/4001/webrtc-direct/certhash/" CERT "/p2p/" PEER,
    "/ip4/1.2.3.4/udp/4001/quic-v1/p2p/" PEER "/p2p-circuit/webrtc/p2p/" PEER,
    "/dns4/gw.example.org/tcp/443/wss/p2p/" PEER,
    "/dns6/gw.example.org/tcp/443/tls/sni/gw.example.org/ws/p2p/" PEER,
    "/dns/gw_1.example.org/tcp/443/https/p2p/" PEER,
    "/dns/localhost/tcp/80/http/p2p/" PEER,
    "/dnsaddr/bootstrap.libp2p.io/p2p/QmNnooDu7bfjPFoTZYxMNLWUQJyrVwtbZg5gBMjTezGAJN",
    "/ip4/104.131.131.82/tcp/4001/p2p/QmaCpDMGvV2BGHeYERUEnRQAwe3N8SzbUtfsmvsqQLuvuJ", // kubo's own bootstrap node
    "/ip4/127.0.0.1/tcp/1/p2p/16Uiu2HAkxez7TWGzRrW7DYxMBP9KNcu2MRwJtUqC38bnU82493EP",
    "/ip4/127.0.0.1/tcp/65535/p2p/k51qzi5uqu5dhdn6ykllq8jsfi3dypu79ek4mlbdl2jlxrgzukliryaddz2i74",
    "/ip4/127.0.0.1/tcp/65535/p2p/bafzaajaiaejcal74duddq7xyxn5dimjlnrwd62ivkbuekcgdzz7ohcetowqy235a",
    "/ip4/127.0.0.1/tcp/65535/p2p/bafzbeibp7qoqmod67c5xunbrfnwgyp3jcvigqriiyphh5y4isn22ddlpua",
    "/ip4/127.0.0.1/tcp/4001/p2p/" PEER "/p2p-circuit/p2p/QmRZxqmfd6isQRZ7AU9pUc7oTS95Ji2JENyBKsF8ZvdLFR",
};

Test(multiaddr, accepts_what_nodes_announce)
{
    for (size_t i = 0; i < sizeof(accepted) / sizeof(accepted[0]); i++) {
        const char *why = "";
        cr_expect(w3p_multiaddr_check_delegate(accepted[i], strlen(accepted[i]), &why) == W3P_OK, "%s: %s", accepted[i],
                  why);
    }
}

Test(multiaddr, length_is_bounded)
{
    struct w3p_buf text;
    const char *why = "";
    w3p_buf_init(&text, 2 * W3P_MULTIADDR_MAX);
    w3p_buf_put_str(&text, "/ip4/127.0.0.1/tcp/4001");
    while (text.len + 3 + strlen("/p2p/" PEER) <= W3P_MULTIADDR_MAX)
        w3p_buf_put_str(&text, "/ws");
    size_t body = text.len;
    w3p_buf_put_str(&text, "/p2p/" PEER);
    cr_expect(w3p_multiaddr_check_delegate(w3p_buf_str(&text), text.len, &why) == W3P_OK, "%s", why);
    text.len = body;
    w3p_buf_put_str(&text, "/ws/p2p/" PEER);
    cr_expect(w3p_multiaddr_check_delegate(w3p_buf_str(&text), text.len, &why) == W3P_E_INVALID);
    w3p_buf_deinit(&text);
}
