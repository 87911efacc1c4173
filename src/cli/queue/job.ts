import type { CellDone, CellJob, Covered } from '../matrix/cell-job.js'

/** What a job of the queue says. */
export interface QueueJob {
  readonly model: string
  readonly job: CellJob
}

/** Why there is no verdict: to be told, and turned into an exit status. */
export interface Failure {
  readonly code: number
  readonly text: string
}

/** A result as text, for the queue. */
export const written = ({ covered, ...done }: CellDone): string => JSON.stringify({
  ...done, ...(covered && { covered: { ...covered, entered: covered.entered.map(([file, arms]) => [file, Buffer.from(arms).toString('base64')]) } }),
})

export function read(text: string): CellDone {
  const { covered, ...done } = JSON.parse(text) as Omit<CellDone, 'covered'> & { covered?: Omit<Covered, 'entered'> & { entered: [string, string][] } }
  return { ...done, ...(covered && { covered: { ...covered, entered: covered.entered.map(([file, arms]) => [file, Uint8Array.from(Buffer.from(arms, 'base64'))] as const) } }) }
}

/** Cells by number within a run. BullMQ has no colons in names of jobs. */
export const idOf = (run: string, number: number): string => `${run}-${number}`
