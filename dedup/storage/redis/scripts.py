"""What Redis does itself for an index, as Lua: each script is one round trip and one transaction.

`KEYS[1]` is the prefix of all keys of the index. After it comes

===========  =======================================================================================
`head`       a hash: `meta`, `head` (JSON), `batch` (how many were added), `mark` (of the last one)
`t:N`        a list: the rows of texts 64 N, 64 N + 1, ...
`a:N`        a list: the rows of articles 64 N + 1, 64 N + 2, ...
`e`          a list: the rows of events
`s:NAME`     a named blob
`pending`    a list: postings that were added and are not in their buckets yet
`pBBB`       a hash: postings whose bucket is BBB, ids by what follows in the record
`qRECORD`    the ids of a key beyond the first 15
`lock`       the token of the one who writes
`waiting`    a list: the tokens of those who wait to write, the first one first
`wTOKEN`     is there while the one of this token waits
===========  =======================================================================================

A key of postings is a record of 9 bytes, three of its bucket and six more
(`dedup.storage.redis.buckets`). Ids are 4 bytes each, lowest first. Small hashes with short values
are what Redis holds in the fewest bytes (`hash-max-listpack-entries`, `hash-max-listpack-value`),
so no value is above 64.
"""

from __future__ import annotations

FEW = 15
"""Ids under a key that are held in its bucket; 4 bytes each are less than 64."""

ROWS_EACH = 64
"""Rows in one list."""

_COMMON = f"""
local prefix, call, sub = KEYS[1], redis.call, string.sub
local FEW, EACH = {FEW}, {ROWS_EACH}

local function row_of(kind, place)
  return call('LINDEX', prefix .. kind .. math.floor(place / EACH), place % EACH)
end

-- The ids under the record at a place, the `most` lowest, and how many there are in all.
local function held(records, at, most)
  local ids = call('HGET', prefix .. 'p' .. sub(records, at, at + 2), sub(records, at + 3, at + 8))
  if not ids then return nil, 0 end
  local total = #ids / 4
  if total == FEW then
    local rest = prefix .. 'q' .. sub(records, at, at + 8)
    total = total + call('STRLEN', rest) / 4
    if most > FEW then ids = ids .. call('GETRANGE', rest, 0, 4 * (most - FEW) - 1) end
  end
  return sub(ids, 1, 4 * most), total
end
"""

_EACH = """
local function each(slice, act)
  local size = struct.unpack('<I4', slice)
  local ids = 5 + 13 * size
  for n = 0, size - 1 do
    local at = 5 + 9 * n
    local count = struct.unpack('<I4', slice, 5 + 9 * size + 4 * n)
    local bucket, field = prefix .. 'p' .. sub(slice, at, at + 2), sub(slice, at + 3, at + 8)
    local here = sub(slice, ids, ids + 4 * count - 1)
    act(bucket, field, prefix .. 'q' .. sub(slice, at, at + 8), here, count)
    ids = ids + 4 * count
  end
end
"""

_PUT = (
    _EACH
    + """
local function put(slice)
  each(slice, function(bucket, field, rest, new, count)
    if count > FEW or call('HSETNX', bucket, field, new) == 0 then
      local old = call('HGET', bucket, field) or ''
      local room = 4 * FEW - #old
      if room > 0 then call('HSET', bucket, field, old .. sub(new, 1, room)) end
      if #new > room then call('APPEND', rest, sub(new, room + 1)) end
    end
  end)
end
"""
)

_WHOLE = """
if call('EXISTS', prefix .. 'pending') == 1 then return false end
"""

CREATE = (
    _COMMON
    + """
if call('HSETNX', prefix .. 'head', 'meta', ARGV[1]) == 1 then
  call('HSET', prefix .. 'head', 'head', ARGV[2], 'batch', '0', 'mark', '')
end
"""
)
"""ARGV: what is recorded, the first head. Makes an index where there is none."""

FIND = (
    _COMMON
    + _WHOLE
    + """
local records, most = ARGV[1], tonumber(ARGV[2])
local found, all = {}, {}
for n = 0, #records / 9 - 1 do
  local ids, total = held(records, 9 * n + 1, most)
  if ids then
    found[#found + 1] = struct.pack('<I4I4', n, total)
    all[#all + 1] = ids
  end
end
return {table.concat(found), table.concat(all)}
"""
)
"""ARGV: records, most. Returns (number of the record, total) of what is found, and the ids."""

ROWS = (
    _COMMON
    + """
local kind, places = ARGV[1], ARGV[2]
local lengths, rows = {}, {}
for n = 1, #places, 4 do
  local row = row_of(kind, struct.unpack('<I4', places, n)) or ''
  lengths[#lengths + 1] = struct.pack('<I4', #row)
  rows[#rows + 1] = row
end
return {table.concat(lengths), table.concat(rows)}
"""
)
"""ARGV: `t:` or `a:`, places. Returns the lengths of the rows, 0 for one missing, and the rows."""

NUMBERS = (
    _COMMON
    + _WHOLE
    + """
local records, keys, out = ARGV[1], ARGV[2], {}
for n = 0, #records / 9 - 1 do
  local ids, number = held(records, 9 * n + 1, 2^31) or '', -1
  for at = 1, #ids, 4 do
    local place = struct.unpack('<I4', ids, at)
    local row = row_of('t:', place) or ''
    if sub(row, 9, 24) == sub(keys, 16 * n + 1, 16 * n + 16) then number = place end
  end
  out[n + 1] = struct.pack('<i8', number)
end
return table.concat(out)
"""
)
"""ARGV: records, keys of 16 bytes. Returns the number of the text of each key, int64; or -1."""

STANDING = (
    _COMMON
    + _WHOLE
    + """
local records, out = ARGV[1], {}
for n = 0, #records / 9 - 1 do
  local ids = held(records, 9 * n + 1, 2^31) or ''
  for at = 1, #ids, 4 do
    local seq = struct.unpack('<I4', ids, at)
    local row = row_of('a:', seq - 1)
    if row and string.byte(row, 9) % 4 == 0 then -- no mark, see dedup.storage.codec
      out[#out + 1] = seq
      out[#out + 1] = row
    end
  end
end
return out
"""
)
"""ARGV: records. Returns seq and row of each article under them that has no mark."""

BUCKETS = (
    _COMMON
    + _WHOLE
    + """
local records, ids = {}, {}
for n = 1, #ARGV[1], 3 do
  local bucket = sub(ARGV[1], n, n + 2)
  local entries = call('HGETALL', prefix .. 'p' .. bucket)
  for at = 1, #entries, 2 do
    local record, value = bucket .. entries[at], entries[at + 1]
    if #value == 4 * FEW then value = value .. call('GETRANGE', prefix .. 'q' .. record, 0, -1) end
    records[#records + 1] = record .. struct.pack('<I4', #value / 4)
    ids[#ids + 1] = value
  end
end
return {table.concat(records), table.concat(ids)}
"""
)
"""ARGV: buckets. Returns (record, count of ids) of all that is in them, and the ids."""

APPEND = (
    _COMMON
    + _WHOLE
    + _PUT
    + """
local there = call('HMGET', prefix .. 'head', 'batch', 'mark')
if there[2] == ARGV[2] then return 1 end
if there[1] ~= ARGV[1] then return 0 end
call('HSET', prefix .. 'head', 'batch', ARGV[3], 'mark', ARGV[2], 'head', ARGV[4])

local at = 5
local function take()
  at = at + 1
  return ARGV[at - 1]
end

for _, kind in ipairs({'t:', 'a:'}) do
  local first = tonumber(take())
  for place = first, first + tonumber(take()) - 1 do
    call('RPUSH', prefix .. kind .. math.floor(place / EACH), take())
  end
end
for _ = 1, tonumber(take()) do
  local place = tonumber(take())
  call('LSET', prefix .. 'a:' .. math.floor(place / EACH), place % EACH, take())
end
for _ = 1, tonumber(take()) do call('RPUSH', prefix .. 'e', take()) end
for _ = 1, tonumber(take()) do
  local name = take()
  call('SET', prefix .. 's:' .. name, take())
end

local slices = tonumber(take())
for _ = 1, slices do
  if slices == 1 then put(take()) else call('RPUSH', prefix .. 'pending', take()) end
end
return 1
"""
)
"""ARGV: batches there must be, mark of this one, batches and head after it; then rows of texts and
of articles (first place, count, rows), marked articles (count, place and row), events (count,
rows), blobs (count, name and blob), postings (count, slices: see `dedup.storage.redis.buckets`).
Returns 1; 0, having done nothing, where other batches have come. With a mark that is there already
it does nothing again, so it can be sent again when a connection broke."""

EVENTS = (
    _COMMON
    + """
local cut = tonumber(call('HGET', prefix .. 'head', 'cut') or '0')
local since, most = math.max(tonumber(ARGV[1]), cut), tonumber(ARGV[2])
return {since, call('LRANGE', prefix .. 'e', since - cut, since - cut + most - 1)}
"""
)
"""ARGV: an event, how many at most. Returns the number after which the rows of events begin, and
these rows: those above that event that were not cut off."""

CUT = (
    _COMMON
    + """
local cut = tonumber(call('HGET', prefix .. 'head', 'cut') or '0')
if tonumber(ARGV[1]) > cut then
  call('LTRIM', prefix .. 'e', ARGV[1] - cut, -1)
  call('HSET', prefix .. 'head', 'cut', ARGV[1])
end
"""
)
"""ARGV: an event. Takes the rows of events up to it off the server; once more does no harm."""

CLEAR = (
    _COMMON
    + _EACH
    + _WHOLE
    + """
local there = call('HMGET', prefix .. 'head', 'batch', 'mark')
if there[2] == ARGV[2] then return 1 end
if there[1] ~= ARGV[1] then return 0 end
call('HSET', prefix .. 'head', 'batch', ARGV[3], 'mark', ARGV[2], 'head', ARGV[4])

local kind, places, sums, slice = ARGV[5], ARGV[6], ARGV[7], ARGV[8]
for n = 1, #places, 4 do
  local place = struct.unpack('<I4', places, n)
  local sum = sub(sums, 2 * n - 1, 2 * n + 6)
  call('LSET', prefix .. kind .. math.floor(place / EACH), place % EACH, sum .. ARGV[9])
end
if #slice > 0 then
  each(slice, function(bucket, field, rest, left, count)
    if count == 0 then
      call('HDEL', bucket, field)
    else
      call('HSET', bucket, field, sub(left, 1, 4 * FEW))
    end
    if count > FEW then
      call('SET', rest, sub(left, 4 * FEW + 1))
    else
      call('DEL', rest)
    end
  end)
end
return 1
"""
)
"""ARGV: batches, mark, batches and head as `APPEND` has them; `t:` or `a:`, places, the sums of the
rows there, 8 bytes each; a slice of all ids that are left under some records; what the rows hold
after their sums. Returns as `APPEND` does."""

APPLY = (
    _COMMON
    + _PUT
    + """
local slice = call('LPOP', prefix .. 'pending')
if slice then put(slice) end
return call('LLEN', prefix .. 'pending')
"""
)
"""Puts pending postings into their buckets, one slice; returns how many slices remain.

The scripts that need them do nothing and return nil as long as there are any, so that a batch that
is large is seen as a whole and yet never keeps the server from answering others for long; whoever
meets them puts them, also when the process that added them has died."""

TURN = (
    _COMMON
    + """
local own, lease, patience = ARGV[1], ARGV[2], ARGV[3]
local waiting, there = prefix .. 'waiting', false
for _, token in ipairs(call('LRANGE', waiting, 0, -1)) do
  if token == own then there = true
  elseif call('EXISTS', prefix .. 'w' .. token) == 0 then call('LREM', waiting, 0, token) end
end
if not there then call('RPUSH', waiting, own) end
call('SET', prefix .. 'w' .. own, '', 'PX', patience)
call('PEXPIRE', waiting, lease)
if call('LINDEX', waiting, 0) ~= own then return 0 end
if not call('SET', prefix .. 'lock', own, 'NX', 'PX', lease) then return 0 end
call('LPOP', waiting)
call('DEL', prefix .. 'w' .. own)
return 1
"""
)
"""ARGV: a token, milliseconds of a turn, milliseconds after which one who does not ask again waits
no more. Returns 1 when it is the turn of the token, which `lock` then holds; else it waits."""
