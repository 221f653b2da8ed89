// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// What the multiformats package thinks of CID texts. stdin: one text a line, as hex of its bytes. stdout: one line each,
// `no` or `ok CODEC HASH LENGTH MINIMAL V1 V0`, where the numbers are decimal, MINIMAL says whether the bytes are written
// as the package itself would write them (1 or 0), V1 is the base32 text and V0 the Qm text or `-`.
import { readFileSync } from 'node:fs'
import { bases } from 'multiformats/basics'
import { base32 } from 'multiformats/bases/base32'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'

const decoders = Object.values(bases).map((base) => base.decoder)
const decoder = decoders.slice(1).reduce((all, one) => all.or(one), decoders[0].or(decoders[1]))

function same(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

// CID.parse knows no Qm text when it is given a decoder of all bases, so it gets one only where it needs one.
function verdict(text) {
  let cid, bytes
  try {
    cid = CID.parse(text, text.startsWith('Q') ? undefined : decoder)
    bytes = text.startsWith('Q') ? cid.bytes : decoder.decode(text)
  } catch {
    return 'no'
  }
  const { code, digest, size } = cid.multihash
  const multihash = create(code, digest) // written anew: a CID keeps the bytes that it was read from
  const v1 = CID.createV1(cid.code, multihash)
  const v0 = cid.code === 0x70 && code === 0x12 && size === 32 ? CID.createV0(multihash).toString() : '-'
  const minimal = same(cid.version === 0 ? multihash.bytes : v1.bytes, bytes) && digest.length === size
  return ['ok', BigInt(cid.code), BigInt(code), size, minimal ? 1 : 0, v1.toString(base32), v0].join(' ')
}

const lines = readFileSync(0, 'latin1').split('\n')
lines.pop()
process.stdout.write(lines.map((line) => verdict(Buffer.from(line, 'hex').toString('latin1')) + '\n').join(''))
