// States of which it is not known yet whether a run from there ends: a stack of their fingerprints, and a table to find
// a state's place on it. Last in, first out: so what is taken out of the table never lies on the way to what stays.
import { allocate, regrow } from './heap'

let stack: usize = 0
let room: u32 = 0
let table: usize = 0
/** How many there are. Places are counted from 1. */
export let unsettledCount: i32 = 0

export function unsettledReset(): void {
  if (room == 0) {
    room = 1024
    stack = allocate((<usize>room + 1) << 3)
    table = allocate(<usize>room << 3)
  } else memory.fill(table, 0, <usize>room << 3)
  unsettledCount = 0
}

/** Where the fingerprints are, in order. */
export function unsettledAt(): usize {
  return stack + 8
}

// The table has two entries of 32 bits for each place of the stack.
// @ts-ignore: decorator
@inline
function entryOf(fingerprint: u64): usize {
  const most = room * 2 - 1
  let i = <u32>(fingerprint >>> 20) & most
  while (true) {
    const place = load<u32>(table + (<usize>i << 2))
    if (place == 0 || load<u64>(stack + (<usize>place << 3)) == fingerprint) return table + (<usize>i << 2)
    i = (i + 1) & most
  }
}

/** A state's place; 0 when it is settled or was never here. */
export function placeOf(fingerprint: u64): i32 {
  return load<i32>(entryOf(fingerprint))
}

export function addUnsettled(fingerprint: u64): void {
  if (<u32>unsettledCount >= room) grow()
  const entry = entryOf(fingerprint)
  unsettledCount++
  store<u64>(stack + (<usize>unsettledCount << 3), fingerprint)
  store<i32>(entry, unsettledCount)
}

function grow(): void {
  stack = regrow(stack, (<usize>room + 1) << 3, (<usize>room * 2 + 1) << 3)
  room *= 2
  table = allocate(<usize>room << 3)
  const n = unsettledCount
  for (unsettledCount = 0; unsettledCount < n;) addUnsettled(load<u64>(stack + (<usize>(unsettledCount + 1) << 3)))
}

/** All but the first `n` are settled. */
export function settleFrom(n: i32): void {
  for (; unsettledCount > n; unsettledCount--) store<i32>(entryOf(load<u64>(stack + (<usize>unsettledCount << 3))), 0)
}
