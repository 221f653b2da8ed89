-- Copyright 2026 the w3pin authors
-- SPDX-License-Identifier: Apache-2.0
--
-- wrk script. With W3PIN_BENCH_TARGETS (lines of "path TAB token"): GETs of these in random order. Else POST /psa/pins,
-- each with a CID of its own (raw, sha2-256, base32), from the accounts of W3PIN_BENCH_TOKENS (one token a line).
local items, alphabet = {}, "abcdefghijklmnopqrstuvwxyz234567"
local thread_count = 0

function setup(thread)
  thread:set("seed", os.time() + 7919 * thread_count)
  thread_count = thread_count + 1
end

local function pick(set)
  local at = math.random(#set)
  return set:sub(at, at)
end

local function get()
  return items[math.random(#items)]
end

local n = 0
local function post()
  n = n + 1
  local cid = { "bafkrei", pick("abcdefgh") }
  for i = 3, 52 do
    cid[i] = pick(alphabet)
  end
  cid[53] = pick("aeimquy4") -- the last character holds three bits
  local headers = { ["Authorization"] = items[n % #items + 1], ["Content-Type"] = "application/json" }
  return wrk.format("POST", "/psa/pins", headers, '{"cid":"' .. table.concat(cid) .. '","name":"bench"}')
end

function init()
  math.randomseed(seed)
  local targets = os.getenv("W3PIN_BENCH_TARGETS")
  for line in io.lines(targets or os.getenv("W3PIN_BENCH_TOKENS")) do
    local path, token = line:match("^(%S+)\t(%S+)$")
    items[#items + 1] = targets and wrk.format("GET", path, { ["Authorization"] = "Bearer " .. token }) or "Bearer " .. line
  end
  request = targets and get or post
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("result %d %d %d %d %d\n", summary.requests, summary.duration,
    errors.status + errors.read + errors.write + errors.timeout, latency:percentile(50), latency:percentile(99)))
end
