// `mmrace/check`: races checked from code, in Node and in the browser (docs/library.md).
export { checkMatrix, type Matrix, type MatrixOptions } from './check-matrix.js'
export { type Asked, checkRace, type CheckOptions, type ReportOptions, type Verdict } from './check-race.js'
export type { Cell } from '../race/cell.js'
export type { Trace, TraceStep } from '../trace/trace.js'
export type { Progress, Stats } from '../engine/search/result.js'
export { kernelNames } from '../machine/kernels.js'
export { profileNames } from '../machine/profiles/index.js'
export { ModelError, UserError } from '../engine/errors.js'
