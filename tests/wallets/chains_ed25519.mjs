// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Wallets with ed25519 keys: how they sign, and who signed by their own libraries. Shape as in chains_ecdsa.mjs.
import nacl from 'tweetnacl'
import bs58 from 'bs58'
import { KeyPair, PublicKey, KeyType } from 'near-api-js'
import { Address, Message, MessageComputer, UserPublicKey, UserSecretKey } from '@multiversx/sdk-core'
import { Ed25519PrivateKey, Ed25519PublicKey, Ed25519Signature } from '@aptos-labs/ts-sdk'
import algosdk from 'algosdk'
import { verifyMessageSignature } from '@solana/wallet-standard-util'
import { bytes, chance, pick, below } from './rng.mjs'
import { concat, hex, isReducedS, isSmallOrder, readBase58, readBase64, readHex, readHex0x, sha256, utf8 } from './encodings.mjs'
import { once, stricter } from './strict.mjs'

// What every chain adds to its library's verdict.
function strict (data, key, libraryTakesIt) {
  if (isSmallOrder(key)) return stricter('key of small order', libraryTakesIt)
  if (!isReducedS(data)) return stricter('s not reduced', libraryTakesIt)
  return libraryTakesIt
}
// Some libraries throw, some say no.
const tried = (verify) => { try { return verify() === true } catch { return false } }
const naclSign = (data, pair) => once(() => nacl.sign.detached(data, pair.secretKey), 'nacl', data, pair.publicKey)

// --- Solana ---

const solanaKey = (text) => {
  const key = readBase58(text)
  return key !== null && key.length === 32 ? key : null
}
function solanaRead (text) {
  if (text.length >= 128) return readHex0x(text)
  return text.length === 88 && text.endsWith('=') ? readBase64(text) : readBase58(text)
}

export const solana = {
  name: 'solana',
  aliases: ['solana', 'sol'],
  siwx: 'Solana',
  chainId: 'mainnet',
  account (seed) {
    const pair = nacl.sign.keyPair.fromSeed(seed)
    return { pair, address: bs58.encode(pair.publicKey), identity: 'sol:' + hex(pair.publicKey) }
  },
  token: (account) => ({ address: account.address, sig: solana.signText(account, account.address) }),
  wrong: (account) => ({ address: account.address, sig: solana.signText(account, pick([`<Bytes>${account.address}</Bytes>`, 'MX' + account.address, hex(account.pair.publicKey)])) }),
  signText: (account, text) => ({ data: naclSign(utf8(text), account.pair), form: pick(['hex', 'hex', '0xhex', 'HEX', 'base58', 'base64']) }),
  addressOf: (text) => { const key = solanaKey(text); return key && 'sol:' + hex(key) },
  verify: (address, extra, sigText) => solana.verifyText(address, address, sigText),
  verifyText (address, text, sigText) {
    const data = solanaRead(sigText)
    const key = solanaKey(address)
    return data !== null && data.length === 64 && strict(data, key, once(() => tried(() => verifyMessageSignature({ message: utf8(text), signedMessage: utf8(text), signature: data, publicKey: key })), 'solana', text, data, key))
  }
}

// --- NEAR ---

const nearKey = (text) => /^[0-9a-f]{64}$/.test(text) ? readHex(text) : solanaKey(text)

export const near = {
  name: 'near',
  aliases: ['near', 'nea'],
  siwx: 'NEAR',
  chainId: 'mainnet',
  account (seed) {
    const publicKey = nacl.sign.keyPair.fromSeed(seed).publicKey
    const pair = KeyPair.fromString('ed25519:' + bs58.encode(concat(seed, publicKey)))
    const address = pair.getPublicKey().toString().replace('ed25519:', '')
    return { pair, publicKey, address, identity: 'near:' + hex(publicKey) }
  },
  token (account) {
    const address = chance(0.3) ? hex(account.publicKey) : account.address // an implicit account is the key in hex
    return { address, sig: near.signText(account, address) }
  },
  wrong (account) {
    const address = pick([account.address, hex(account.publicKey).toUpperCase(), 'ed25519' + account.address])
    const message = address === account.address ? sha256(utf8(address)) : utf8(address) // InMemorySigner hashes first
    return { address, sig: { data: account.pair.sign(message).signature, form: 'hex' } }
  },
  signText: (account, text) => ({ data: account.pair.sign(utf8(text)).signature, form: chance(0.9) ? 'hex' : 'HEX' }),
  addressOf: (text) => { const key = nearKey(text); return key && 'near:' + hex(key) },
  verify: (address, extra, sigText) => near.verifyText(address, address, sigText),
  verifyText (address, text, sigText) {
    const data = readHex(sigText)
    const key = nearKey(address)
    if (data === null || data.length !== 64) return false
    const publicKey = new PublicKey({ keyType: KeyType.ED25519, data: key })
    return strict(data, key, tried(() => publicKey.verify(utf8(text), data)))
  }
}

// --- MultiversX ---

const digestOf = (text) => new MessageComputer().computeBytesForVerifying(new Message({ data: utf8(text) }))
const multiversxData = (address) => [address, '0x' + hex(utf8(address))]
function multiversxKey (text) {
  try { return Address.newFromBech32(text).getPublicKey() } catch { return null }
}
async function multiversxSigned (address, digest, sigText) {
  const data = readHex(sigText)
  if (data === null || data.length !== 64) return false
  const key = multiversxKey(address)
  return strict(data, key, await new UserPublicKey(key).verify(digest, data))
}

export const multiversx = {
  name: 'multiversx',
  aliases: ['elrond', 'elr'],
  hasExtra: true,
  siwx: 'MultiversX',
  chainId: null,
  account (seed) {
    const secret = new UserSecretKey(seed)
    const address = secret.generatePublicKey().toAddress('erd').toBech32()
    return { secret, address, identity: 'mvx:' + secret.generatePublicKey().hex() }
  },
  token (account) {
    const digest = digestOf(pick(multiversxData(account.address)))
    return { address: account.address, extra: hex(digest), sig: { data: account.secret.sign(digest), form: pick(['hex', 'hex', 'HEX']) } }
  },
  wrong (account, others) {
    const signed = (digest) => ({ address: account.address, extra: hex(digest), sig: { data: account.secret.sign(digest), form: 'hex' } })
    switch (below(3)) {
      case 0: return signed(digestOf(pick(others).address)) // another account's login
      case 1: return signed(bytes(32)) // whatever was signed on chain
      default: return { ...signed(digestOf(account.address)), extra: null }
    }
  },
  signText: (account, text) => ({ data: account.secret.sign(digestOf(text)), form: 'hex' }),
  addressOf: (text) => { const key = multiversxKey(text); return key && 'mvx:' + hex(key) },
  verify (address, extra, sigText) {
    const digest = multiversxData(address).map(digestOf).find((one) => hex(one) === extra.toLowerCase())
    return digest !== undefined && multiversxSigned(address, digest, sigText)
  },
  verifyText: (address, text, sigText) => multiversxSigned(address, digestOf(text), sigText)
}

// --- Aptos ---

// Some wallets print the number without its leading zeros.
function aptosKey (text) {
  const digits = text.replace(/^0x/, '')
  return digits.length >= 48 && (digits.length === 64 || !digits.startsWith('0')) ? readHex(digits.padStart(64, '0')) : null
}
const APTOS_MESSAGES = [
  (text) => text,
  (text) => `APTOS\nmessage: ${text}\nnonce: crust`,
  (text) => `APTOS\nmessage: ${text}`,
  (text) => `{"message":"${text}"}`
]
function aptosVerify (address, messages, sigText) {
  const data = readHex0x(sigText)
  const key = aptosKey(address)
  if (data === null || data.length !== 64) return false
  return messages.some((message) => strict(data, key, tried(() => new Ed25519PublicKey(key).verifySignature({ message: utf8(message), signature: new Ed25519Signature(data) }))))
}

export const aptos = {
  name: 'aptos',
  aliases: ['aptos', 'apt'],
  siwx: 'Aptos',
  chainId: '1',
  account (seed, number) {
    let secret = new Ed25519PrivateKey(seed)
    while (number < 2 && !secret.publicKey().toString().startsWith('0x00')) { // two with zeros to drop
      seed = sha256(seed)
      secret = new Ed25519PrivateKey(seed)
    }
    const address = secret.publicKey().toString()
    return { secret, address, identity: 'apt:' + address.slice(2) }
  },
  token (account) {
    let address = account.address
    if (chance(0.5)) address = address.replace(/^0x0+/, '0x')
    if (chance(0.2)) address = address.slice(2)
    return { address, sig: aptos.sign(account, pick(APTOS_MESSAGES)(address)) }
  },
  wrong (account) {
    const message = pick([`APTOS\nmessage: ${account.address}\nnonce: ${below(1e9)}`,
      `APTOS\naddress: ${account.secret.publicKey().authKey().derivedAddress()}\napplication: https://gw.example\nchainId: 1\nmessage: ${account.address}\nnonce: crust`,
      `{"message": "${account.address}"}`, account.address.toUpperCase()])
    return { address: account.address, sig: aptos.sign(account, message) }
  },
  sign: (account, message) => ({ data: account.secret.sign(utf8(message)).toUint8Array(), form: pick(['0xhex', '0xhex', 'hex']) }),
  signText (account, text) {
    const nonce = /^Nonce: (.*)$/m.exec(text)
    return aptos.sign(account, nonce && chance(0.7) ? `APTOS\nmessage: ${text}\nnonce: ${nonce[1]}` : text)
  },
  addressOf: (text) => { const key = aptosKey(text); return key && key.length === 32 ? 'apt:' + hex(key) : null },
  verify: (address, extra, sigText) => aptosVerify(address, APTOS_MESSAGES.map((message) => message(address)), sigText),
  verifyText (address, text, sigText) {
    const nonce = /^Nonce: (.*)$/m.exec(text)
    return aptosVerify(address, nonce ? [text, `APTOS\nmessage: ${text}\nnonce: ${nonce[1]}`] : [text], sigText)
  }
}

// --- Algorand ---

// The library looks at no spare bits.
function algorandKey (text) {
  try {
    const key = algosdk.decodeAddress(text).publicKey
    return algosdk.encodeAddress(key) === text ? key : null
  } catch { return null }
}

export const algorand = {
  name: 'algorand',
  aliases: ['algorand', 'algo'],
  siwx: 'Algorand',
  chainId: null,
  account (seed) {
    const pair = nacl.sign.keyPair.fromSeed(seed)
    return { pair, address: algosdk.encodeAddress(pair.publicKey), identity: 'algo:' + hex(pair.publicKey) }
  },
  token: (account) => ({ address: account.address, sig: algorand.signText(account, account.address) }),
  wrong (account) {
    const raw = utf8(pick(['', 'TX', 'mx', 'MXMX']) + account.address)
    const right = algorand.signText(account, account.address)
    if (chance(0.3)) return { address: account.address, sig: { ...right, form: 'hex' } }
    return { address: account.address, sig: { data: naclSign(raw, account.pair), form: 'base64' } }
  },
  signText: (account, text) => ({ data: once(() => algosdk.signBytes(utf8(text), account.pair.secretKey), 'algosdk', text, account.address), form: pick(['base64', 'base64', 'base64url']) }),
  addressOf: (text) => { const key = algorandKey(text); return key && 'algo:' + hex(key) },
  verify: (address, extra, sigText) => algorand.verifyText(address, address, sigText),
  verifyText (address, text, sigText) {
    const data = readBase64(sigText, true)
    if (data === null || data.length !== 64) return false
    return strict(data, algorandKey(address), once(() => tried(() => algosdk.verifyBytes(utf8(text), data, address)), 'algorand', text, data, address))
  }
}

// --- TON: the old form, a signature over whatever the token brings; gateways leave it off ---

const DIGESTS = [bytes(32), bytes(32), bytes(32)]

export const ton = {
  name: 'ton',
  aliases: ['ton'],
  hasExtra: true,
  account (seed) {
    const pair = nacl.sign.keyPair.fromSeed(seed)
    return { pair, address: hex(pair.publicKey), identity: 'ton:' + hex(pair.publicKey) }
  },
  token (account) {
    const digest = pick(DIGESTS)
    return { address: account.address, extra: hex(digest), sig: { data: naclSign(digest, account.pair), form: 'base64' } }
  },
  wrong: (account) => ({ ...ton.token(account), extra: pick([null, hex(bytes(32)), hex(bytes(31)), 'm1']) }),
  addressOf: (text) => /^[0-9a-fA-F]{64}$/.test(text) ? 'ton:' + text.toLowerCase() : null,
  verify (address, extra, sigText) {
    const data = readBase64(sigText, true)
    const digest = readHex(extra)
    const key = readHex(address)
    if (data === null || data.length !== 64 || digest === null || digest.length !== 32) return false
    return strict(data, key, once(() => tried(() => nacl.sign.detached.verify(digest, data, key)), 'ton', digest, data, key))
  }
}
