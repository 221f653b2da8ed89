// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Random numbers and a time that are the same for one seed, for the cases and (imported first) for the libraries.
import { createHash } from 'node:crypto'

export const SEED = process.env.W3PIN_TEST_SEED ?? '20261121'

let stream = ''
let block = Buffer.alloc(0)
let used = 0
let count = 0

// A stream of numbers of its own, so that what one part draws does not depend on the others.
export function restart (name) {
  stream = name
  block = Buffer.alloc(0)
  used = count = 0
}

export function bytes (n) {
  const parts = []
  for (let need = n; need > 0;) {
    if (used === block.length) {
      block = createHash('sha512').update(`w3pin wallets ${SEED} ${stream} ${count++}`).digest()
      used = 0
    }
    const take = Math.min(need, block.length - used)
    parts.push(block.subarray(used, used + take))
    used += take
    need -= take
  }
  return new Uint8Array(Buffer.concat(parts))
}

export const below = (n) => Number(Buffer.from(bytes(6)).readUIntBE(0, 6) % n)
export const pick = (list) => list[below(list.length)]
export const chance = (probability) => below(1_000_000) < probability * 1_000_000

// sr25519 signatures hold randomness: from the same source, so that a run can be repeated byte for byte.
globalThis.crypto.getRandomValues = (array) => {
  array.set(bytes(array.byteLength))
  return array
}

// Some of the libraries look at the clock.
export const NOW = Date.parse('2026-01-31T12:00:00Z')
globalThis.Date = class extends Date {
  constructor (...args) { args.length === 0 ? super(NOW) : super(...args) }
  static now () { return NOW }
}
