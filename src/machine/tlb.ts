import type { Access } from '../engine/model/memory.js'
import type { Cpu } from './cpu.js'
import type { FlushRange } from './flush.js'
import type { MmContext } from './mm-context.js'

/** What flushes do to the translations that CPUs may have cached. */
export interface TranslationCaches {
  /** `cpu` drops its translations of the range; with `walks` its cached upper levels too. */
  drop(m: Access, cpu: Cpu, mm: MmContext, range: FlushRange, walks: boolean): void
  /** `by` asks every CPU to drop what it may have cached of the range until now. */
  issue(m: Access, by: Cpu, mm: MmContext, range: FlushRange, walks: boolean): void
  /** All that `by` asked for has happened. */
  complete(m: Access, by: Cpu): void
}
