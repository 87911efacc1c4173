// The engine alone: `mmrace/engine`. Explores interleavings of threads over integer cells; knows nothing of Linux.
export { fn } from './model/fn.js'
export { type Access, type Cell, type CellOptions, Memory } from './model/memory.js'
export {
  acquire, addUnlessZero, atomic, Blocked, choose, clearBits, cmpxchg, context, fence, fetchAdd, load, note, type Order,
  setBits, Step, type StepOptions, type Steps, store, until, xchg,
} from './model/step.js'
export { Sequence } from './model/sequence.js'
export { Sequential, StuckError } from './model/sequential.js'
export type { Program, ThreadSpec } from './program.js'
export { InternalError, ModelError, UserError } from './errors.js'
export type { Checkpoint } from './checkpoint/checkpoint.js'
export { decode as decodeCheckpoint } from './checkpoint/decode.js'
export { encode as encodeCheckpoint } from './checkpoint/encode.js'
export { Loaded } from './learn/loaded.js'
export { check, explore, type ExploreOptions, STRATEGIES, type Strategy } from './search/explore.js'
export { replay, type Run, type TakenStep } from './search/replay.js'
export type { Bound, Choice, Found, Progress, Result, Schedule, Stats } from './search/result.js'
