// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Wallets with secp256k1 keys, and Substrate's with its three: how they sign, and who signed by their own libraries.
// A chain is {name, aliases, accounts: make one from a seed, token: a signature over the own address as a wallet makes
// it, wrong: one that must be refused, signText, address: text to identity or null, verify, verifyText}. A signature is
// {data, form}, where form is a key of WRITE.
import { Wallet, computeAddress, getAddress, getBytes, hashMessage, recoverAddress, SigningKey, verifyMessage } from 'ethers'
import { Keyring } from '@polkadot/keyring'
import { hexToU8a, u8aToU8a, u8aWrapBytes } from '@polkadot/util'
import { cryptoWaitReady, decodeAddress, encodeAddress, keccakAsU8a, secp256k1Sign, signatureVerify } from '@polkadot/util-crypto'
import { secp256k1, utils } from '@avalabs/avalanchejs'
import { chance, pick, below } from './rng.mjs'
import { concat, hex, isHighS, readCb58, readHex0x, sha256, utf8, WRITE } from './encodings.mjs'
import { once, stricter } from './strict.mjs'

await cryptoWaitReady()

const HEX = ['0xhex', '0xhex', 'hex', '0xHEX', 'HEX']

// --- Ethereum and Polygon ---

// v as MetaMask, Ledger, old EIP-155 wallets and EIP-2098 (parity in the top bit of s) write it.
function spellV (sig65) {
  const parity = sig65[64] - 27
  const how = below(6)
  if (how === 0) {
    const short = sig65.slice(0, 64)
    short[32] |= parity << 7
    return short
  }
  const out = sig65.slice()
  out[64] = [27, 27, 0, 35, 37][how - 1] + parity
  return out
}

const ethereumSign = (account, message) => ({ data: spellV(getBytes(once(() => account.wallet.signMessageSync(message), 'sign', account.address, message))), form: pick(HEX) })

function ethereumAddress (text) {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) return null
  try { return 'evm:' + getAddress(text).toLowerCase() } catch { return null }
}

function ethereumVerify (address, messages, sigText) {
  const data = readHex0x(sigText)
  if (data === null || (data.length !== 64 && data.length !== 65)) return false
  if (data.length === 65 && ![0, 1, 27, 28].includes(data[64]) && data[64] < 35) return false
  const plain = data.slice()
  if (data.length === 64) plain[32] &= 0x7f
  if (isHighS(plain)) return stricter('high s', data.length === 65 && messages.some((m) => recovers(m, data, address)))
  return messages.some((m) => recovers(m, data, address))
}

function recovers (message, data, address) {
  try {
    // ethers 6 takes no s above the half where the top bit says so; v 0 and 1 only since version 5.5
    return once(() => verifyMessage(message, '0x' + hex(data)), 'verify', message, data).toLowerCase() === address.toLowerCase()
  } catch { return false }
}

export const ethereum = {
  name: 'ethereum',
  aliases: ['ethereum', 'eth', 'polygon', 'pol'],
  siwx: 'Ethereum',
  chainId: '1',
  account (seed) {
    const wallet = new Wallet('0x' + hex(seed))
    return { wallet, address: wallet.address, identity: 'evm:' + wallet.address.toLowerCase() }
  },
  spelled: (account) => pick([account.address, account.address, account.address.toLowerCase(), '0x' + account.address.slice(2).toUpperCase()]),
  token (account) {
    const address = this.spelled(account)
    return { address, sig: ethereumSign(account, chance(0.3) ? getBytes(address) : address) }
  },
  wrong (account) {
    const address = this.spelled(account)
    const key = new SigningKey(account.wallet.privateKey)
    const digest = pick([hashMessage(`<Bytes>${address}</Bytes>`), keccakAsU8a(address), keccakAsU8a(getBytes(address)), hashMessage(address.slice(2))])
    return { address, sig: { data: getBytes(key.sign(digest).serialized), form: '0xhex' } }
  },
  signText: (account, text) => ethereumSign(account, text),
  addressOf: ethereumAddress,
  verify: (address, extra, sigText) => ethereumVerify(address, [address, getBytes(address)], sigText),
  verifyText: (address, text, sigText) => ethereumVerify(address, [text], sigText)
}

// --- Substrate ---

const keyring = new Keyring()
const PREFIXES = [42, 42, 0, 2, 66, 64, 5, 255, 1284, 16383]

// The pair's own 64 or 65 bytes, or a MultiSignature with its type in front.
const substrateSign = (account, message) => ({
  data: account.pair.sign(chance(0.7) ? u8aWrapBytes(message) : u8aToU8a(message), { withType: chance(0.3) }),
  form: pick(HEX)
})

const withV27 = (sig) => sig.data.length === 65 && sig.data[64] < 2 ? { ...sig, data: concat(sig.data.subarray(0, 64), [sig.data[64] + 27]) } : sig
const TALISMAN = (account, raw) => ({ data: secp256k1Sign(chance(0.5) ? u8aWrapBytes(raw) : raw, account.eth, 'keccak'), form: pick(HEX) })

function substrateAddress (text) {
  if (/^0x[0-9a-fA-F]{40}$/.test(text)) return ethereumAddress(text)
  if (text.startsWith('0x')) return /^0x[0-9a-fA-F]{64}$/.test(text) ? 'sub:' + text.slice(2).toLowerCase() : null
  try {
    const key = decodeAddress(text)
    return key.length === 32 ? 'sub:' + hex(key) : null
  } catch { return null }
}

function substrateVerify (address, message, sigText) {
  const data = readHex0x(sigText)
  if (data === null) return false
  let found
  try { found = signatureVerify(message, data, address) } catch { return false }
  if (!found.isValid) return false
  const ecdsa = found.crypto === 'ecdsa' || found.crypto === 'ethereum'
  const type = { ed25519: 0, sr25519: 1, ecdsa: 2, ethereum: 2 }[found.crypto]
  if ((data.length === 66 || (data.length === 65 && !ecdsa)) && data[0] !== type) return stricter('type of another signature', true)
  if (ecdsa && isHighS(data.subarray(data.length === 66 ? 1 : 0))) return stricter('high s', true)
  if (found.crypto === 'ethereum' && found.publicKey.length !== 20) return stricter('keccak for a 32-byte account', true)
  return true
}

export const substrate = {
  name: 'substrate',
  aliases: ['substrate', 'sub', 'crust', 'cru', null],
  siwx: 'Polkadot',
  chainId: null,
  account (seed, number) {
    const type = ['sr25519', 'sr25519', 'ed25519', 'ecdsa', 'talisman'][number % 5]
    if (type === 'talisman') {
      const account = ethereum.account(seed)
      return { ...account, eth: { publicKey: getBytes(SigningKey.computePublicKey(seed, true)), secretKey: seed } }
    }
    const pair = keyring.createFromUri('0x' + hex(seed), {}, type)
    return { pair, address: pair.address, identity: 'sub:' + hex(pair.addressRaw) }
  },
  spelled (account) {
    if (account.eth) return ethereum.spelled(account)
    return chance(0.05) ? '0x' + hex(account.pair.addressRaw) : encodeAddress(account.pair.addressRaw, pick(PREFIXES))
  },
  token (account) {
    const address = this.spelled(account)
    // CrustFiles hands the 0x text to the extension, which takes it for 20 bytes; others do as Ethereum's wallets do
    if (account.eth) return { address, sig: chance(0.7) ? TALISMAN(account, hexToU8a(address)) : withV27(ethereumSign(account, address)) }
    return { address, sig: substrateSign(account, address) }
  },
  wrong (account, others) {
    const address = this.spelled(account)
    if (account.eth) return { address, sig: { data: secp256k1Sign(utf8(address), account.eth, 'keccak'), form: '0xhex' } }
    if (chance(0.3)) { // an Ethereum key for a 32-byte account that ends with its address: a hole of older libraries
      const eth = pick(others.filter((other) => other.eth))
      const forged = encodeAddress(concat(account.pair.addressRaw.subarray(0, 12), getBytes(eth.address)), 42)
      return { address: forged, sig: { data: secp256k1Sign(utf8(forged), eth.eth, 'keccak'), form: '0xhex' } }
    }
    const other = encodeAddress(account.pair.addressRaw, 7) // over another spelling of the same account
    return { address, sig: { data: account.pair.sign(other), form: '0xhex' } }
  },
  signText: (account, text) => substrateSign(account, text),
  addressOf: substrateAddress,
  verify (address, extra, sigText) {
    if (substrateVerify(address, address, sigText)) return true
    // with v 0 or 1 a signature of an Ethereum account is one over plain Keccak
    return address.length === 42 && !/(?<=^(0x)?[0-9a-fA-F]{128})0[01]$/.test(sigText) && ethereum.verify(address, null, sigText)
  },
  verifyText: (address, text, sigText) => substrateVerify(address, text, sigText)
}

// --- Avalanche (X and P chain) ---

const PREFIX = '\x1aAvalanche Signed Message:\n'
const size = (n) => { const out = Buffer.alloc(4); out.writeUInt32BE(n); return out }
const avalancheDigest = (text) => sha256(concat(utf8(PREFIX), size(utf8(text).length), utf8(text)))

export const avalanche = {
  name: 'avalanche',
  aliases: ['avalanche', 'ava'],
  siwx: 'Avalanche',
  chainId: null,
  account (seed) {
    const key = secp256k1.publicKeyBytesToAddress(secp256k1.getPublicKey(seed))
    return { seed, key, address: utils.formatBech32('avax', key), identity: 'ava:' + hex(key) }
  },
  spelled: (account) => chance(0.1) ? account.address.toUpperCase() : account.address,
  async token (account) {
    const address = this.spelled(account)
    return { address, sig: await this.signText(account, address) }
  },
  async wrong (account) {
    const fuji = utils.formatBech32('fuji', account.key)
    const sig = async (data, form = 'cb58') => ({ data: await data, form })
    switch (below(4)) {
      case 0: return { address: fuji, sig: await this.signText(account, fuji) }
      case 1: return { address: account.address, sig: await sig(secp256k1.sign(utf8(account.address), account.seed)) } // no prefix
      case 2: return { address: 'X' + account.address, sig: await this.signText(account, account.address) }
      default: return { address: account.address, sig: { ...await this.signText(account, account.address), form: pick(['hex', '0xhex', 'base58', 'base64']) } }
    }
  },
  signText: async (account, text) => ({ data: await once(() => secp256k1.signHash(avalancheDigest(text), account.seed), 'sign', account.address, text), form: 'cb58' }),
  addressOf (text) {
    try {
      const [hrp, key] = utils.parseBech32(text)
      return hrp === 'avax' && key.length === 20 ? 'ava:' + hex(key) : null
    } catch { return null }
  },
  verify: (address, extra, sigText) => avalanche.verifyText(address, address, sigText),
  verifyText (address, text, sigText) {
    const data = readCb58(sigText)
    if (data === null || data.length !== 65 || data[64] > 1) return false
    try {
      const signer = once(() => secp256k1.publicKeyBytesToAddress(secp256k1.recoverPublicKey(avalancheDigest(text), data)), 'recover', text, data)
      if ('ava:' + hex(signer) !== avalanche.addressOf(address)) return false
    } catch { return false }
    return isHighS(data) ? stricter('high s', true) : true
  }
}
