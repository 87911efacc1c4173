// The search core of the engine, compiled to WebAssembly: knows tables of steps and words of state, nothing else.
import { keep } from './exact'
import { fingerprint, moveShare, reorder, take, writeShare } from './state'
import * as tables from './tables'
import { known, NEW, setMask, visit, visitedCount } from './visited'
import { transitions } from './search'
import { futureRows, growFuture, leafRows, markRead, markWrite, merge, ownRows, row } from './footprints'

export { heapTop } from './heap'
export { keptAt } from './exact'
export { addCopied, buffer, bufferEntries, bytesOfMask, copyPart, partCount } from './copied'
export { grow, visitedAt, visitedJoin, visitedReset } from './visited'
export { addLocal, addPath, readsAt, tablesReset } from './tables'
export { alternatives, leafOf, localOf, moveAside, moveBack, setKey, setEndless, setPeers, settle, stateReset, stepAside, unlearned, words } from './state'
export { footprintsReset, relyOn } from './footprints'
export { wander, wanderFrom } from './wander'
export { blocked as isBlocked, choices, setLoopAhead, setSticky, setStickyCounts } from './reduction'
export { enterForTraps, findTrap, inTrap, trapAlternative, trapDepth, trapsReset, trapSteppers, trapThread } from './traps'
export { openAlternative, openBefore, openCount, openMovedTo, openOnly, openSleep, openThread, openWaits, openWordsAt } from './open'
export {
  atRest, begin, beginWith, depth, endsAt, endSoon, eventAlternative, eventLeaf, eventOpen, eventThread, finalCount, follow, giveAway, marks, maxDepth,
  restoreCounts, restoreOpen, search, searchReset, seen, truncated,
} from './search'

/** What the writes of the leaf that comes next add to the fingerprint. */
let written: u64 = 0

/** Adds a write to the leaf that comes next; a blind one overwrites what its step has not read. */
export function addWrite(cell: i32, value: i32, blind: bool, old: i32): i32 {
  written += writeShare(cell, value, blind, old)
  return tables.addWrite(cell, value)
}

export function addLeaf(local: i32, next: i32, firstWrite: i32, writeCount: i32, flags: i32, message: i32, marks: i32, blind: i32): i32 {
  const id = tables.addLeaf(next, firstWrite, writeCount, flags, message, marks, blind, written, moveShare(local, next))
  written = 0
  return id
}

/** Takes the step of a thread that can be taken. */
export function advance(thread: i32, leaf: i32): void {
  take(thread, leaf)
}

/** The same where interchangeable threads are kept in order. */
export function advanceInOrder(thread: i32, leaf: i32): void {
  take(thread, leaf)
  reorder(thread, 0)
}

/** Adds the current state to the visited ones. */
export function visitNow(): bool {
  return visit(fingerprint) == NEW
}

/** Adds the current state to those kept in full. */
export function keepNow(): void {
  visit(fingerprint)
  setMask(keep())
}

/** Whether the current state was visited. */
export function isVisited(): bool {
  return known(fingerprint)
}

export function fingerprintHigh(): i32 {
  return <i32>(fingerprint >>> 32)
}

export function fingerprintLow(): i32 {
  return <i32>fingerprint
}

export function states(): f64 {
  return <f64>visitedCount
}

export function steps(): f64 {
  return <f64>transitions
}

/** The leaf's footprint is what was read, of which there are so many at `readsAt`. */
export function leafReads(leaf: i32, count: i32): void {
  const row = leafRows.of(leaf)
  for (let i = 0; i < count; i++) markRead(row, tables.readCell(i))
}

export function leafWrites(leaf: i32, cell: i32): void {
  markWrite(leafRows.of(leaf), cell)
}

/** Where the row of what can be touched from a local state on is; `rowBytes` long. */
export function futureAt(local: i32): usize {
  return futureRows.of(local)
}

export function rowBytes(): i32 {
  return row << 4
}

/** Adds a leaf's footprint to its local state's own. Returns whether it grew. */
export function ownGrows(local: i32, leaf: i32): bool {
  return merge(ownRows.of(local), leafRows.of(leaf))
}

/** Adds a local state's own footprint, or a successor's future, to its future: SAME, GREW, or BROKEN when a decision relied on less. */
export function futureGrows(local: i32, successor: i32): i32 {
  return growFuture(local, successor < 0 ? ownRows.of(local) : futureRows.of(successor))
}
