import { litmusOfRun } from './litmus-of-run.js'
import { mermaid } from './mermaid.js'
import { runSvg } from './run-svg.js'
import type { Trace } from './trace.js'

/** Forms of a run that are no table: for slides, wikis and other tools. */
export const DRAWINGS = ['mermaid', 'svg', 'litmus'] as const
export type Drawing = (typeof DRAWINGS)[number]

/** A run in this form; `name` is that of its race. Throws a UserError for runs that it is no form for. */
export function drawing(form: Drawing, trace: Trace, name: string, width: number | undefined): string {
  switch (form) {
    case 'mermaid':
      return mermaid(trace)
    case 'svg':
      return runSvg(trace, name, width)
    case 'litmus':
      return litmusOfRun(trace, name)
  }
}
