import { sharedWasmBase64, wasmBase64 } from './wasm.generated.js'

/** Events at which the depth-first search of the core returns; the numbers are those of assembly/search.ts. */
export const Event = {
  done: 0, budget: 1, violation: 2, finalViolation: 3, deadlock: 4, states: 5, memory: 6, growth: 7, collision: 8, trap: 9, fair: 10,
} as const

/** What `futureGrows` says; the numbers are those of assembly/footprints.ts. */
export const Growth = { none: 0, grew: 1, broken: 2 } as const

/** What the compiled core exports (assembly/index.ts documents each). */
export interface Core {
  readonly memory: WebAssembly.Memory
  heapTop(): number
  tablesReset(): void
  visitedReset(maskBits: number): void
  visitedAt(): number
  visitedJoin(at: number, maskBits: number): void
  grow(): void
  partCount(): number
  buffer(): number
  bufferEntries(): number
  bytesOfMask(): number
  copyPart(part: number): number
  addCopied(n: number): void
  keptAt(state: number): number
  stepAside(): void
  moveAside(): void
  moveBack(): void
  follow(thread: number, leaf: number, sleep: number): number
  isVisited(): boolean
  keepNow(): void
  stateReset(cells: number, threads: number): void
  footprintsReset(cells: number): void
  searchReset(
    persistentSets: boolean, sleepSets: boolean, symmetry: boolean, exact: boolean,
    maxDepth: number, maxStates: number, maxBytes: number, final: number,
  ): void
  setKey(word: number, high: number, low: number): void
  setPeers(thread: number, previous: number, next: number): void
  settle(): void
  addLocal(alternatives: number, hashHigh: number, hashLow: number): number
  readsAt(count: number): number
  addPath(local: number, alternative: number, count: number, leaf: number): number
  addLeaf(
    local: number, next: number, firstWrite: number, writes: number, flags: number, message: number, marks: number, blind: number,
  ): number
  addWrite(cell: number, value: number, blind: boolean, old: number): number
  leafReads(leaf: number, count: number): void
  leafWrites(leaf: number, cell: number): void
  futureAt(local: number): number
  rowBytes(): number
  ownGrows(local: number, leaf: number): boolean
  futureGrows(local: number, successor: number): number
  relyOn(local: number): void
  endSoon(): void
  endsAt(): number
  setSticky(local: number): void
  setLoopAhead(local: number): void
  setStickyCounts(on: boolean): void
  trapsReset(persistentSets: boolean, maxStates: number, maxBytes: number): void
  enterForTraps(): void
  findTrap(budget: number): number
  trapThread(depth: number): number
  trapAlternative(depth: number): number
  trapSteppers(): number
  inTrap(): boolean
  setEndless(threads: number): void
  /** Not 0: yes. */
  atRest(): number
  alternatives(local: number): number
  choices(reduced: boolean): number
  isBlocked(leaf: number): boolean
  leafOf(local: number, alternative: number): number
  localOf(thread: number): number
  wander(most: number): boolean
  wanderFrom(seed: number): void
  advance(thread: number, leaf: number): void
  advanceInOrder(thread: number, leaf: number): void
  visitNow(): boolean
  fingerprintHigh(): number
  fingerprintLow(): number
  begin(): void
  beginWith(only: number, sleep: number, before: number): void
  search(budget: number): number
  openBefore(record: number): number
  openThread(record: number): number
  openAlternative(record: number): number
  openMovedTo(record: number): number
  openOnly(record: number): number
  openSleep(record: number): number
  openWordsAt(record: number): number
  openWaits(record: number): boolean
  giveAway(): number
  restoreOpen(before: number, thread: number, alternative: number, sleep: number, only: number, entered: boolean): void
  restoreCounts(steps: number, ends: number, deepest: number, cut: boolean, marks: number, seen: number, endsAt: number): void
  finalCount(): number
  states(): number
  steps(): number
  readonly words: WebAssembly.Global<'i32'>
  readonly openCount: WebAssembly.Global<'i32'>
  readonly depth: WebAssembly.Global<'i32'>
  readonly trapDepth: WebAssembly.Global<'i32'>
  readonly maxDepth: WebAssembly.Global<'i32'>
  readonly marks: WebAssembly.Global<'i32'>
  readonly seen: WebAssembly.Global<'i32'>
  readonly unlearned: WebAssembly.Global<'i32'>
  readonly truncated: WebAssembly.Global<'i32'>
  readonly eventOpen: WebAssembly.Global<'i32'>
  readonly eventThread: WebAssembly.Global<'i32'>
  readonly eventLeaf: WebAssembly.Global<'i32'>
  readonly eventAlternative: WebAssembly.Global<'i32'>
}

const compiled = new Map<string, WebAssembly.Module>()

const compile = (base64: string): WebAssembly.Module => {
  const module = compiled.get(base64) ?? new WebAssembly.Module(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)))
  compiled.set(base64, module)
  return module
}

/** Memory for cores that search together, one in each worker. */
export const sharedMemory = (): WebAssembly.Memory => new WebAssembly.Memory({ initial: 16, maximum: 65_536, shared: true })

/** The core's memory. Good until it grows. */
export function bufferOf({ memory, heapTop }: Core): ArrayBufferLike {
  // Where another worker has made it grow, only this makes `buffer` as long as it is.
  if (memory.buffer.byteLength < heapTop() >>> 0) memory.grow(0)
  return memory.buffer
}

/**
 * A fresh core. `learn` is called when a step is met for the first time; it fills the tables up to a leaf. With
 * `memory` from `sharedMemory` the core can search together with others in it.
 */
export function instantiate(learn: (local: number, alternative: number) => void, memory?: WebAssembly.Memory): Core {
  const module = compile(memory ? sharedWasmBase64 : wasmBase64)
  const { exports } = new WebAssembly.Instance(module, { engine: { learn }, ...(memory && { env: { memory } }) })
  return { ...exports, memory: memory ?? exports['memory'] } as unknown as Core
}
