// The learned automata as tables, filled from outside (learner.ts) whenever a step is met for the first time.
//
// A local state has one slot per alternative of its pending step; a single one lies in the local state's own record. A
// slot holds a code:
//   0   not learned yet
//   >0  a leaf: what the step does
//   <0  a node: read this cell and go on by its value
// So a step is a small decision tree over the cells it reads, whatever it computes.
import { allocate, leave, regrow } from './heap'

export const VALUES: i32 = 8 // children of a node that are found without hashing: values 0 .. 7

const NODE_BYTES: i32 = 4 + 4 * VALUES

// Leaf: next local state, first write, number of writes, flags, message (index of what a violation says), marks, how
// many of the writes are blind (to cells that the step has not read; they come first), and what the step adds to the
// fingerprint: by its writes, but for what blind ones overwrite, and by the thread's local state, times its key.
export const LEAF_BYTES: i32 = 48
export const BLOCKED: i32 = 1
export const VIOLATES: i32 = 2

// Local state: its slot or the first of several, alternatives (0: the thread has ended), hash.
export const LOCAL_BYTES: i32 = 16

@unmanaged
class Table {
  at: usize
  room: i32
  count: i32
  bytes: i32
  add(n: i32): i32 {
    const first = this.count
    this.count += n
    if (this.count > this.room) {
      const room = max(this.count, max(64, this.room * 2))
      this.at = regrow(this.at, first * this.bytes, room * this.bytes)
      this.room = room
    }
    return first
  }
}

function table(bytes: i32): Table {
  const made = changetype<Table>(allocate(offsetof<Table>()))
  made.bytes = bytes
  return made
}

export const locals = table(LOCAL_BYTES)
export const slots = table(4)
export const nodes = table(NODE_BYTES)
export const leaves = table(LEAF_BYTES)
export const writes = table(8)

export function tablesReset(): void {
  locals.count = slots.count = nodes.count = leaves.count = writes.count = 0
  nodes.add(1) // codes of nodes and leaves start at 1
  leaves.add(1)
  childCount = 0
  childRoom = 64
  children = allocate(<usize>childRoom * 16)
}

export function addLocal(alternatives: i32, hashHigh: u32, hashLow: u32): i32 {
  const id = locals.add(1)
  const first = alternatives > 1 ? slots.add(alternatives) : 0
  for (let i = 0; alternatives > 1 && i < alternatives; i++) store<i32>(slots.at + (<usize>(first + i) << 2), 0)
  const p = locals.at + <usize>id * LOCAL_BYTES
  store<i32>(p, first)
  store<i32>(p, alternatives, 4)
  store<u64>(p, (<u64>hashHigh << 32) | hashLow, 8)
  return id
}

export function addNode(cell: i32): i32 {
  const id = nodes.add(1)
  const p = nodes.at + <usize>id * NODE_BYTES
  memory.fill(p, 0, NODE_BYTES)
  store<i32>(p, cell)
  return id
}

export function addLeaf(
  next: i32, firstWrite: i32, writeCount: i32, flags: i32, message: i32, marks: i32, blind: i32, written: u64, moved: u64,
): i32 {
  const id = leaves.add(1)
  const p = leaves.at + <usize>id * LEAF_BYTES
  store<i32>(p, next)
  store<i32>(p, firstWrite, 4)
  store<i32>(p, writeCount, 8)
  store<i32>(p, flags, 12)
  store<i32>(p, message, 16)
  store<i32>(p, marks, 20)
  store<i32>(p, blind, 24)
  store<u64>(p, written, 32)
  store<u64>(p, moved, 40)
  return id
}

export function addWrite(cell: i32, value: i32): i32 {
  const id = writes.add(1)
  const p = writes.at + (<usize>id << 3)
  store<i32>(p, cell)
  store<i32>(p, value, 4)
  return id
}

// @ts-ignore: decorator
@inline
function slotAt(local: i32, alternative: i32): usize {
  const p = locals.at + <usize>local * LOCAL_BYTES
  return load<i32>(p, 4) > 1 ? slots.at + (<usize>(load<i32>(p) + alternative) << 2) : p
}

// @ts-ignore: decorator
@inline
export function slotCode(local: i32, alternative: i32): i32 {
  return load<i32>(slotAt(local, alternative))
}

export function setSlot(local: i32, alternative: i32, code: i32): void {
  store<i32>(slotAt(local, alternative), code)
}

export function nodeCell(node: i32): i32 {
  return load<i32>(nodes.at + <usize>node * NODE_BYTES)
}

// What a step has read, in order: each cell and its value.
let reads: usize = 0
let readsRoom: i32 = 0

/** Room for so many reads of the step that is learned next. */
export function readsAt(count: i32): usize {
  if (count > readsRoom) {
    if (reads) leave(reads, <usize>readsRoom << 3)
    readsRoom = max(64, count * 2)
    reads = allocate(<usize>readsRoom << 3)
  }
  return reads
}

// @ts-ignore: decorator
@inline
export function readCell(i: i32): i32 {
  return load<i32>(reads + (<usize>i << 3))
}

/** Adds the way to a leaf, by what was read, to the decision tree of a slot. Returns the first read that is not the tree's, or -1. */
export function addPath(local: i32, alternative: i32, count: i32, leaf: i32): i32 {
  let code = slotCode(local, alternative)
  let before = 0
  let value = 0
  for (let i = 0; i < count; i++) {
    if (code == 0) {
      code = -addNode(readCell(i))
      put(local, alternative, before, value, code)
    }
    if (code > 0 || nodeCell(-code) != readCell(i)) return i
    before = -code
    value = load<i32>(reads + (<usize>i << 3), 4)
    code = child(before, value)
  }
  put(local, alternative, before, value, leaf)
  return -1
}

/** Below a node by a value, or without one in the slot. */
function put(local: i32, alternative: i32, node: i32, value: i32, code: i32): void {
  if (node) setChild(node, value, code)
  else setSlot(local, alternative, code)
}

// Children for other values: open addressing over (node, value) -> code, 16 bytes an entry.
let children: usize = 0
let childRoom: u32 = 0
let childCount: u32 = 0

// @ts-ignore: decorator
@inline
function childAt(table: usize, room: u32, node: i32, value: i32): usize {
  let i = (<u32>node * 0x9e3779b1) ^ (<u32>value * 0x85ebca6b)
  i ^= i >>> 15
  while (true) {
    const p = table + (<usize>(i & (room - 1)) << 4)
    const n = load<i32>(p)
    if (n == 0 || (n == node && load<i32>(p, 4) == value)) return p
    i++
  }
}

// @ts-ignore: decorator
@inline
export function child(node: i32, value: i32): i32 {
  if (<u32>value < <u32>VALUES) {
    return load<i32>(nodes.at + <usize>node * NODE_BYTES + 4 + (<usize>value << 2))
  }
  return load<i32>(childAt(children, childRoom, node, value), 8)
}

export function setChild(node: i32, value: i32, code: i32): void {
  if (<u32>value < <u32>VALUES) {
    store<i32>(nodes.at + <usize>node * NODE_BYTES + 4 + (<usize>value << 2), code)
    return
  }
  if (childCount * 2 >= childRoom) growChildren()
  const p = childAt(children, childRoom, node, value)
  if (load<i32>(p) == 0) childCount++
  store<i32>(p, node)
  store<i32>(p, value, 4)
  store<i32>(p, code, 8)
}

function growChildren(): void {
  const old = children
  const n = childRoom
  childRoom = n * 2
  children = allocate(<usize>childRoom * 16)
  for (let i: u32 = 0; i < n; i++) {
    const p = old + (<usize>i << 4)
    if (load<i32>(p) == 0) continue
    memory.copy(childAt(children, childRoom, load<i32>(p), load<i32>(p, 4)), p, 16)
  }
  leave(old, <usize>n << 4)
}
