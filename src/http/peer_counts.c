// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: connections of each peer: a chained table under one lock. It is asked when a connection opens and when it
// closes, never for a request. Nodes are made beforehand: there are never more peers than connections.
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "http/peer.h"

struct node {
    struct node *next; // in its chain, or among the free ones
    struct w3p_peer peer;
    size_t count;
};

struct w3p_peer_counts {
    pthread_mutex_t mutex;
    uint8_t key16[16]; // random: nobody can make all of his addresses fall into one chain
    size_t per_peer, mask;
    struct node **chains;
    struct node *nodes, *unused;
    size_t made, room; // nodes[made..] have never been used: their memory has not been touched
};

struct w3p_peer_counts *w3p_peer_counts_create(size_t connections, size_t per_peer)
{
    struct w3p_peer_counts *counts = w3p_calloc(1, sizeof *counts);
    size_t chains = 1;
    while (chains < connections && chains < SIZE_MAX / 2 / sizeof(struct node *))
        chains *= 2;
    pthread_mutex_init(&counts->mutex, NULL);
    w3p_random(counts->key16, sizeof counts->key16);
    counts->per_peer = per_peer;
    counts->mask = chains - 1;
    counts->chains = w3p_calloc(chains, sizeof(struct node *));
    counts->nodes = w3p_calloc(connections, sizeof *counts->nodes);
    counts->room = connections;
    return counts;
}

void w3p_peer_counts_destroy(struct w3p_peer_counts *counts)
{
    if (counts == NULL)
        return;
    pthread_mutex_destroy(&counts->mutex);
    free(counts->chains);
    free(counts->nodes);
    free(counts);
}

static struct node **place_of(struct w3p_peer_counts *counts, const struct w3p_peer *peer)
{
    uint64_t hash = w3p_siphash(counts->key16, peer->addr16, sizeof peer->addr16);
    struct node **at = &counts->chains[hash & counts->mask];
    while (*at != NULL && memcmp(&(*at)->peer, peer, sizeof *peer) != 0)
        at = &(*at)->next;
    return at;
}

static struct node *node_take(struct w3p_peer_counts *counts)
{
    struct node *node = counts->unused;
    if (node != NULL)
        counts->unused = node->next;
    else if (counts->made < counts->room)
        node = &counts->nodes[counts->made++];
    return node;
}

bool w3p_peer_counts_enter(struct w3p_peer_counts *counts, const struct w3p_peer *peer)
{
    struct w3p_peer who = w3p_peer_subject(peer);
    bool fits = false;
    pthread_mutex_lock(&counts->mutex);
    struct node **at = place_of(counts, &who), *node = *at;
    if (node == NULL && (node = node_take(counts)) != NULL) {
        *node = (struct node){.peer = who};
        *at = node;
    }
    if (node != NULL && node->count < counts->per_peer) {
        node->count++;
        fits = true;
    }
    pthread_mutex_unlock(&counts->mutex);
    return fits;
}

void w3p_peer_counts_leave(struct w3p_peer_counts *counts, const struct w3p_peer *peer)
{
    struct w3p_peer who = w3p_peer_subject(peer);
    pthread_mutex_lock(&counts->mutex);
    struct node **at = place_of(counts, &who), *node = *at;
    if (node != NULL && --node->count == 0) {
        *at = node->next;
        node->next = counts->unused;
        counts->unused = node;
    }
    pthread_mutex_unlock(&counts->mutex);
}
