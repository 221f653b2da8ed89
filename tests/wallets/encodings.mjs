// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// How signatures are written in tokens, and what the curves say about values that libraries let pass.
import { createHash } from 'node:crypto'
import bs58 from 'bs58'
import { utils } from '@avalabs/avalanchejs'

export const hex = (data) => Buffer.from(data).toString('hex')
export const unhex = (text) => new Uint8Array(Buffer.from(text, 'hex'))
export const utf8 = (text) => new TextEncoder().encode(text)
export const sha256 = (data) => new Uint8Array(createHash('sha256').update(data).digest())
export const concat = (...parts) => new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part))))

export const WRITE = {
  hex,
  HEX: (data) => hex(data).toUpperCase(),
  '0xhex': (data) => '0x' + hex(data),
  '0xHEX': (data) => '0x' + hex(data).toUpperCase(),
  base64: (data) => Buffer.from(data).toString('base64'),
  base64url: (data) => Buffer.from(data).toString('base64').replaceAll('+', '-').replaceAll('/', '_'),
  base58: (data) => bs58.encode(data),
  cb58: (data) => utils.base58check.encode(data)
}

// The readers give null for what is not written exactly so.
export const readHex = (text) => /^([0-9a-fA-F]{2})+$/.test(text) ? unhex(text) : null
export const readHex0x = (text) => readHex(text.startsWith('0x') ? text.slice(2) : text)
// loose: the alphabet of URLs too, and without padding
export function readBase64 (text, loose = false) {
  const data = new Uint8Array(Buffer.from(text, 'base64'))
  const forms = [WRITE.base64(data)]
  if (loose) forms.push(WRITE.base64url(data), ...[WRITE.base64(data), WRITE.base64url(data)].map((one) => one.replace(/=+$/, '')))
  return forms.includes(text) ? data : null
}
export function readBase58 (text) {
  try { return bs58.decode(text) } catch { return null }
}
export function readCb58 (text) {
  const data = readBase58(text)
  if (data === null || data.length < 4) return null
  const body = data.subarray(0, -4)
  return WRITE.cb58(body) === text ? body : null // the library's decoder looks at no checksum
}

const SECP256K1_N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const ED25519_L = 2n ** 252n + 27742317777372353535851937790883648493n
const fromBig = (data) => BigInt('0x' + hex(data))
const toBig = (value) => unhex(value.toString(16).padStart(64, '0'))
const fromLittle = (data) => fromBig(Uint8Array.from(data).reverse())
const toLittle = (value) => toBig(value).reverse()

// ECDSA: r ‖ s first. The other s of the same signature is as good to many libraries.
export const isHighS = (sig) => fromBig(sig.subarray(32, 64)) > SECP256K1_N / 2n
export const withOtherS = (sig) => concat(sig.subarray(0, 32), toBig(SECP256K1_N - fromBig(sig.subarray(32, 64))), sig.subarray(64))
// Ed25519: R ‖ S. S+L is a second spelling of S.
export const isReducedS = (sig) => fromLittle(sig.subarray(32, 64)) < ED25519_L
export const withLargeS = (sig) => concat(sig.subarray(0, 32), toLittle(fromLittle(sig.subarray(32, 64)) + ED25519_L))
// Keys of order 1, 2, 4 and 8 (both signs): a signature by them needs no secret.
export const SMALL_ORDER = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'
].map(unhex)
export const isSmallOrder = (key) => SMALL_ORDER.some((small) => hex(small.subarray(0, 31)) === hex(key.subarray(0, 31)) && (small[31] & 0x7f) === (key[31] & 0x7f))
