import type { TraceFile } from '../../trace/trace-file.js'
import type { View } from './view.js'

/** The run as the file that `mmrace replay` reads. */
export function traceText({ race, conditions, model, trace }: View): string {
  const file: TraceFile = {
    format: 'mmrace-trace',
    version: 2,
    race: race.name,
    arch: conditions.arch,
    kernel: conditions.kernel,
    revert: [...conditions.revert],
    apply: [...conditions.apply],
    with: { ...conditions.with },
    changes: [],
    sizes: conditions.sizes,
    model,
    lanes: [...trace.lanes],
    violation: trace.violation && { ...trace.violation },
    loop: trace.loop,
    schedule: trace.steps.map(({ lane, label, alternative }) => ({ lane: trace.lanes[lane]!, step: label, ...(alternative > 0 && { alternative }) })),
  }
  return `${JSON.stringify(file, undefined, 1)}\n`
}
